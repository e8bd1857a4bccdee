import { randomUUIDv7 } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, type Clock, type Logger, type Metrics } from '@tachograph/service';
import type { RecordDraft } from '@tachograph/protocol';
import { ControllerClient, type ControllerClientOptions } from '../controller-client/controller-client.ts';
import { Backlog } from './backlog.ts';
import { BlobStore } from './blob-store.ts';
import { Delivery, isEmptied } from './delivery.ts';
import { writeDurably } from './durable-file.ts';
import { Quota } from './quota.ts';
import type { RecoveredStream } from './recovered-stream.ts';
import { dropOrphanBlobs, recoverSpool } from './recovery.ts';
import { toResumeDrafts } from './resume-drafts.ts';
import type { Recorder, RefusalCounter } from './recorder.ts';
import { SessionKeys } from './session-keys.ts';
import type { RecorderSettings } from './settings.ts';
import { nodeSpoolFs, type SpoolFs } from './spool-fs.ts';
import { blobsDir, keysDir, resumedFile } from './spool-layout.ts';
import { StreamAssembly, type SpoolParts, type StreamDir } from './stream-assembly.ts';
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
  /** Jitter, 0 to 1. */
  readonly random?: () => number;
}

/** A recorder with its life. */
export interface RunningRecorder {
  readonly recorder: Recorder;
  readonly refusals: RefusalCounter;
  /** Signed statements from the controller: the workload's bundle and the accepted issuers. `undefined` with `TACHO_CONTROLLER=off`. */
  readonly statements: Statements | undefined;
  /** The pod is being deleted: from now on seals and ships every second. */
  terminating(): void;
  /** Closes the sessions and the stream, seals, and ships what arrives within 2 s; the rest stays in the spool. Never rejects. */
  close(): Promise<void>;
}

export type Statements = Pick<
  ControllerClient,
  'bundle' | 'jwks' | 'approvals' | 'sendAlert' | 'reportTools' | 'login' | 'reviewToken'
>;

const closeDeadlineMs = 2000;
const tickMs = 1000;

/**
 * Recovers what earlier starts left, opens a new stream and records how they ended. Rejects with a `RecorderError` or
 * Node's errors when nothing can be recorded: the process must not serve then.
 */
export async function createRecorder(options: RecorderOptions): Promise<RunningRecorder> {
  const {
    settings,
    about,
    log,
    clock,
    metrics,
    timers = systemTimers,
    fs = nodeSpoolFs,
    random = Math.random,
  } = options;
  await mkdir(blobsDir(settings.spoolDir), { recursive: true, mode: 0o700 });
  const controller = startController({ settings, log, clock, timers, random });
  const old = await recoverSpool(settings.spoolDir, log);
  const spool = createSpoolParts({ settings, log, clock, metrics, timers, fs });
  await adopt(spool, old);
  const at = await createStreamDir(settings.spoolDir);
  const delivery = controller === undefined ? undefined : new Delivery({ ...spool, random, port: controller });
  const assembly = new StreamAssembly({ ...spool, onSealed: (segment) => delivery?.shipper.add(segment) }, at);
  await assembly.recorder.appendOwn(openDraft({ settings, about, key: assembly.key, previous: old.at(-1) }));
  await resume(assembly.recorder, old);
  delivery?.start(assembly, old);
  const stopTicking = timers.every(tickMs, () => {
    assembly.tick();
    delivery?.tick();
  });
  return {
    recorder: assembly.recorder,
    refusals: assembly.refusals,
    statements: controller,
    terminating: () => void (assembly.life.terminating = true),
    close: async () => {
      stopTicking();
      await closeStream({ assembly, delivery, log, timers });
      controller?.stop();
      closeSync(at.dirFd);
    },
  };
}

function startController(
  options: Omit<ControllerClientOptions, 'settings' | 'spoolDir' | 'workload'> & { settings: RecorderSettings },
): ControllerClient | undefined {
  const { settings } = options;
  if (settings.controller === undefined) return undefined;
  const { spoolDir, workload, controller } = settings;
  const client = new ControllerClient({ ...options, settings: controller, spoolDir, workload });
  client.start();
  return client;
}

type SharedParts = Omit<SpoolParts, 'onSealed'>;

function createSpoolParts(options: Omit<SharedParts, 'quota' | 'blobs' | 'keys' | 'backlog'>): SharedParts {
  const { spoolDir, durability, quotaBytes, sealsBodies } = options.settings;
  const quota = new Quota(quotaBytes);
  const blobs = new BlobStore(blobsDir(spoolDir), durability, quota);
  const keys = sealsBodies || existsSync(keysDir(spoolDir)) ? new SessionKeys(keysDir(spoolDir)) : undefined;
  return { ...options, quota, blobs, keys, backlog: new Backlog() };
}

/** Counts what earlier starts left, and removes blobs that none of their segments names. */
async function adopt({ quota, backlog, blobs, settings }: SharedParts, old: readonly RecoveredStream[]): Promise<void> {
  for (const segment of old.flatMap((stream) => stream.sealed)) {
    quota.add(segment.spoolBytes);
    backlog.add(segment);
    for (const blob of segment.blobs) blobs.adopt(blob);
  }
  await dropOrphanBlobs(settings.spoolDir, blobs.names);
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
      previous:
        previous === undefined ? null : { stream: previous.stream, key_id: previous.facts.keyId, ...previous.end },
    },
  };
}

interface Closing {
  readonly assembly: StreamAssembly;
  readonly delivery: Delivery | undefined;
  readonly log: Logger;
  readonly timers: Timers;
}

/** Never rejects: what cannot be written or shipped in time is found by the next start. */
async function closeStream({ assembly, delivery, log, timers }: Closing): Promise<void> {
  assembly.recorder.stop();
  assembly.life.terminating = true;
  const deadline = new Promise<void>((resolve) => void timers.after(closeDeadlineMs, resolve));
  const finished = finishStream(assembly, delivery).catch((error: unknown) => {
    log.error('stream not closed', { err: describeError(error) });
  });
  await Promise.race([finished, deadline]);
  await delivery?.stop();
  assembly.waiters.end();
}

async function finishStream({ recorder, life, writer, sealer }: StreamAssembly, delivery?: Delivery): Promise<void> {
  await life.finish();
  await recorder.appendOwn({ kind: 'stream.close' });
  await writer.flush();
  writer.rotate();
  await sealer.idle();
  await delivery?.finish();
}
