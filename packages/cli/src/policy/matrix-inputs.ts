/** Who and what a matrix is about, from files. */
import { readFile } from 'node:fs/promises';
import { isJsonObject } from '@tachograph/protocol';
import { parseAllDocuments } from 'yaml';
import { CliError } from '../cli-error.ts';
import type { MatrixPrincipal, MatrixServer } from './matrix.ts';
import { toCaller } from './read-call.ts';

/** A list of callers; `name` is shown, otherwise the subject. Throws `usage`. */
export async function readPrincipals(file: string): Promise<readonly MatrixPrincipal[]> {
  const list = (await readYaml(file)).flat();
  return list.map((item) => {
    if (!isJsonObject(item)) throw new CliError('usage', `${file}: expected a list of callers`);
    const caller = toCaller(item);
    return { name: typeof item['name'] === 'string' ? item['name'] : caller.subject, caller };
  });
}

/** `{namespace, workload, tools}` objects, or what `kubectl get mcpservers -A -o yaml` prints. Throws `usage`. */
export async function readServers(file: string): Promise<readonly MatrixServer[]> {
  const documents = (await readYaml(file)).flat();
  const objects = documents.flatMap((one) => (isJsonObject(one) && Array.isArray(one['items']) ? one['items'] : [one]));
  return objects.map((one: unknown) => toServer(file, one));
}

function toServer(file: string, value: unknown): MatrixServer {
  const object = isJsonObject(value) ? value : {};
  const { namespace, workload, tools } = isJsonObject(object['metadata'])
    ? factsOfObject(object['metadata'], object['status'])
    : object;
  if (typeof namespace !== 'string' || typeof workload !== 'string') {
    throw new CliError('usage', `${file}: expected servers with namespace and workload`);
  }
  return { namespace, workload, ...(Array.isArray(tools) ? { tools: tools.map(toToolName) } : {}) };
}

/** Of an `McpServer`. */
function factsOfObject(
  metadata: Readonly<Record<string, unknown>>,
  status: unknown,
): Readonly<Record<string, unknown>> {
  const tools = isJsonObject(status) ? status['tools'] : undefined;
  return { namespace: metadata['namespace'], workload: metadata['name'], tools: tools ?? [] };
}

function toToolName(tool: unknown): string {
  const name = isJsonObject(tool) ? tool['name'] : tool;
  return typeof name === 'string' ? name : '';
}

async function readYaml(file: string): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
  const documents = parseAllDocuments(text);
  if ('empty' in documents || documents.some(({ errors }) => errors.length > 0)) {
    throw new CliError('usage', `${file}: expected YAML or JSON`);
  }
  return documents.map((document): unknown => document.toJS({ maxAliasCount: 100 }));
}
