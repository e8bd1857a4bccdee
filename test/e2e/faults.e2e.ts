import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StoredRecord } from '@tachograph/protocol';
import { bodyOf, pullUntil, terminalOf, toolRequests, type Pulled } from './support/archive.ts';
import { audienceOf, deploy, installation, endNamespace, namespaceOf, namespaceReady } from './support/installation.ts';
import { kubectl, portForward, until, type PortForward } from './support/kubectl.ts';
import { callerToken } from './support/mcp.ts';
import { podOf, processesOf } from './support/node.ts';
import { acceptPipeline, refusePipelines } from './support/pipelines.ts';
import { openSession, type Session } from './support/session.ts';

const namespace = namespaceOf('faults');
const acknowledged: string[] = [];
const reported: string[] = [];

/** A pipeline's: nobody needs to be asked about it while the controllers are away. */
let token: string;
let forward: PortForward;
let podUid: string;

beforeAll(async () => {
  await namespaceReady(namespace);
  await deploy(namespace, 'everything.yaml');
  await kubectl('-n', namespace, 'rollout', 'status', 'deployment/everything', '--timeout=90s');
  token = await acceptPipeline('repo:corp/faults:ref:refs/heads/main', audienceOf(namespace, 'everything'));
  podUid = (await podOf(namespace, 'everything')).metadata.uid;
  forward = await portForward(namespace, 'deployment/everything', 8080);
  await until('the pipeline to be accepted', async () => session().then(async (open) => open.end().then(() => true)));
});

afterAll(async () => {
  await emulatorFault('DELETE');
  await refusePipelines();
  await forward?.close();
  await endNamespace(namespace);
});

const session = async (): Promise<Session> => openSession(`http://127.0.0.1:${forward.port}/mcp`, token);

/** Calls echo and remembers the marker as acknowledged. */
async function acknowledge(open: Session, marker: string): Promise<void> {
  expect(await open.echo(marker)).toMatchObject({ status: 200 });
  acknowledged.push(marker);
}

async function emulatorFault(method: 'POST' | 'DELETE', fault?: object): Promise<void> {
  const { endpoint } = await installation();
  const body = fault === undefined ? {} : { body: JSON.stringify(fault) };
  const answer = await fetch(`${endpoint}/emulator/faults`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...body,
  });
  await answer.text();
  expect(answer.ok).toBe(true);
}

test('a sidecar killed in mid-call comes back, and the call is recorded as unknown', async () => {
  const before = await session();
  await acknowledge(before, 'marker-before-kill');
  const long = before.call('trigger-long-running-operation', { duration: 20, steps: 4 }).then(
    (answer) => answer.status,
    () => 'broken',
  );
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const [pid] = processesOf(podUid, 'tachograph-sidecar');
  process.kill(pid!, 'SIGKILL');
  reported.push('trigger-long-running-operation');
  await until('the sidecar to come back', async () =>
    processesOf(podUid, 'tachograph-sidecar').some((other) => other !== pid),
  );
  await forward.close();
  await long;
  await kubectl('-n', namespace, 'wait', 'pod', '-l', 'app=everything', '--for=condition=Ready', '--timeout=60s');
  forward = await portForward(namespace, 'deployment/everything', 8080);
  await until(
    'a call after the kill',
    async () => acknowledge(await session(), 'marker-after-kill').then(() => true),
    30_000,
  );
});

