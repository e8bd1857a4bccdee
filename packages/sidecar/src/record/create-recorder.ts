import { randomUUIDv7 } from 'node:crypto';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, type Clock, type Logger, type Metrics } from '@tachograph/service';
import type { RecordDraft } from '@tachograph/protocol';
import { Backlog } from './backlog.ts';
import { BlobStore } from './blob-store.ts';
import { writeDurably } from './durable-file.ts';
import { Quota } from './quota.ts';
import type { RecoveredStream } from './recovered-stream.ts';
import { dropOrphanBlobs, recoverSpool } from './recovery.ts';
import { toResumeDrafts } from './resume-drafts.ts';
import type { Recorder, RefusalCounter } from './recorder.ts';
import type { RecorderSettings } from './settings.ts';
import { nodeSpoolFs, type SpoolFs } from './spool-fs.ts';
import { blobsDir, resumedFile } from './spool-layout.ts';
import { StreamAssembly, type StreamDir } from './stream-assembly.ts';
import type { StreamKey } from './stream-key.ts';
import type { StreamRecorder } from './stream-recorder.ts';
import { systemTimers, type Timers } from './timers.ts';

/** What runs, for `stream.open`. */
export interface About {
  readonly version: string;
  readonly image?: string;
  /** SHA-256 of the effective settings, hex. */
  readonly settingsDigest: string;
  /** Steps switched off (`TACHO_OFF`). */
  readonly stepsOff: readonly string[];
}

export interface RecorderOptions {
  readonly settings: RecorderSettings;
  readonly about: About;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly timers?: Timers;
  readonly fs?: SpoolFs;
}

/** A recorder with its life. */
export interface RunningRecorder {
  readonly recorder: Recorder;
  readonly refusals: RefusalCounter;
  /** Closes the sessions and the stream, seals, and ships what arrives within 2 s; the rest stays in the spool. Never rejects. */
  close(): Promise<void>;
}

const closeDeadlineMs = 2000;

/**
 * Recovers what earlier starts left, opens a new stream and records how they ended. Rejects with a `RecorderError` or
 * Node's errors when nothing can be recorded: the process must not serve then.
 */
export async function createRecorder(options: RecorderOptions): Promise<RunningRecorder> {
  const { settings, about, log, clock, metrics, timers = systemTimers, fs = nodeSpoolFs } = options;
  await mkdir(blobsDir(settings.spoolDir), { recursive: true, mode: 0o700 });
  const old = await recoverSpool(settings.spoolDir, log);
  const quota = new Quota(settings.quotaBytes);
  const blobs = new BlobStore(blobsDir(settings.spoolDir), settings.durability, quota);
  const backlog = new Backlog();
  for (const segment of old.flatMap((stream) => stream.sealed)) {
    quota.add(segment.bytes);
    backlog.add(segment);
    for (const blob of segment.blobs) blobs.adopt(blob);
  }
  await dropOrphanBlobs(settings.spoolDir, blobs.names);
  const spool = { settings, log, clock, metrics, timers, fs, quota, blobs, backlog, onSealed: () => undefined };
  const at = await createStreamDir(settings.spoolDir);
  const assembly = new StreamAssembly(spool, at);
  await assembly.recorder.appendOwn(openDraft({ settings, about, key: assembly.key, previous: old.at(-1) }));
  await resume(assembly.recorder, old);
  const stopTicking = timers.every(1000, () => assembly.life.tick());
  return {
    recorder: assembly.recorder,
    refusals: assembly.refusals,
    close: async () => {
      stopTicking();
      await closeStream(assembly, log, timers);
      closeSync(at.dirFd);
    },
  };
}

/** Records how each earlier stream ended, once, and removes those that are archived to the end. */
async function resume(recorder: StreamRecorder, old: readonly RecoveredStream[]): Promise<void> {
  for (const stream of old) {
    if (!stream.closed && !stream.resumed) {
      await Promise.all(toResumeDrafts(stream).map((draft) => recorder.appendOwn(draft)));
      await writeDurably(resumedFile(stream.dir), recorder.stream);
    }
    if (isEmptied(stream.dir)) await rm(stream.dir, { recursive: true });
  }
}

/** Nothing is left to ship. */
function isEmptied(dir: string): boolean {
  return !readdirSync(dir).some((file) => file.includes('.jsonl'));
}

async function createStreamDir(spoolDir: string): Promise<StreamDir> {
  const stream = randomUUIDv7();
  const dir = join(spoolDir, stream);
  await mkdir(dir, { mode: 0o700 });
  return { stream, dir, dirFd: openSync(dir, 'r') };
}

interface OpenFacts {
  readonly settings: RecorderSettings;
  readonly about: About;
  readonly key: StreamKey;
  readonly previous: RecoveredStream | undefined;
}

function openDraft({ settings, about, key, previous }: OpenFacts): RecordDraft {
  const { cluster, namespace, workload, pod, podUid } = settings.workload;
  return {
    kind: 'stream.open',
    detail: {
      cluster,
      namespace,
      workload,
      pod,
      pod_uid: podUid,
      version: about.version,
      image: about.image,
      settings_digest: about.settingsDigest,
      durability: settings.durability,
      steps_off: about.stepsOff,
      key_id: key.keyId,
      public_key: key.publicKey,
      previous: previous === undefined ? null : { stream: previous.stream, ...previous.end },
    },
  };
}

/** Never rejects: what cannot be written now is found by the next start. */
async function closeStream(assembly: StreamAssembly, log: Logger, timers: Timers): Promise<void> {
  const { recorder, life, writer, sealer } = assembly;
  recorder.stop();
  life.terminating = true;
  try {
    await life.finish();
    await recorder.appendOwn({ kind: 'stream.close' });
    await writer.flush();
    writer.rotate();
    const deadline = new Promise<void>((resolve) => void timers.after(closeDeadlineMs, resolve));
    await Promise.race([sealer.idle(), deadline]);
  } catch (error) {
    log.error('stream not closed', { err: describeError(error) });
  }
  assembly.waiters.end();
}
