import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approverAudience } from '@tachograph/protocol';
import type { Page } from '../../packages/authserver/src/testing/browser.ts';
import { inspector } from './stock/inspector.ts';
import { mcpRemote } from './stock/mcp-remote.ts';
import { stockClients, type StockClient } from './stock/index.ts';
import { toolPath } from './stock/tools.ts';
import { pullUntil, tacho, toolRequests, type Pulled } from './support/archive.ts';
import { scriptedBrowser, type Login, type ScriptedBrowser } from './support/browser.ts';
import { startCompanyIdp, type CompanyIdp } from './support/idp.ts';
import {
  audienceOf,
  cluster,
  deploy,
  endNamespace,
  installation,
  namespaceOf,
  namespaceReady,
  system,
} from './support/installation.ts';
import { getJson, kubectl, portForward, until, type CommandResult, type PortForward } from './support/kubectl.ts';
import { beginLogin, browserFor, buttonOf, renewTokens, type HandLogin, type Tokens } from './support/login-by-hand.ts';
import { configureLogin, removeLogin, type CiIssuer } from './support/login-installation.ts';
import { callerToken, inspect, post } from './support/mcp.ts';
import { podOf } from './support/node.ts';
import { openSession } from './support/session.ts';

const namespace = namespaceOf('identity');
const runnable = stockClients.filter(({ missing }) => missing === undefined);
const chromium = toolPath('chromium');
const pipeline = 'repo:corp/tools:ref:refs/heads/main';

let idp: CompanyIdp;
let ci: CiIssuer;
let pod: string;
let forward: PortForward;
/** Where a client keeps what it has between its runs, by its name. */
const homes = new Map<string, string>();
const sent = new Map<string, Expected>();

interface Expected {
  readonly sub: string;
  readonly type: 'human' | 'workload' | 'ci';
  readonly workload: string;
}

const leftOut = [...stockClients, { name: 'Chromium (plain HTTP instead)', missing: chromium.missing }];
for (const { name, missing } of leftOut)
  if (missing !== undefined) process.stderr.write(`left out: ${name}: ${missing}\n`);

beforeAll(async () => {
  idp = await startCompanyIdp();
  ci = await configureLogin(idp, [`system:serviceaccount:${namespace}:security`]);
  await namespaceReady(namespace);
  await deploy(namespace, 'everything.yaml', 'second.yaml');
  await kubectl('-n', namespace, 'create', 'serviceaccount', 'security');
  await kubectl('-n', namespace, 'rollout', 'status', 'deployment/everything', '--timeout=90s');
  await kubectl('-n', namespace, 'wait', 'pod/second', '--for=condition=Ready', '--timeout=90s');
  pod = `pod/${(await podOf(namespace, 'everything')).metadata.name}`;
  forward = await portForward(namespace, pod, 8080);
});

afterAll(async () => {
  await forward?.close();
  await endNamespace(namespace);
  await removeLogin();
  await idp?.close();
  for (const home of homes.values()) rmSync(home, { recursive: true, force: true });
});

/** The person `alice` at a browser of her own. */
function aliceAtBrowser(): ScriptedBrowser {
  return scriptedBrowser({
    person: 'alice',
    chromium: chromium.missing === undefined ? chromium.path : undefined,
    caFile: idp.caFile,
  });
}

function homeOf({ name }: StockClient): string {
  const home = homes.get(name) ?? mkdtempSync(join(tmpdir(), 'tacho-client-'));
  homes.set(name, home);
  return home;
}

/** One echo by a stock client at the forwarded port; gives the logins that it needed. */
async function echoBy(client: StockClient, message: string, workload = 'everything'): Promise<readonly Login[]> {
  const browser = aliceAtBrowser();
  const url = `http://localhost:${forward.port}/mcp`;
  const shown = await client.echo({ url, message, home: homeOf(client), browser: browser.command });
  expect(shown).toContain(`Echo: ${message}`);
  sent.set(message, { sub: 'alice', type: 'human', workload });
  return browser.logins();
}

const markerOf = ({ name }: StockClient, what: string): string =>
  `marker-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${what}`;

