// `node wrap.mjs DIR COMMAND… URL`: starts a sidecar in front of URL, runs the command so that its connections to URL end
// there, and leaves in DIR what both sides of the sidecar saw and what it recorded.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses } from '../../../demo/processes.mjs';
import { writeIdentity } from '../identity.mjs';
import { startThrough } from '../sidecar.mjs';

const [parent, ...command] = process.argv.slice(2);
const url = new URL(command.at(-1));
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';

/** The scenarios' server asks for tokens of its own: there the sidecar only records who says so. */
const doesOAuth = scenario.startsWith('auth/');

mkdirSync(parent, { recursive: true });
const directory = mkdtempSync(join(parent, `${scenario.replaceAll('/', '-')}-`));
const processes = createProcesses(directory);
const identity = writeIdentity(directory, { isRecordOnly: doesOAuth });
const through = await startThrough({
  processes,
  directory,
  identity,
  serverPort: Number(url.port),
  token: doesOAuth ? undefined : identity.token,
  // Some of the suite's servers answer at `/`, and one has its metadata where only configuration can say.
  env: {
    TACHO_PATHS: '/,/mcp',
    ...(doesOAuth ? { TACHO_PASSTHROUGH: 'GET /custom/metadata/location.json' } : {}),
  },
});
/** The suite gives up after 30 s, and would leave the sidecar behind. */
const timeoutMs = 25_000;

const child = spawn(command[0], command.slice(1), {
  stdio: 'inherit',
  timeout: timeoutMs,
  killSignal: 'SIGKILL',
  env: {
    ...process.env,
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'redirect.mjs')}`,
    CONFORMANCE_REDIRECT: `${url.port}:${through.port}`,
  },
});
const code = await new Promise((resolve) => child.once('close', resolve));
const seen = await through.stop();
writeFileSync(join(directory, 'seen.json'), JSON.stringify({ scenario, ...seen }));
process.exitCode = code ?? 1;
