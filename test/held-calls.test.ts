/**
 * Held calls from end to end: unmodified clients of both eras, the sidecar's own process, a real controller, and people
 * who decide by `tacho approvals`.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';
import { enrolWorkload } from '../packages/controller/src/state/state-identity.ts';
import { startInstallation, until, type Installation } from '../packages/controller/src/testing/installation.ts';

const packages = join(import.meta.dirname, '../packages');
const testing = join(packages, 'sidecar/src/testing');
const policy = `apiVersion: tachograph.dev/v1alpha1
kind: McpPolicy
metadata: {name: tools, namespace: demo}
spec:
  default: allow
  owner: team-a@example.com
  rules:
    - name: secrets
      what: {tools: [echo]}
      when: call.arguments.message.contains("ghp_")
      verdict: approve
      approve: {subjects: [bob, carol], withinSeconds: 600}
    - name: risky
      what: {tools: [echo]}
      verdict: approve
      approve: {withinSeconds: 600}
`;

let installation: Installation;
let upstream: ChildProcess;
let upstreamUrl: string;
let spool: string;
let port: number;
let sidecar: ChildProcess | undefined;
let token: string;

beforeAll(async () => {
  installation = await startInstallation();
  const dir = join(installation.state, 'policies/demo');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'tools.yaml'), policy);
  upstream = spawn(process.execPath, [join(testing, 'counting-server.mjs')]);
  upstreamUrl = await new Promise((resolve) => {
    upstream.stdout?.once('data', (text: Buffer) => resolve(`http://127.0.0.1:${text.toString().trim()}`));
  });
  spool = await mkdtemp(join(tmpdir(), 'tachograph-held-'));
  port = await freePort();
  token = await tokenOf('alice', 'tachograph://test/demo/store');
  await startSidecar();
});

afterAll(async () => {
  sidecar?.kill('SIGKILL');
  upstream.kill('SIGKILL');
  await installation.close();
  await rm(spool, { recursive: true, force: true });
});

let counted = 0;
afterEach(async () => {
  counted += (await calls()).length;
});

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function startSidecar(): Promise<void> {
  const [controller] = installation.controllers;
  if (controller === undefined) throw new Error('no controller runs');
  const { tokenFile } = await enrolWorkload(installation.state, 'demo', 'store');
  const admin = await freePort();
  const env = {
    ...process.env,
    TACHO_LISTEN: `127.0.0.1:${port}`,
    TACHO_UPSTREAM: upstreamUrl,
    TACHO_ADMIN: `127.0.0.1:${admin}`,
    TACHO_SPOOL: spool,
    TACHO_DURABILITY: 'process',
    TACHO_CONTROLLER: controller.url,
    TACHO_TRUST: controller.fingerprint,
    TACHO_TOKEN_FILE: tokenFile,
    TACHO_CLUSTER: 'test',
    TACHO_NAMESPACE: 'demo',
    TACHO_WORKLOAD: 'store',
    TACHO_HOLD: '20s',
  };
  const main = join(packages, 'sidecar/src/main.ts');
  sidecar = spawn(process.execPath, ['--conditions=source', main], { env, stdio: 'ignore' });
  await ready(`http://127.0.0.1:${admin}/readyz`);
}

async function ready(url: string): Promise<void> {
  let last = 'nothing listens';
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return;
    last = (await answer?.text()) ?? last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the sidecar takes no calls: ${last}`);
}

async function tokenOf(subject: string, audience: string): Promise<string> {
  const args = ['dev-token', '--subject', subject, '--audience', audience];
  return (await runCli(args, { env: { TACHO_STATE: installation.state }, nowMs: Date.now() })).out.trim();
}

/** What `tacho approvals` says to this person. */
async function as(
  subject: string,
  ...argv: readonly string[]
): Promise<{ readonly out: string; readonly err: string }> {
  const env = { TACHO_STATE: installation.state };
  const own = await tokenOf(subject, 'tachograph://test/controller');
  return runCli(['approvals', ...argv], { env: { ...env, TACHO_TOKEN: own } });
}

/** The only pending approval. */
async function pending(): Promise<string> {
  return until('a held call', async () => /^([0-9a-f-]{36}) /m.exec((await as('bob', 'list')).out)?.[1]);
}

/** What reached the server. */
async function calls(): Promise<readonly string[]> {
  const all: string[] = JSON.parse(await (await fetch(`${upstreamUrl}/count`)).text());
  return all.slice(counted);
}