/** Consent page, company login, callback: what a person must see, in this order. */
function expectWholeLogin(login: Login | undefined, workload: string): void {
  const local = `http://localhost:${forward.port}/mcp`;
  expect(login?.visits).toEqual([
    {
      url: expect.stringContaining(`http://tachograph.localhost:${forward.port}/as/${namespace}/${workload}/`),
      text: expect.stringMatching(
        new RegExp(`${workload} in namespace ${namespace}.*${local}.*http://(localhost|127)`, 's'),
      ),
      pressed: `Continue to ${new URL(idp.issuer).host}`,
    },
    { url: expect.stringContaining(`${idp.issuer}/`), text: expect.any(String), pressed: 'Log in' },
    { url: expect.stringMatching(/^http:\/\/(localhost|127\.0\.0\.1):\d+\/.*code=/), text: expect.any(String) },
  ]);
  expect(login).toMatchObject({ engine: chromium.missing === undefined ? 'chromium' : 'plain' });
}

describe('through kubectl port-forward, at a provider that concedes nothing,', () => {
  test.each(runnable)('$name logs in and calls a tool', async (client) => {
    const logins = await echoBy(client, markerOf(client, 'first'));
    expect(logins).toHaveLength(1);
    expectWholeLogin(logins[0], 'everything');
  });

  test.each(runnable)('$name calls again', async (client) => {
    const logins = await echoBy(client, markerOf(client, 'again'));
    // The Inspector keeps no tokens where there is no keychain.
    expect(logins).toHaveLength(client === inspector ? 1 : 0);
  });
});

describe('a token got through one local port', () => {
  test('is good at another, and is renewed there', async () => {
    const login = await beginLogin(`http://localhost:${forward.port}/mcp`);
    const tokens = await login.redeem((await pressed(login, 'alice')).url);
    const other = await portForward(namespace, pod, 8080);
    try {
      const url = `http://127.0.0.1:${other.port}/mcp`;
      await echoWith(tokens.access_token, url, { message: 'marker-other-port' });
      const renewed = await renewTokens(url, tokens);
      await echoWith(renewed.access_token, url, { message: 'marker-other-port-renewed' });
      await expect(renewTokens(url, tokens)).rejects.toThrow('invalid_grant');
    } finally {
      await other.close();
    }
  });
});

describe('another person', () => {
  test('is another caller, with groups of her own', async () => {
    const url = `http://localhost:${forward.port}/mcp`;
    const login = await beginLogin(url);
    const { access_token: token } = await login.redeem((await pressed(login, 'bob')).url);
    await echoWith(token, url, { message: 'marker-bob', sub: 'bob' });
    expect(sent.get('marker-bob')).toMatchObject({ sub: 'bob' });
  });
});

describe('another workload forwarded to the same local port', () => {
  beforeAll(async () => {
    const { port } = forward;
    await forward.close();
    forward = await portForward(namespace, 'pod/second', `${port}:8080`);
  });

  test.each(runnable.filter((client) => client !== inspector))(
    'leads $name to a fresh login, not to a wrong token',
    async (client) => {
      const logins = await echoBy(client, markerOf(client, 'second'), 'second');
      expect(logins).toHaveLength(1);
      expectWholeLogin(logins[0], 'second');
    },
  );

  test('shows a page that says so to the Inspector, which asks no more where to log in', async () => {
    const browser = aliceAtBrowser();
    const waiting = new AbortController();
    const call = { message: 'never', home: homeOf(inspector), browser: browser.command, signal: waiting.signal };
    const ended = inspector.echo({ ...call, url: `http://localhost:${forward.port}/mcp` }).catch(() => 'ended');
    const login = await until('a page', async () => (await browser.logins())[0], 150_000);
    waiting.abort();
    expect(login.visits).toMatchObject([{ text: expect.stringContaining('another MCP server') }]);
    expect(await ended).toBe('ended');
  });

  test('leads the Inspector to a fresh login too, once what it stored is gone', async () => {
    homes.delete(inspector.name);
    const logins = await echoBy(inspector, markerOf(inspector, 'second'), 'second');
    expect(logins).toHaveLength(1);
    expectWholeLogin(logins[0], 'second');
  });

  afterAll(async () => {
    const { port } = forward;
    await forward.close();
    forward = await portForward(namespace, pod, `${port}:8080`);
  });
});

