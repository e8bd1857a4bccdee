// `make demo`: the main job without a cluster or a cloud account. KEEP=1 keeps it up; ARCHIVE=DIR leaves the pulled archive.
// With --login (`make demo LOGIN=1`) it stays up for people who log in with their own clients.
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { callerToken, exportPolicy, logTails, programs, startInstallation, tacho } from './installation.mjs';
import { run, until } from './processes.mjs';

const isLogin = process.argv.includes('--login');
const secret = 'correct-horse-battery-staple';
const started = performance.now();
const dir = mkdtempSync(join(tmpdir(), 'tachograph-demo-'));
const archive = process.env.ARCHIVE ?? join(dir, 'archive');
const policyFile = join(dir, 'policy.txt');

const say = (text) => console.log(text);
const step = (text) => say(`\n${styleText('bold', text)}`);
const shown = (text) => say(text.trimEnd().replaceAll(/^/gm, '    '));

/** One call by the Inspector's command line, as an engineer makes it. */
async function inspect(url, token, ...args) {
  const header = token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`];
  return run(programs.inspector, ['--cli', url, '--transport', 'http', ...header, ...args]);
}

async function story(installation) {
  const token = await callerToken(installation, 'alice');
  step('1. alice calls an unmodified MCP server through the sidecar (MCP Inspector)');
  const call = await inspect(installation.url, token, '--method', 'tools/call', '--tool-name', 'get-env');
  const line = call.stdout.split('\\n').find((text) => text.includes('DB_PASSWORD')) ?? call.stdout + call.stderr;
  say(`    the server’s environment:   DB_PASSWORD=${secret}`);
  say(`    what alice received:        ${line.trim().replaceAll('\\"', '"')}`);
  expect(call.stdout.includes('DB_PASSWORD') && !call.stdout.includes(secret), 'the secret is masked');

  step('2. a call that policy denies for its arguments, and a caller without a token');
  const denied = await inspect(
    installation.url,
    token,
    '--method',
    'tools/call',
    '--tool-name',
    'get-annotated-message',
    '--tool-arg',
    'messageType=error',
  );
  shown(JSON.parse(denied.stdout).content[0].text);
  const refused = await fetch(installation.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });
  shown(`HTTP ${refused.status}  WWW-Authenticate: ${refused.headers.get('www-authenticate')}`);
  await refused.arrayBuffer();

  step('3. the session ends; its recording is in the bucket');
  const sessions = await until('the session in the bucket', () => listSessions(installation), 40_000);
  shown((await tacho(['sessions', ...where(installation)])).stdout);

  step('4. pull the archive and prove it');
  const pull = ['pull', ...where(installation), '--session', sessions[0].session, '--out', archive];
  say(`    $ tacho pull --session ${sessions[0].session} --out archive`);
  shown((await tacho(pull)).stdout);
  await exportPolicy(installation, policyFile);
  say('    $ tacho verify archive --policy policy.txt');
  shown((await tacho(['verify', archive, '--policy', policyFile])).stdout);

  step('5. flip one byte in a copy, and verify again');
  const { file, offset } = flipOneByte();
  say(`    flipped byte ${offset} of ${file}`);
  const tampered = await tacho(['verify', join(dir, 'tampered'), '--policy', policyFile], { codes: [1] });
  shown(tampered.stdout);
}

const where = ({ bucket, endpoint }) => ['--bucket', bucket, '--endpoint', endpoint];

async function listSessions(installation) {
  const { stdout } = await tacho(['sessions', ...where(installation), '--json']);
  const { sessions } = JSON.parse(stdout);
  return sessions.length > 0 ? sessions : undefined;
}

/** Copies the archive and changes one byte in the middle of a segment. */
function flipOneByte() {
  const copy = join(dir, 'tampered');
  cpSync(archive, copy, { recursive: true });
  const [file] = globSync('v1/records/**/*.jsonl.gz', { cwd: copy });
  const bytes = readFileSync(join(copy, file));
  const offset = Math.floor(bytes.length / 2);
  bytes[offset] ^= 1;
  writeFileSync(join(copy, file), bytes);
  return { file, offset };
}

function expect(holds, what) {
  if (!holds) throw new Error(`the demo shows otherwise: ${what}`);
}

async function main() {
  say('Tachograph demo: emulator, sequencer, controller, MCP server and sidecar start on loopback …');
  const installation = await startInstallation(dir, {
    serverEnv: { DB_PASSWORD: secret },
    sidecarEnv: { TACHO_SESSION_IDLE: isLogin ? '10s' : '2s' },
    login: isLogin,
  });
  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
  try {
    if (isLogin) {
      invite(installation);
      await interrupted;
      return;
    }
    await Promise.race([story(installation), interrupted.then(() => Promise.reject(new Error('interrupted')))]);
    say(`\n${styleText('green', 'done')} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    if (process.env.KEEP === '1') await keepUp(installation, interrupted);
  } catch (error) {
    console.error(
      `\ndemo failed: ${error.message}\n${logTails(installation.processes, ['emulator', 'provider', 'sequencer', 'controller', 'server', 'sidecar'])}`,
    );
    process.exitCode = 1;
  } finally {
    await installation.processes.stopAll();
    if (process.exitCode !== 1) rmSync(dir, { recursive: true, force: true });
  }
}

function invite({ url, bucket, endpoint }) {
  const typed = url.replace('127.0.0.1', 'localhost');
  say(`
Log in as alice or bob (carol is in too many groups) from this machine, with any MCP client:

  claude mcp add --transport http demo ${typed}
  npx @modelcontextprotocol/inspector --cli ${typed} --transport http --method tools/list
  npx mcp-remote ${typed}

A browser opens: first our page, which asks for consent, then the provider’s, which asks for a name.
Some ten seconds after the last call, see who called:

  node packages/cli/bin/tacho.js sessions --bucket ${bucket} --endpoint ${endpoint} --subject alice

state, spool, logs  ${dir}
Press Ctrl-C to end it.`);
}

async function keepUp(installation, interrupted) {
  const token = await callerToken(installation, 'alice');
  say(`
  MCP (through the sidecar)  ${installation.url}
  MCP server, directly       ${installation.server}
  controller                 ${installation.controller}
  storage emulator           ${installation.endpoint}  bucket ${installation.bucket}
  state, spool, logs         ${dir}
  a token for alice          ${token}
Press Ctrl-C to end it.`);
  await interrupted;
}

await main();
