/** Policies as people keep them: YAML files of `McpPolicy` and `ClusterMcpPolicy` objects, and where in them a fault is. */
import { readFile } from 'node:fs/promises';
import { checkMaskingSpec } from '@tachograph/masking/check';
import { checkPolicy, loadConditions, policyName, type PolicyObject } from '@tachograph/policy';
import { apiGroup, maskingSpec } from '@tachograph/protocol';
import { isMap, isNode, isSeq, LineCounter, parseAllDocuments, type Document } from 'yaml';
import { CliError } from '../cli-error.ts';

/** One thing that is wrong; `line` counts from 1. */
export interface FileFault {
  readonly file: string;
  readonly line: number;
  readonly path: string;
  readonly message: string;
}

export interface PolicyFiles {
  readonly objects: readonly (PolicyObject & { readonly kind: 'McpPolicy' | 'ClusterMcpPolicy' })[];
  readonly faults: readonly FileFault[];
}

type Fault = Pick<FileFault, 'path' | 'message'>;

/** Reads files, each with one or more documents, and checks every policy as admission does. Throws `not_found`. */
export async function readPolicyFiles(files: readonly string[], defaultNamespace: string): Promise<PolicyFiles> {
  const read = (await Promise.all(files.map(readDocuments))).flat();
  const policies = await Promise.all(
    read.map(async (one) => ({ ...one, ...(await readPolicy(one.document, defaultNamespace)) })),
  );
  const known = new Set<string>();
  const faults = policies.flatMap(({ file, document, lines, object, faults: found }) => {
    const name = object === undefined ? undefined : policyName(object);
    const twice = name !== undefined && known.has(name) ? [nameTaken] : [];
    if (name !== undefined) known.add(name);
    return [...found, ...twice]
      .map((fault) => ({ file, line: lineOf(document, lines, fault.path), ...fault }))
      .toSorted((a, b) => a.line - b.line);
  });
  return { objects: policies.flatMap(({ object }) => object ?? []), faults };
}

const nameTaken: Fault = { path: 'metadata.name', message: 'another policy has this name' };

/** As `readPolicyFiles`, for commands that need sound policies. Throws `policy_malformed` with the first faults. */
export async function loadPolicies(files: readonly string[], namespace: string): Promise<PolicyFiles['objects']> {
  const { objects, faults } = await readPolicyFiles(files, namespace);
  if (faults.length === 0) return objects;
  const texts = faults.slice(0, 5).map(formatFault);
  throw new CliError('policy_malformed', [...texts, ...(faults.length > 5 ? ['…'] : [])].join('; '));
}

export function formatFault({ file, line, path, message }: FileFault): string {
  return `${file}:${line}: ${path}: ${message}`;
}

