import { readFile } from 'node:fs/promises';
import { checkMaskingSpec } from '@tachograph/masking/check';
import { checkPolicy, loadConditions } from '@tachograph/policy';
import { apiGroup, type MaskingSpec } from '@tachograph/protocol';
import { isMap, parseAllDocuments } from 'yaml';
import { CliError } from '../cli-error.ts';

interface Fault {
  readonly path: string;
  readonly message: string;
}

/** Faults shown to the user; the rest are counted. */
const shown = 5;
const objectFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

/**
 * The masking rules of a policy file: one `McpPolicy` document, or its `spec` alone, checked as admission checks it.
 * Throws `policy_malformed` with the path of each fault.
 */
export async function loadMaskingSpec(file: string): Promise<MaskingSpec> {
  const spec = toSpec(file, await readYaml(file));
  const checked = checkPolicy({ name: 'policy', namespace: 'file', spec }, await loadConditions());
  if (checked.kind === 'refused') throw malformed(file, checked.errors);
  const masking = checked.spec.masking ?? {};
  const faults = checkMaskingSpec(masking);
  if (faults.length === 0) return masking;
  throw malformed(
    file,
    faults.map(({ path, message }) => ({ path: `spec.masking${path.replaceAll('/', '.')}`, message })),
  );
}

async function readYaml(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
  const parsed = parseAllDocuments(text);
  const documents = Array.isArray(parsed) ? parsed.filter(({ contents }) => contents !== null) : [];
  const [document] = documents;
  if (document === undefined || documents.length !== 1)
    throw malformed(file, [{ path: 'file', message: `expected one YAML document, got ${documents.length}` }]);
  const [error] = document.errors;
  if (error !== undefined) throw malformed(file, [{ path: 'file', message: error.message.split('\n')[0] ?? '' }]);
  if (!isMap(document.contents)) throw malformed(file, [{ path: 'file', message: 'expected a mapping' }]);
  return toValue(file, () => document.toJS({ maxAliasCount: 100 }));
}

/** Reading aliases may fail: they may be too many. */
function toValue(file: string, read: () => unknown): unknown {
  try {
    return read();
  } catch {
    throw malformed(file, [{ path: 'file', message: 'too many aliases' }]);
  }
}

function toSpec(file: string, value: unknown): unknown {
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  if (!fields.has('kind') && !fields.has('apiVersion')) return value;
  const faults = [
    ...expectText(fields, 'kind', 'McpPolicy'),
    ...expectText(fields, 'apiVersion', `${apiGroup}/v1alpha1`),
    ...[...fields.keys()].filter((name) => !objectFields.has(name)).map((path) => ({ path, message: 'unknown field' })),
  ];
  if (faults.length > 0) throw malformed(file, faults);
  return fields.get('spec');
}

function expectText(fields: ReadonlyMap<string, unknown>, path: string, expected: string): readonly Fault[] {
  return fields.get(path) === expected ? [] : [{ path, message: `expected ${expected}` }];
}

function malformed(file: string, faults: readonly Fault[]): CliError {
  const texts = faults.slice(0, shown).map(({ path, message }) => `${path}: ${message}`);
  const more = faults.length > shown ? [`and ${faults.length - shown} more`] : [];
  return new CliError('policy_malformed', `${file}: ${[...texts, ...more].join('; ')}`);
}