interface Seen {
  readonly text: string;
  readonly progress: readonly string[];
  readonly pages: readonly string[];
}

/** One call by an unmodified client in a process of its own. */
async function call(kind: string, message: string, timeoutMs = 60_000, tool = 'echo'): Promise<Seen> {
  const args = [
    join(testing, 'sdk-hold-client.mjs'),
    kind,
    `http://127.0.0.1:${port}/mcp`,
    message,
    token,
    String(timeoutMs),
    tool,
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: 90_000 }, (error, out, err) => {
      if (error !== null) return reject(new Error(`${kind}: ${err}`));
      const { result, error: failure, progress, pages } = JSON.parse(out);
      return resolve({ text: JSON.stringify(result ?? failure), progress, pages });
    });
  });
}

const require = createRequire(import.meta.url);
const inspector = join(
  dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
  'clients/launcher/build/index.js',
);

/** One call by the Inspector's command line, which takes tasks. */
async function inspect(message: string): Promise<string> {
  const url = `http://127.0.0.1:${port}/mcp`;
  const header = ['--header', `Authorization: Bearer ${token}`];
  const called = ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', `message=${message}`];
  const args = [inspector, '--cli', url, '--transport', 'http', '--protocol-era', 'modern', ...header, ...called];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 90_000 }, (_error, out, err) => resolve(out + err));
  });
}

describe('a held call of a client that takes tasks', () => {
  test('runs once when it has been approved, though it is held for longer than a call waits', async () => {
    const calling = inspect('by task');
    const id = await pending();
    await new Promise((resolve) => setTimeout(resolve, 21_000));
    expect(await calls()).toEqual([]);
    await as('bob', 'approve', id, '--reason', 'fine');
    expect(await calling).toContain('Echo: by task');
    expect(await calls()).toEqual(['by task']);
  });

  test('is told who denied it', async () => {
    const calling = inspect('please');
    await as('bob', 'deny', await pending(), '--reason', 'not today');
    expect(await calling).toContain('bob denied it: not today');
    expect(await calls()).toEqual([]);
  });

  test('does not run when its sidecar is killed, and runs once when it is called again', async () => {
    const calling = inspect('killed task');
    const id = await pending();
    sidecar?.kill('SIGKILL');
    await as('bob', 'approve', id, '--reason', 'fine');
    await startSidecar();
    expect(await calling).not.toContain('Echo');
    expect(await calls()).toEqual([]);
    expect(await inspect('killed task')).toContain('Echo: killed task');
    expect(await calls()).toEqual(['killed task']);
  });
});

describe.each(['v1', 'v2', 'v2-modern', 'v2-pages'])('a held call of client %s', (kind) => {
  test('runs once when somebody else approves it, not the caller', async () => {
    const calling = call(kind, `hello from ${kind}`);
    const id = await pending();
    expect((await as('alice', 'approve', id, '--reason', 'mine')).err).toContain('own_call');
    expect(await calls()).toEqual([]);
    expect((await as('bob', 'approve', id, '--reason', 'ticket 4711')).out).toContain('approved');
    expect((await calling).text).toContain(`Echo: hello from ${kind}`);
    expect(await calls()).toEqual([`hello from ${kind}`]);
  });

  test('is told who denied it', async () => {
    const calling = call(kind, 'please');
    const id = await pending();
    await as('bob', 'deny', id, '--reason', 'not today');
    const { text } = await calling;
    expect(text).toContain('bob denied it: not today');
    expect(text).toContain('team-a@example.com');
    expect(await calls()).toEqual([]);
  });
});

test('a client whose server asks back carries the state of the server, and cannot read it', async () => {
  const { text, pages } = await call('v2-forms', 'delete it', 60_000, 'confirm');
  expect(pages).toEqual(['Really delete it?']);
  expect(text).toContain('Confirmed');
  expect(await calls()).toEqual(['asked about delete it']);
});

test('a client that opens pages is sent to the page of the approval, once', async () => {
  const calling = call('v2-pages', 'by page');
  const id = await pending();
  await as('bob', 'approve', id, '--reason', 'fine');
  const { text, pages } = await calling;
  expect(text).toContain('Echo: by page');
  expect(pages).toEqual([expect.stringContaining(`/approvals/${id}`)]);
});