describe('in the middle of a login', () => {
  test('every controller that began it may end: others complete it', async () => {
    const before = await controllerPods();
    expect(before).toHaveLength(2);
    const login = await beginLogin(`http://localhost:${forward.port}/mcp`);
    const browser = browserFor(login, readFileSync(idp.caFile, 'utf8'));
    const consent = await browser.open(login.authorizationUrl);
    await replaceController(before[0]!);
    const company = await browser.press(consent, buttonOf(consent));
    expect(company.url.origin).toBe(idp.issuer);
    await replaceController(before[1]!);
    expect((await controllerPods()).filter((name) => before.includes(name))).toEqual([]);
    const callback = await browser.press(company, buttonOf(company), { fields: { username: 'alice' } });
    const tokens = await login.redeem(callback.url);
    await echoWith(tokens.access_token, `http://localhost:${forward.port}/mcp`, { message: 'marker-replicas' });
  });
});

describe('without a person', () => {
  test('a ServiceAccount’s token is enough', async () => {
    const token = await callerToken(namespace, 'caller', audienceOf(namespace, 'everything'));
    const args = ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'message=marker-account'];
    const { stdout } = await inspect(`http://localhost:${forward.port}/mcp`, token, ...args);
    expect(stdout).toContain('Echo: marker-account');
    const sub = `system:serviceaccount:${namespace}:caller`;
    sent.set('marker-account', { sub, type: 'workload', workload: 'everything' });
  });

  test('so is a pipeline’s, for the audience that the company agreed on', async () => {
    const url = `http://localhost:${forward.port}/mcp`;
    const token = await ci.token({ sub: pipeline });
    await (await openSession(url, token)).echo('marker-pipeline');
    sent.set('marker-pipeline', { sub: pipeline, type: 'ci', workload: 'everything' });
    const foreign = await ci.token({ sub: 'repo:elsewhere/tools:ref:refs/heads/main' });
    expect((await post(url, foreign, { jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(401);
  });
});

describe('a person whose access is revoked', () => {
  test('is refused with the token, and with the login, until a new one', async () => {
    const url = `http://localhost:${forward.port}/mcp`;
    const login = await beginLogin(url);
    const tokens = await login.redeem((await pressed(login, 'alice')).url);
    await echoWith(tokens.access_token, url, { message: 'marker-revoked-before' });
    expect(await revoke('alice', 'laptop stolen')).toMatchObject({ code: 0, stderr: '' });
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    await until('the refusal', async () => (await post(url, tokens.access_token, ping)).status === 401);
    expect(await renewUntilRefused(url, tokens)).toEqual(new Set());
    expect(await echoBy(mcpRemote, 'marker-revoked-after')).toHaveLength(1);
  });

  test('others go on', async () => {
    const url = `http://localhost:${forward.port}/mcp`;
    const { status } = await (await openSession(url, await ci.token({ sub: pipeline }))).echo('marker-others');
    expect(status).toBe(200);
  });
});

describe('the archive', () => {
  let pulled: Pulled;

  beforeAll(async () => {
    const last = [...sent.keys()];
    pulled = await pullUntil(namespace, (records) => last.every((marker) => toolRequests(records, marker).length > 0));
  });

  test('verifies', () => {
    expect(pulled.verdict.findings).toEqual([]);
    expect([0, 2]).toContain(pulled.verdict.code);
  });

  test('names the caller of every call', () => {
    for (const [marker, { sub, type, workload }] of sent) {
      const [request] = toolRequests(pulled.records, marker);
      const stream = pulled.records.find(
        (record) => record.kind === 'stream.open' && record.stream === request?.stream,
      );
      const seen = { marker, principal: request?.principal, stream: stream?.detail };
      expect(seen).toMatchObject({ marker, principal: { sub, type }, stream: { workload } });
    }
  });

  test('tells clients and groups apart', () => {
    const groups = { alice: ['platform', 'dev'], bob: ['data'] };
    const people = [...sent].filter(([, { type }]) => type === 'human');
    const requests = people.map(([marker]) => toolRequests(pulled.records, marker)[0]);
    const seen = Object.fromEntries(requests.map((request) => [request?.principal?.sub, request?.principal?.groups]));
    expect(seen).toEqual(groups);
    const clients = new Set(requests.map((request) => request?.principal?.client_id));
    expect(clients.has(undefined)).toBe(false);
    expect(clients.size).toBeGreaterThanOrEqual(runnable.length);
  });

  test.each([
    [['--subject', 'alice'], 'human'],
    [['--group', 'platform'], 'human'],
    [['--subject', 'bob'], 'human'],
    [['--subject', pipeline], 'ci'],
    [['--subject-type', 'workload'], 'workload'],
  ])('answers tacho sessions %j', async (filter, type) => {
    const sessions = await sessionsOf(...filter);
    expect(sessions.length).toBeGreaterThan(0);
    expect(new Set(sessions.map(({ principal }) => principal?.type))).toEqual(new Set([type]));
  });

  test('finds the sessions of one client', async () => {
    const [request] = toolRequests(pulled.records, 'marker-replicas');
    const sessions = await sessionsOf('--client', request?.principal?.client_id ?? '');
    expect(sessions.map(({ principal }) => principal?.sub)).toEqual(['alice']);
  });

  test('holds no token', async () => {
    const text = JSON.stringify(pulled.records);
    for (const client of runnable) for (const token of tokensBelow(homeOf(client))) expect(text).not.toContain(token);
  });
});

/** The callback, after consent and the company's login. */
async function pressed(login: HandLogin, person: string): Promise<Page> {
  const browser = browserFor(login, readFileSync(idp.caFile, 'utf8'));
  const consent = await browser.open(login.authorizationUrl);
  const company = await browser.press(consent, buttonOf(consent));
  return browser.press(company, buttonOf(company), { fields: { username: person } });
}

async function echoWith(
  token: string,
  url: string,
  { message, sub = 'alice' }: { message: string; sub?: string },
): Promise<void> {
  const { status, text } = await (await openSession(url, token)).echo(message);
  expect({ status, echoed: text.includes(`Echo: ${message}`) }).toEqual({ status: 200, echoed: true });
  sent.set(message, { sub, type: 'human', workload: 'everything' });
}

interface Pods {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly deletionTimestamp?: string } }[];
}

const controllers = ['-n', system, '-l', 'app.kubernetes.io/component=controller'];

async function controllerPods(): Promise<readonly string[]> {
  const { items } = await getJson<Pods>('pods', ...controllers);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
}

/** Kills a controller without notice, and waits for the one that takes its place. */
async function replaceController(name: string): Promise<void> {
  await kubectl('-n', system, 'delete', 'pod', name, '--grace-period=0', '--force');
  await kubectl('-n', system, 'rollout', 'status', 'deployment/tachograph-controller', '--timeout=150s');
}

interface Session {
  readonly principal?: { readonly sub: string; readonly type: string };
}

/**
 * Renews until every replica knows of the revocation, which takes seconds. Gives what calls with a token that one of them
 * still gave ended with, where it was no refusal: such a token says when the login was.
 */
async function renewUntilRefused(url: string, tokens: Tokens): Promise<ReadonlySet<number>> {
  const taken = new Set<number>();
  let latest = tokens;
  await until('renewals to be refused', async () => {
    const renewed = await renewTokens(url, latest).catch((error: unknown) => String(error));
    if (typeof renewed === 'string') return renewed.includes('invalid_grant');
    latest = renewed;
    const { status } = await post(url, renewed.access_token, { jsonrpc: '2.0', id: 1, method: 'ping' });
    if (status !== 401) taken.add(status);
    return false;
  });
  return taken;
}

/** As the security team does it, at the controller. */
async function revoke(subject: string, reason: string): Promise<CommandResult> {
  const token = await callerToken(namespace, 'security', approverAudience(cluster));
  const controller = await portForward(system, 'service/tachograph-controller', 8443);
  const at = ['--controller', `https://127.0.0.1:${controller.port}`, '--token', token];
  try {
    return await tacho('access', 'revoke', '--subject', subject, '--reason', reason, ...at);
  } finally {
    await controller.close();
  }
}

async function sessionsOf(...filter: readonly string[]): Promise<readonly Session[]> {
  const { bucket, endpoint } = await installation();
  const where = ['--bucket', bucket, '--endpoint', endpoint, '--namespace', namespace];
  const { code, stdout, stderr } = await tacho('sessions', ...where, '--open', ...filter, '--json');
  if (code !== 0) throw new Error(`tacho sessions: exit ${code}: ${stderr}`);
  return (JSON.parse(stdout) as { sessions: Session[] }).sessions;
}

/** Tokens that a client keeps in files of its own. */
function tokensBelow(home: string): readonly string[] {
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  return texts.flatMap((text) => text.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? []);
}
