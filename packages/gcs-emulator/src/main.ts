import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { parseIamPolicy } from './iam.ts';
import type { Logger } from './logger.ts';
import { startEmulator } from './server.ts';

const usage = `Usage: tachograph-gcs-emulator --data DIR [options]

A Google Cloud Storage that keeps its word: versions, preconditions, retention lock, holds.

  --data DIR       where buckets are kept; made when absent
  --port N         port to listen on (default 4443; 0 takes any free one)
  --host HOST      address to listen on (default 127.0.0.1)
  --bucket NAME    create this bucket when it does not exist; may be repeated
  --iam FILE       JSON policy: which bearer token may do what (default: everybody everything)
  --json           write the ready line and the log as JSON
  --help           show this text

Clients: STORAGE_EMULATOR_HOST=http://127.0.0.1:4443, or apiEndpoint. Faults and clock: /emulator/…, see the README.
`;

const { values } = readArguments();
if (values.help === true) {
  process.stdout.write(usage);
  process.exit(0);
}
if (values.data === undefined) fail('expected --data DIR');
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`expected a port from 0 to 65535, got ${values.port}`);
const asJson = values.json === true;

const server = await startEmulator({
  dataDir: values.data,
  port,
  host: values.host,
  clock: Date.now,
  log: createStderrLogger(),
  buckets: values.bucket ?? [],
  ...(values.iam === undefined ? {} : { iam: parseIamPolicy(JSON.parse(readFileSync(values.iam, 'utf8'))) }),
}).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
process.stdout.write(
  asJson
    ? `${JSON.stringify({ ready: true, url: server.url })}\n`
    : `tachograph-gcs-emulator listening on ${server.url}\n`,
);

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await server.close();
  process.exit(0);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        data: { type: 'string' },
        port: { type: 'string', default: '4443' },
        host: { type: 'string', default: '127.0.0.1' },
        bucket: { type: 'string', multiple: true },
        iam: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(message: string): never {
  process.stderr.write(`tachograph-gcs-emulator: ${message}\nTry --help.\n`);
  process.exit(64);
}

function createStderrLogger(): Logger {
  return {
    debug: () => undefined,
    info: (message, fields) => writeLog('info', message, fields),
    warn: (message, fields) => writeLog('warn', message, fields),
    error: (message, fields) => writeLog('error', message, fields),
  };
}

function writeLog(level: string, message: string, fields: object = {}): void {
  const data = 'err' in fields && fields.err instanceof Error ? { ...fields, err: fields.err.stack } : fields;
  const line = asJson
    ? JSON.stringify({ time: new Date().toISOString(), level, message, ...data })
    : `${level} ${message} ${JSON.stringify(data)}`;
  process.stderr.write(`${line}\n`);
}
