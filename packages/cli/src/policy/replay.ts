/** What policies would have said to recorded calls. */
import { decide, targetOf, type PolicyObject } from '@tachograph/policy';
import {
  isJsonObject,
  mcpTarget,
  objectNames,
  parseExactJson,
  parseRecord,
  toPolicyCaller,
  type Decision,
  type PolicyCall,
  type Principal,
  type SessionManifest,
  type StoredRecord,
} from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { listSessions } from '../archive/list-sessions.ts';
import { nodeGunzip } from '../archive/node-gunzip.ts';
import { compileFileBundle, type FileBundle } from './file-bundle.ts';

/** What was said, and by which rule. */
export type ReplaySide = Pick<Decision, 'verdict' | 'rule' | 'policy'>;

/** One recorded call whose verdict would be another. */
export interface ReplayDifference {
  readonly time: string;
  readonly session: string;
  readonly stream: string;
  readonly seq: number;
  readonly workload: string;
  readonly subject: string;
  readonly method: string;
  readonly target: string;
  readonly before: ReplaySide;
  readonly after: ReplaySide;
  /** Masking hid values of the message: a condition or guard may judge otherwise in the sidecar. */
  readonly masked: boolean;
}

export interface Replay {
  readonly sessions: number;
  readonly calls: number;
  readonly differences: readonly ReplayDifference[];
  /** Calls whose recorded arguments masking had changed. */
  readonly masked: number;
  /** Calls whose body is sealed, not in the directory or cannot be read; they are not judged. */
  readonly unread: number;
}

const maxSegmentBytes = 256 * 1024 * 1024;

interface Tally {
  calls: number;
  masked: number;
  unread: number;
  readonly differences: ReplayDifference[];
}

/** Judges every recorded request and notification of the callers anew, session by session. */
export async function replaySessions(
  store: ObjectStore,
  objects: readonly PolicyObject[],
  only: { readonly session?: string },
): Promise<Replay> {
  const found = await listSessions(store, {});
  const manifests = found
    .map(({ manifest }) => manifest)
    .filter(({ session }) => session === (only.session ?? session));
  const bundles = new Map<string, Promise<FileBundle>>();
  const tally: Tally = { calls: 0, masked: 0, unread: 0, differences: [] };
  for (const manifest of manifests) {
    const { cluster, namespace, workload } = manifest;
    const key = `${cluster}/${namespace}/${workload}`;
    const compiled = bundles.get(key) ?? compileFileBundle(objects, { cluster, namespace, workload });
    bundles.set(key, compiled);
    await replaySession(store, { manifest, compiled: await compiled, tally });
  }
  return { sessions: manifests.length, ...tally };
}

interface Replaying {
  readonly manifest: SessionManifest;
  readonly compiled: FileBundle;
  readonly tally: Tally;
}

async function replaySession(store: ObjectStore, replaying: Replaying): Promise<void> {
  const { manifest, tally } = replaying;
  for (const { object } of manifest.segments) {
    const packed = await store.get(object);
    if (packed === undefined) continue;
    const { bytes } = await nodeGunzip(packed, maxSegmentBytes);
    for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
      const record = parseRecord(line);
      if (record === undefined || record.session !== manifest.session || !isCall(record)) continue;
      tally.calls += 1;
      await replayRecord(store, replaying, record);
    }
  }
}

function isCall({ kind, dir, decision }: StoredRecord): boolean {
  return (kind === 'mcp.request' || kind === 'mcp.notification') && dir === 'c2s' && decision !== undefined;
}

async function replayRecord(
  store: ObjectStore,
  { manifest, compiled, tally }: Replaying,
  record: StoredRecord,
): Promise<void> {
  const params = await paramsOf(store, record);
  if (params === undefined) {
    tally.unread += 1;
    return;
  }
  const masked = (record.mask?.hits ?? 0) > 0;
  if (masked) tally.masked += 1;
  const call = toCall(record, params);
  const guards = call.tool === undefined ? [] : await compiled.findingsOf(call.tool, params['arguments']);
  const after = decide(compiled.bundle, { ...call, guards });
  if (after.verdict === record.decision?.verdict) return;
  tally.differences.push({
    time: record.time,
    session: manifest.session,
    stream: record.stream,
    seq: record.seq,
    workload: `${manifest.namespace}/${manifest.workload}`,
    subject: call.subject,
    method: call.method,
    target: targetOf(call),
    before: toSide(record.decision),
    after: toSide(after),
    masked,
  });
}

function toSide({ verdict, rule, policy }: Partial<ReplaySide> = {}): ReplaySide {
  return {
    verdict: verdict ?? 'allow',
    ...(rule === undefined ? {} : { rule }),
    ...(policy === undefined ? {} : { policy }),
  };
}

/** `params` of the recorded message; `undefined` where it cannot be read. */
async function paramsOf(
  store: ObjectStore,
  { body, blob, stream, time }: StoredRecord,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const stored =
    blob === undefined ? undefined : await store.get(objectNames.blob(time.slice(0, 10), stream, blob.sha256));
  const text = body ?? (stored === undefined ? undefined : Buffer.from(stored).toString('utf8'));
  try {
    const message = text === undefined ? undefined : parseExactJson(text);
    if (!isJsonObject(message)) return undefined;
    return isJsonObject(message['params']) ? message['params'] : {};
  } catch {
    return undefined;
  }
}

const nobody: Principal = { iss: '', sub: 'anonymous', type: 'anonymous' };

function toCall(
  { principal = nobody, mcp_method_name: method = '', time }: StoredRecord,
  params: Readonly<Record<string, unknown>>,
): PolicyCall {
  return {
    method,
    ...mcpTarget(method, params),
    ...toPolicyCaller(principal),
    readArguments: () => params['arguments'],
    timeMs: Date.parse(time),
  };
}
