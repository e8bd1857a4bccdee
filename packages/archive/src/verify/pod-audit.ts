/** `tacho verify --pods`: what the API server says of pods, against what the log says of pods and streams. */
import { containers, labels } from '@tachograph/protocol';
import { fieldsOf, parseJsonFields } from '../json-object.ts';
import type { LogIndex, PodLog } from './log-index.ts';
import { report, type Verification } from './verification.ts';

/** A pod by the audit log. Times: RFC 3339, of the API server's answer. */
export interface AuditedPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** `tachograph.dev/mcp-server: "true"`. */
  readonly labelled: boolean;
  /** With the sidecar among its containers. */
  readonly injected: boolean;
  readonly createdAt: string | undefined;
  readonly deletedAt: string | undefined;
}

/** What an audit log tells. `from`, `to`: the times of its first and last event; what lies outside it cannot say. */
export interface PodAudit {
  readonly pods: ReadonlyMap<string, AuditedPod>;
  readonly from: string;
  readonly to: string;
  readonly events: number;
  /** Lines that are no event, 1-based, the first few. */
  readonly badLines: readonly number[];
  /** Creations that name no pod: the audit policy must log responses (`level: RequestResponse`). */
  readonly withoutObject: number;
}

/** Reads audit events line by line. */
export interface PodAuditReader {
  take(line: string): void;
  finish(): PodAudit;
}

/** A pod may take this long from creation to its first record. */
const startGraceMs = 10 * 60_000;
/** Clocks of API server and controller differ. */
const skewMs = 5 * 60_000;
const keptBadLines = 10;

interface Draft {
  readonly pods: Map<string, AuditedPod>;
  from: string;
  to: string;
  events: number;
  lines: number;
  readonly badLines: number[];
  withoutObject: number;
}

/** Reads `audit.k8s.io/v1` events, one JSON object a line. */
export function createPodAuditReader(): PodAuditReader {
  const draft: Draft = { pods: new Map(), from: '', to: '', events: 0, lines: 0, badLines: [], withoutObject: 0 };
  return {
    take(line) {
      draft.lines += 1;
      if (line.trim() === '' || takeEvent(draft, parseJsonFields(line))) return;
      if (draft.badLines.length < keptBadLines) draft.badLines.push(draft.lines);
    },
    finish: () => ({ ...draft }),
  };
}

function takeEvent(draft: Draft, event: ReadonlyMap<string, unknown>): boolean {
  const time = textOf(event, 'stageTimestamp') ?? textOf(event, 'requestReceivedTimestamp');
  if (event.get('kind') !== 'Event' || event.get('apiVersion') !== 'audit.k8s.io/v1' || time === undefined)
    return false;
  draft.events += 1;
  if (draft.from === '' || time < draft.from) draft.from = time;
  if (time > draft.to) draft.to = time;
  if (isAnsweredForPods(event)) takePodEvent(draft, event, time);
  return true;
}

/** Answered well, and of pods themselves: not of their logs, bindings or other subresources. */
function isAnsweredForPods(event: ReadonlyMap<string, unknown>): boolean {
  const object = fieldsOf(event.get('objectRef'));
  const status = fieldsOf(event.get('responseStatus')).get('code');
  if (event.get('stage') !== 'ResponseComplete' || object.get('resource') !== 'pods') return false;
  return object.get('subresource') === undefined && typeof status === 'number' && status >= 200 && status < 300;
}

function takePodEvent(draft: Draft, event: ReadonlyMap<string, unknown>, time: string): void {
  const verb = event.get('verb');
  const pod = fieldsOf(event.get('responseObject'));
  if (verb === 'create') takeCreate(draft, pod, time);
  else if (verb === 'delete' || verb === 'deletecollection') takeDelete(draft, event, pod, time);
}

function takeCreate(draft: Draft, pod: ReadonlyMap<string, unknown>, createdAt: string): void {
  const meta = fieldsOf(pod.get('metadata'));
  const [uid, namespace, name] = ['uid', 'namespace', 'name'].map((field) => textOf(meta, field));
  if (uid === undefined || namespace === undefined || name === undefined) {
    draft.withoutObject += 1;
    return;
  }
  const labelled = fieldsOf(meta.get('labels')).get(labels.mcpServer) === 'true';
  const spec = fieldsOf(pod.get('spec'));
  const injected = [spec.get('initContainers'), spec.get('containers')].some(namesSidecar);
  const deletedAt = draft.pods.get(uid)?.deletedAt;
  draft.pods.set(uid, { uid, namespace, name, labelled, injected, createdAt, deletedAt });
}

