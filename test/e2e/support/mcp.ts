import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { command, kubectl, type CommandResult } from './kubectl.ts';

const require = createRequire(import.meta.url);
const inspector = join(
  dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
  'clients/launcher/build/index.js',
);

/** A caller's token: a ServiceAccount token whose audience is the workload. */
export async function callerToken(namespace: string, account: string, audience: string): Promise<string> {
  return (
    await kubectl('-n', namespace, 'create', 'token', account, '--audience', audience, '--duration', '10m')
  ).trim();
}

/** The Inspector's command line, unmodified: one method on one server. */
export async function inspect(
  url: string,
  token: string | undefined,
  ...args: readonly string[]
): Promise<CommandResult> {
  const header = token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`];
  return command(process.execPath, [inspector, '--cli', url, '--transport', 'http', ...header, ...args]);
}

/** A JSON-RPC request by plain `fetch`, for what no client library would send. */
export async function post(
  url: string,
  token: string | undefined,
  body: unknown,
): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, text: await response.text() };
}