test('with the controllers away for a minute calls go on, and arrive later; a ServiceAccount’s do not', async () => {
  const url = `http://127.0.0.1:${forward.port}/mcp`;
  const account = await openSession(url, await callerToken(namespace, 'caller', audienceOf(namespace, 'everything')));
  await acknowledge(account, 'marker-reviewed');
  await kubectl('-n', 'tachograph', 'scale', 'deployment/tachograph-controller', '--replicas=0');
  await kubectl(
    '-n',
    'tachograph',
    'wait',
    'pod',
    '-l',
    'app.kubernetes.io/component=controller',
    '--for=delete',
    '--timeout=60s',
  );
  const open = await session();
  const end = performance.now() + 60_000;
  for (let index = 0; performance.now() < end; index += 1) {
    await acknowledge(open, `marker-alone-${index}`);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  expect(await account.echo('marker-not-reviewed')).toMatchObject({
    status: 503,
    text: expect.stringContaining('token_review'),
  });
  await kubectl('-n', 'tachograph', 'scale', 'deployment/tachograph-controller', '--replicas=2');
  await kubectl('-n', 'tachograph', 'rollout', 'status', 'deployment/tachograph-controller', '--timeout=90s');
  await until('the review', async () => (await account.echo('marker-reviewed-again')).status === 200);
  acknowledged.push('marker-reviewed-again');
});

test('a bucket that answers 503, and one that commits and drops the answer, lose nothing', async () => {
  const open = await session();
  await emulatorFault('POST', { kind: 'status', status: 503, times: 5 });
  for (let index = 0; index < 5; index += 1) await acknowledge(open, `marker-503-${index}`);
  await emulatorFault('POST', { kind: 'drop-after-commit', times: 3 });
  for (let index = 0; index < 5; index += 1) await acknowledge(open, `marker-dropped-${index}`);
  await open.end();
});

test('a full spool refuses calls with the reason, and takes them again when it is empty', async () => {
  await kubectl('-n', 'tachograph', 'scale', 'deployment/tachograph-controller', '--replicas=0');
  const open = await session();
  const filler = 'x'.repeat(1_000_000);
  let refusal: { status: number; text: string } | undefined;
  for (let index = 0; index < 400 && refusal === undefined; index += 1) {
    const answer = await open.echo(`marker-full-${index}-${filler}`);
    if (answer.status === 200) acknowledged.push(`marker-full-${index}-`);
    else refusal = answer;
  }
  expect(refusal).toMatchObject({ status: 503, text: expect.stringContaining('spool_full') });
  await kubectl('-n', 'tachograph', 'scale', 'deployment/tachograph-controller', '--replicas=2');
  await kubectl('-n', 'tachograph', 'rollout', 'status', 'deployment/tachograph-controller', '--timeout=90s');
  await until(
    'calls to be taken again',
    async () => (await (await session()).echo('marker-emptied')).status === 200,
    120_000,
  );
  acknowledged.push('marker-emptied');
});

test('sent = archived + explicitly reported', async () => {
  const last = acknowledged.at(-1) ?? '';
  const pulled = await pullUntil(namespace, (records) => toolRequests(records, last).length > 0);
  expect([0, 2]).toContain(pulled.verdict.code);
  const requests = pulled.records.filter(
    ({ kind, gen_ai_tool_name: tool }) => kind === 'mcp.request' && tool === 'echo',
  );
  expect(acknowledged.filter((marker) => !isArchived(pulled, requests, marker))).toEqual([]);
  for (const tool of reported) expect(unknownRequests(pulled, tool)).toBeGreaterThan(0);
});

/** A client may have sent a call again after the kill: each time must be answered, once. */
function isArchived(pulled: Pulled, requests: readonly StoredRecord[], marker: string): boolean {
  const its = requests.filter((record) => bodyOf(pulled, record).includes(marker));
  return its.length > 0 && its.every((request) => terminalOf(pulled.records, request).length === 1);
}

/** Requests for a tool without an answer, which a later stream names as unknown. */
function unknownRequests(pulled: Pulled, tool: string): number {
  const open = pulled.records.filter(
    (record) =>
      record.kind === 'mcp.request' &&
      record.gen_ai_tool_name === tool &&
      terminalOf(pulled.records, record).length === 0,
  );
  const resumed = JSON.stringify(
    pulled.records.filter((record) => record.kind === 'stream.resume').map(({ detail }) => detail),
  );
  return open.filter((record) => resumed.includes(`"seq":${record.seq}`)).length;
}