function namesSidecar(list: unknown): boolean {
  return Array.isArray(list) && list.some((container) => fieldsOf(container).get('name') === containers.sidecar);
}

/** The answer to a deletion is the pod, or a status that names it. */
function takeDelete(
  draft: Draft,
  event: ReadonlyMap<string, unknown>,
  answer: ReadonlyMap<string, unknown>,
  deletedAt: string,
): void {
  const uid =
    textOf(fieldsOf(answer.get('metadata')), 'uid') ??
    textOf(fieldsOf(answer.get('details')), 'uid') ??
    textOf(fieldsOf(event.get('objectRef')), 'uid');
  const known = uid === undefined ? undefined : draft.pods.get(uid);
  if (known !== undefined) draft.pods.set(known.uid, { ...known, deletedAt });
}

function textOf(fields: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = fields.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Both ways: pods that the log does not know, and streams of pods that never were. */
export function comparePods(run: Verification, index: LogIndex, audit: PodAudit): void {
  const place = { object: '(audit log)' };
  for (const line of audit.badLines) report(run, 'audit.unread', { ...place, line }, 'not an audit.k8s.io/v1 event');
  if (audit.withoutObject > 0) {
    const reason = `${audit.withoutObject} creations of pods without the pod: the audit policy must have level RequestResponse for pods`;
    report(run, 'audit.unread', place, reason);
  }
  if (audit.events === 0) return report(run, 'audit.unread', place, 'the audit log holds no event');
  for (const pod of audit.pods.values()) if (pod.labelled) comparePod(run, index, audit, pod);
  for (const log of index.pods.values()) compareLogged(run, audit, log);
  return undefined;
}

function comparePod(run: Verification, index: LogIndex, audit: PodAudit, pod: AuditedPod): void {
  const log = index.pods.get(pod.uid);
  if (isExplained(index, log, pod) || !hadTime(index, audit, pod)) return;
  const name = `pod ${pod.namespace}/${pod.name} (${pod.uid})`;
  const how = pod.injected ? 'with a recorder' : 'without a recorder';
  const stated = log === undefined ? 'the log does not mention it' : 'the log says that it never came to be';
  const reason = `${name} was created ${how} at ${pod.createdAt ?? 'an unknown time'}; ${stated}`;
  report(run, 'audit.unrecorded', { object: '(audit log)' }, reason);
}

/** It has a stream; or the log itself states that it has none, which is a finding of its own. */
function isExplained(index: LogIndex, log: PodLog | undefined, pod: AuditedPod): boolean {
  if (log !== undefined && log.streams.length > 0) return true;
  const types = new Set(log?.leaves.map(({ leaf }) => leaf.type));
  if (types.has('pod.injected') && !types.has('pod.rejected')) return true;
  return index.remarks.some(({ leaf }) => leaf.type === 'coverage.gap' && leaf.podUid === pod.uid);
}

/** Long enough before the log's last leaf, or the pod's own end, to be mentioned. */
function hadTime(index: LogIndex, audit: PodAudit, pod: AuditedPod): boolean {
  const createdMs = Date.parse(pod.createdAt ?? '');
  const logEndMs = Date.parse(index.newestTime);
  if (createdMs > logEndMs) return false;
  return pod.deletedAt !== undefined || Math.min(logEndMs, Date.parse(audit.to)) - createdMs > startGraceMs;
}

/** A pod of the log within the time of the audit log must stand in it. */
function compareLogged(run: Verification, audit: PodAudit, log: PodLog): void {
  const [first] = [...log.opens, ...log.leaves].toSorted((a, b) => a.index - b.index);
  if (first === undefined || log.streams.length === 0 || audit.pods.has(log.podUid)) return;
  const atMs = Date.parse('at' in first.leaf ? first.leaf.at : first.leaf.receivedAt);
  const within = atMs >= Date.parse(audit.from) + skewMs && atMs <= Date.parse(audit.to) + skewMs;
  const { pod } = first.leaf;
  if (within) {
    report(
      run,
      'audit.invented',
      first.place,
      `pod ${pod} (${log.podUid}) has a stream, but the API server never created it`,
    );
  } else {
    report(
      run,
      'audit.outside',
      first.place,
      `pod ${pod} (${log.podUid}) is of a time that the audit log does not cover`,
    );
  }
}
