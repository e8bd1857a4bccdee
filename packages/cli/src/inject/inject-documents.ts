/** Pods and pod templates in YAML documents, injected with the webhook's own code. */
import { createHash, createHmac } from 'node:crypto';
import { injectPod, type InjectContext, type InjectCrypto, type InjectSettings } from '@tachograph/inject';
import { type Document, isMap, parseAllDocuments } from 'yaml';
import { CliError } from '../cli-error.ts';

/** What became of one document. `object`: kind and name. */
export type InjectedDocument =
  | { readonly kind: 'injected'; readonly object: string; readonly text: string; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly object: string; readonly reasons: readonly string[] }
  | { readonly kind: 'unchanged'; readonly object: string; readonly text: string; readonly reason: string };

const injectCrypto: InjectCrypto = {
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
};

/** Where each kind keeps its pod; an empty path is the object itself. */
const podPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** Injects every document of a YAML stream. Throws `usage` when it is no YAML. */
export function injectDocuments(
  text: string,
  settings: InjectSettings,
  namespace: string,
): readonly InjectedDocument[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents
    .filter((document) => document.contents !== null)
    .map((document) => injectDocument(document, settings, namespace));
}

function injectDocument(document: Document, settings: InjectSettings, fallback: string): InjectedDocument {
  const [error] = document.errors;
  if (error !== undefined) throw new CliError('usage', `not YAML: ${error.message}`);
  const kind = textAt(document, ['kind']);
  const object = `${kind || 'document'}/${textAt(document, ['metadata', 'name'])}`;
  const path = podPaths[kind];
  if (path === undefined) return { kind: 'unchanged', object, text: String(document), reason: 'holds no pod' };
  const namespace = textAt(document, ['metadata', 'namespace']) || fallback;
  return injectAt(document, { object, kind, path }, { settings, namespace: { name: namespace }, crypto: injectCrypto });
}

interface Target {
  readonly object: string;
  readonly kind: string;
  readonly path: readonly string[];
}

function injectAt(document: Document, target: Target, context: InjectContext): InjectedDocument {
  const { object, kind, path } = target;
  const owner = { kind, name: textAt(document, ['metadata', 'name']) };
  const pod = podAt(document, path);
  const owned = path.length === 0 ? pod : withOwner(pod, owner);
  const result = injectPod(owned, context);
  if (result.kind === 'skipped') return { kind: 'unchanged', object, text: String(document), reason: result.reason };
  if (result.kind === 'refused') {
    return { kind: 'refused', object, reasons: result.reasons.map(({ code, message }) => `${code}: ${message}`) };
  }
  if (path.length === 0) document.contents = document.createNode(result.pod);
  else document.setIn(path, document.createNode(withoutOwner(result.pod)));
  return { kind: 'injected', object, text: String(document), warnings: result.warnings };
}

function podAt(document: Document, path: readonly string[]): Readonly<Record<string, unknown>> {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const value: unknown = isMap(node) ? node.toJS(document) : {};
  return recordOf(value);
}

/** The pods will have a controller, after which the workload is named. */
function withOwner(pod: Readonly<Record<string, unknown>>, owner: { kind: string; name: string }): unknown {
  const reference = { apiVersion: 'apps/v1', uid: 'not-yet', controller: true, ...owner };
  return { ...pod, metadata: { ...recordOf(pod['metadata']), ownerReferences: [reference] } };
}

function withoutOwner(pod: unknown): unknown {
  const { metadata, ...rest } = recordOf(pod);
  const { ownerReferences: _made, ...own } = recordOf(metadata);
  return { metadata: own, ...rest };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function textAt(document: Document, path: readonly string[]): string {
  const value: unknown = isMap(document.contents) ? document.getIn(path) : undefined;
  return typeof value === 'string' ? value : '';
}
