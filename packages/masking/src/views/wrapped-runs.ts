import { blobRunEnd, nextBlobRun } from '../scan/blob-runs.ts';
import { createOffsetMap, type DecodedUnits } from './offset-map.ts';
import { mayHoldBlobIn } from './text-blobs.ts';
import type { TextView } from './text-view.ts';

/** Widths at which encoders break lines: 60 to 76 as a rule. */
const minWidth = 56;
const maxWidth = 128;
const lineBreak = /\r?\n[ \t]{0,32}/y;

interface WrappedRun {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Base64 in lines of one width, as `base64`, mail and YAML blocks have it, each as one line. Reads a line once. */
export function readWrappedRuns(text: string): readonly TextView[] {
  if (!text.includes('\n')) return [];
  const views: TextView[] = [];
  for (let at = nextBlobRun(text, 0, text.length); at >= 0;) {
    const end = blobRunEnd(text, at, text.length);
    const isFirst = isWidth(end - at) && mayHoldBlobIn(text, at, end);
    const run = isFirst ? readRun(text, at, end) : { starts: [at], ends: [end] };
    if (run.starts.length > 1) views.push(toView(text, run));
    at = nextBlobRun(text, run.ends.at(-1) ?? end, text.length);
  }
  return views;
}

function isWidth(length: number): boolean {
  return length >= minWidth && length <= maxWidth && length % 4 === 0;
}

/** All lines but the last are as wide as the first, and begin in its column. */
function readRun(text: string, start: number, end: number): WrappedRun {
  const width = end - start;
  const starts = [start];
  const ends = [end];
  const gap = lineBreakAt(text, end);
  if (gap === '') return { starts, ends };
  for (let last = end; text.startsWith(gap, last);) {
    const from = last + gap.length;
    last = blobRunEnd(text, from, Math.min(text.length, from + width + 1));
    if (last === from || last - from > width) break;
    starts.push(from);
    ends.push(last);
    if (last - from < width) break;
  }
  return { starts, ends };
}

function lineBreakAt(text: string, at: number): string {
  lineBreak.lastIndex = at;
  return lineBreak.exec(text)?.[0] ?? '';
}

function toView(text: string, { starts, ends }: WrappedRun): TextView {
  const first = starts[0] ?? 0;
  const lines = starts.map((start, line) => text.slice(start, ends[line]));
  const width = lines[0]?.length ?? 0;
  const joints = lines.slice(1).map((_, line) => (line + 1) * width);
  const units: DecodedUnits = { viewFrom: joints, viewTo: joints, from: ends.slice(0, -1), to: starts.slice(1) };
  return { text: lines.join(''), map: createOffsetMap(units, first) };
}