test('what masking hid of a judged argument is approved by who has seen it, on record', async () => {
  const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
  const message = `use ${secret}`;
  const calling = call('v1', message);
  const id = await pending();
  const shown = await as('bob', 'show', id);
  expect(shown.out).toContain('masking hid 1 value; a rule judged one of them');
  expect(shown.out).not.toContain(secret);
  expect((await as('bob', 'approve', id, '--reason', 'blind')).err).toContain('masked_judged_argument');
  expect((await as('dave', 'reveal', id, '--reason', 'curious')).err).toContain('not_an_approver');
  expect((await as('alice', 'reveal', id, '--reason', 'mine')).err).toContain('own_call');
  expect((await as('bob', 'reveal', id, '--reason', 'ticket 4712')).out).toContain(`"message": "${message}"`);
  expect((await as('carol', 'approve', id, '--reason', 'blind')).err).toContain('masked_judged_argument');
  expect(await calls()).toEqual([]);
  const after = await as('carol', 'show', id, '--json');
  expect(after.out).not.toContain(secret);
  expect(JSON.parse(after.out)).toMatchObject({ reveals: [{ subject: 'bob', reason: 'ticket 4712' }] });
  await as('bob', 'approve', id, '--reason', 'ours');
  expect((await calling).text).toContain('Echo: use ');
  expect(await calls()).toEqual([message]);
  const files = await readdir(join(installation.state, 'approvals'));
  for (const file of files)
    expect(await readFile(join(installation.state, 'approvals', file), 'utf8')).not.toContain(secret);
});

test('a client that gives up takes its call along', async () => {
  const calling = call('v1', 'too slow', 3_000);
  const id = await pending();
  expect((await calling).text).toContain('timed out');
  await until('the end of the approval', async () =>
    (await as('bob', 'show', id)).out.includes('cancelled') ? true : undefined,
  );
  expect((await as('bob', 'approve', id, '--reason', 'late')).err).toContain('cancelled');
  expect(await calls()).toEqual([]);
});

test('a client that is told to call again gets its answer then, once', async () => {
  const first = await call('v1', 'again');
  expect(first.text).toContain('call again with identical arguments');
  const id = await pending();
  expect(first.text).toContain(id);
  await as('bob', 'approve', id, '--reason', 'fine');
  expect((await call('v2', 'again')).text).toContain('Echo: again');
  expect(await calls()).toEqual(['again']);
});

test('a sidecar that is killed while it holds a call runs it once, when the client calls again', async () => {
  const calling = call('v2-modern', 'survives', 8_000);
  const id = await pending();
  sidecar?.kill('SIGKILL');
  await as('bob', 'approve', id, '--reason', 'fine');
  expect((await calling).text).not.toContain('Echo');
  await startSidecar();
  expect(await calls()).toEqual([]);
  expect((await call('v2-modern', 'survives')).text).toContain('Echo: survives');
  const again = call('v2-modern', 'survives');
  const other = await pending();
  expect(other).not.toBe(id);
  await as('bob', 'deny', other, '--reason', 'once is enough');
  await again;
  expect(await calls()).toEqual(['survives']);
});

test.each(['v1', 'v2'])('client %s, whose sidecar is killed while it waits, is told to call again', async (kind) => {
  const calling = call(kind, 'told', 45_000);
  const id = await pending();
  // Its stream has a head by then.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  sidecar?.kill('SIGKILL');
  await startSidecar();
  expect((await calling).text).toContain('call again with identical arguments');
  await as('bob', 'deny', id, '--reason', 'enough');
  expect(await calls()).toEqual([]);
});

test('the records say who decided, why, when and on what', async () => {
  sidecar?.kill('SIGTERM');
  const names = await until('archived records', async () => {
    const found = await installation.names('v1/records/');
    return found.length > 0 ? found : undefined;
  });
  const texts = await Promise.all(
    names.map(async (name) => gunzipSync((await installation.store.get(name)) ?? '').toString()),
  );
  const details = (kind: string): readonly unknown[] =>
    texts
      .join('\n')
      .split('\n')
      .filter((line) => line.includes(`"kind":"${kind}"`))
      .map((line) => JSON.parse(line).detail);
  expect(details('hold.decision')).toContainEqual(
    expect.objectContaining({
      runs: true,
      state: 'consumed',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      decisions: [expect.objectContaining({ subject: 'bob', verdict: 'approve', reason: 'ticket 4711' })],
    }),
  );
  expect(details('hold.open')).toContainEqual(expect.objectContaining({ form: 'task' }));
  const revealed = details('hold.reveal');
  expect(revealed).toEqual([
    expect.objectContaining({ by: { iss: expect.any(String), subject: 'bob' }, reason: 'ticket 4712' }),
  ]);
  expect(texts.join('')).not.toContain('ghp_16C7');
});