interface ReadDocument {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

async function readDocuments(file: string): Promise<readonly ReadDocument[]> {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(await readText(file), { lineCounter: lines });
  const documents = 'empty' in parsed ? [] : parsed.filter(({ contents }) => contents !== null);
  if (documents.length === 0) throw new CliError('policy_malformed', `${file}: expected a policy, got an empty file`);
  return documents.map((document) => ({ file, document, lines }));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
}

interface ReadPolicy {
  readonly object?: PolicyFiles['objects'][number];
  readonly faults: readonly Fault[];
}

const kinds: ReadonlyMap<unknown, 'McpPolicy' | 'ClusterMcpPolicy'> = new Map([
  ['McpPolicy', 'McpPolicy'],
  ['ClusterMcpPolicy', 'ClusterMcpPolicy'],
]);
const objectFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

async function readPolicy(document: Document.Parsed, defaultNamespace: string): Promise<ReadPolicy> {
  const [error] = document.errors;
  if (error !== undefined) return { faults: [{ path: `@${error.pos[0]}`, message: firstLine(error.message) }] };
  const value = toValue(document);
  if (value === undefined) return { faults: [{ path: '', message: 'expected a mapping without many aliases' }] };
  const kind = kinds.get(value.get('kind'));
  const metadata = toMap(value.get('metadata'));
  const name = metadata?.get('name');
  const faults = [...headFaults(value), ...nameFaults(kind, metadata)];
  if (kind === undefined || typeof name !== 'string') return { faults };
  const given = metadata?.get('namespace');
  const namespace = kind === 'ClusterMcpPolicy' ? '' : typeof given === 'string' ? given : defaultNamespace;
  const object = { kind, name, namespace, spec: value.get('spec') };
  return { object, faults: [...faults, ...(await specFaults(object))] };
}

function headFaults(value: ReadonlyMap<string, unknown>): readonly Fault[] {
  const version = `${apiGroup}/v1alpha1`;
  return [
    ...(kinds.has(value.get('kind')) ? [] : [{ path: 'kind', message: 'expected McpPolicy or ClusterMcpPolicy' }]),
    ...(value.get('apiVersion') === version ? [] : [{ path: 'apiVersion', message: `expected ${version}` }]),
    ...[...value.keys()].filter((key) => !objectFields.has(key)).map((path) => ({ path, message: 'unknown field' })),
  ];
}

function nameFaults(kind: string | undefined, metadata: ReadonlyMap<string, unknown> | undefined): readonly Fault[] {
  const name = metadata?.get('name');
  const isNamed = typeof name === 'string' && name !== '';
  const misplaced = kind === 'ClusterMcpPolicy' && metadata?.get('namespace') !== undefined;
  return [
    ...(isNamed ? [] : [{ path: 'metadata.name', message: 'expected a name' }]),
    ...(misplaced ? [{ path: 'metadata.namespace', message: 'a ClusterMcpPolicy has no namespace' }] : []),
  ];
}

async function specFaults(object: PolicyObject): Promise<readonly Fault[]> {
  const checked = checkPolicy(object, await loadConditions());
  const faults = checked.kind === 'refused' ? checked.errors.map(({ path, message }) => ({ path, message })) : [];
  const spec = toMap(object.spec);
  return [
    ...faults,
    ...maskingFaults('spec.masking', spec?.get('masking')),
    ...maskingFaults('spec.floors.masking', toMap(spec?.get('floors'))?.get('masking')),
  ];
}

/** What its schema refuses is among the policy's own faults. */
function maskingFaults(root: string, masking: unknown): readonly Fault[] {
  const parsed = maskingSpec.safeParse(masking);
  return parsed.success ? checkMaskingSpec(parsed.data).map((fault) => inSpec(root, fault)) : [];
}

function inSpec(root: string, { path, message }: Fault): Fault {
  return { path: `${root}${path.replaceAll('/', '.')}`, message };
}

/** Reading aliases may fail: they may be too many. */
function toValue(document: Document.Parsed): ReadonlyMap<string, unknown> | undefined {
  try {
    return toMap(document.toJS({ maxAliasCount: 100 }));
  } catch {
    return undefined;
  }
}

function toMap(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

/** Line of the innermost part of a path that the document has; `@n` is an offset in the file. */
function lineOf({ contents }: Document.Parsed, lines: LineCounter, path: string): number {
  if (path.startsWith('@')) return lines.linePos(Number(path.slice(1))).line;
  let node: unknown = contents;
  let offset = contents?.range[0] ?? 0;
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const child = childOf(node, key ?? index ?? '');
    if (child === undefined) break;
    offset = child.offset ?? offset;
    node = child.value;
  }
  return lines.linePos(offset).line;
}

function childOf(
  node: unknown,
  key: string,
): { readonly offset: number | undefined; readonly value: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? undefined : { offset: offsetOf(item), value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((one) => String(isNode(one.key) ? one.key.toJSON() : one.key) === key);
  return pair === undefined ? undefined : { offset: offsetOf(pair.key), value: pair.value };
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
