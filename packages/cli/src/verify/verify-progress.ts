import type { Progress } from '@tachograph/archive';
import type { CliContext } from '../cli-context.ts';
import { createProgressBar } from '../progress-bar.ts';

/** Shows how far a verification is: a bar on a terminal; lines where they were asked for. */
export interface VerifyProgress {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
}

const lineEveryMs = 2000;

/** `lines`: a line every two seconds, and one for every phase, on stderr. */
export function createVerifyProgress(context: CliContext, lines: boolean): VerifyProgress {
  if (!lines) {
    const bar = createProgressBar(context);
    return { show: ({ phase, done, total }) => bar.update(done, total, phase), stop: () => bar.stop() };
  }
  let phase = '';
  let phaseMs = 0;
  let shownMs = 0;
  return {
    show(progress) {
      const nowMs = context.nowMs();
      if (progress.phase === phase && nowMs - shownMs < lineEveryMs) return;
      if (progress.phase !== phase) phaseMs = nowMs;
      phase = progress.phase;
      shownMs = nowMs;
      context.err(`verify: ${progressText(progress, nowMs - phaseMs)}\n`);
    },
    stop: () => undefined,
  };
}

function progressText({ phase, done, total, recordBytes }: Progress, forMs: number): string {
  const of = total > 0 ? `${done} of ${total}` : `${done}`;
  if (recordBytes === undefined) return `${phase} ${of}`;
  const rate = forMs > 0 ? `, ${(recordBytes / 1000 / forMs).toFixed(0)} MB/s` : '';
  return `${phase} ${of}, ${(recordBytes / 1e6).toFixed(0)} MB of records${rate}`;
}
