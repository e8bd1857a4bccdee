import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pullUntil, toolRequests } from './support/archive.ts';
import { deploy, endNamespace, namespaceOf, namespaceReady } from './support/installation.ts';
import { apply, command, getJson, kubectl, portForward, tryKubectl, type PortForward } from './support/kubectl.ts';
import { callerToken, post } from './support/mcp.ts';
import { dialInPod, dialScript, inPodNetwork, podOf } from './support/node.ts';

const namespace = namespaceOf('refuse');
const call = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'echo', arguments: { message: 'refuse-me' } },
};
const listeners = [15_001, 15_002, 15_003];

let forward: PortForward;
let url: string;
let podUid: string;
let addresses: readonly string[];

beforeAll(async () => {
  await namespaceReady(namespace);
  await deploy(namespace, 'rooted.yaml');
  await kubectl('-n', namespace, 'wait', 'pod/rooted', '--for=condition=Ready', '--timeout=90s');
  forward = await portForward(namespace, 'pod/rooted', 8080);
  url = `http://127.0.0.1:${forward.port}/mcp`;
  const pod = await podOf(namespace, 'rooted');
  podUid = pod.metadata.uid;
  addresses = (pod.status.podIPs ?? []).map(({ ip }) => ip);
});

afterAll(async () => {
  await forward?.close();
  await endNamespace(namespace);
});

/** Runs a node script in a container of the pod. */
async function inContainer(container: string, script: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await command('kubectl', [
    '-n',
    namespace,
    'exec',
    'rooted',
    '-c',
    container,
    '--',
    'node',
    '-e',
    script,
    ...args,
  ]);
  return (stdout + stderr).trim();
}

describe('a caller without valid identity', () => {
  test('is sent to log in when there is no token', async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(call),
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer .*resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known/,
    );
  });

  test('is refused with a token for another audience', async () => {
    const other = await callerToken(namespace, 'caller', 'tachograph://test/elsewhere/other');
    expect((await post(url, other, call)).status).toBe(401);
  });
});

describe('the application cannot be reached around the sidecar', () => {
  test('from the network: both families answer, and both want identity', async () => {
    for (const ip of addresses) {
      const host = ip.includes(':') ? `[${ip}]` : ip;
      expect({ ip, status: (await post(`http://${host}:8080/mcp`, undefined, call)).status }).toEqual({
        ip,
        status: 401,
      });
    }
  });

  test('by the listeners’ own ports', async () => {
    for (const port of listeners) {
      for (const host of ['127.0.0.1', '::1', ...addresses]) {
        expect({ host, port, end: await dialInPod(podUid, host, port) }).toEqual({ host, port, end: 'ECONNREFUSED' });
      }
    }
  });

  test('by a root container: it cannot become the sidecar, nor touch the rules', async () => {
    const sidecarUid = await uidOfSidecar();
    expect(
      await inContainer(
        'root',
        `try { process.setuid(${sidecarUid}); console.log('became it'); } catch (error) { console.log(error.code); }`,
      ),
    ).toBe('EPERM');
    const raw = `const { spawnSync } = require('node:child_process'); console.log(spawnSync('nft', ['list', 'ruleset']).status === 0 ? 'listed' : 'no');`;
    expect(await inContainer('root', raw)).toBe('no');
    for (const host of ['127.0.0.1', '::1', ...addresses])
      expect(await inContainer('root', statusScript, host)).toBe('401');
  });

  test('by a second UID of the pod', async () => {
    for (const host of ['127.0.0.1', '::1', ...addresses])
      expect(await inContainer('second', statusScript, host)).toBe('401');
    for (const port of listeners)
      expect(await inContainer('second', dialScript, '127.0.0.1', String(port))).toBe('ECONNREFUSED');
  });

  test('with the redirect flushed: the port is closed, not open', async () => {
    const saved = await inPodNetwork(podUid, 'nft', ['list', 'table', 'inet', 'tachograph']);
    try {
      for (const chain of natChains(saved.stdout))
        expect(await inPodNetwork(podUid, 'nft', ['flush', 'chain', 'inet', 'tachograph', chain])).toMatchObject({
          code: 0,
        });
      for (const host of ['127.0.0.1', '::1', ...addresses])
        expect({ host, end: await dialInPod(podUid, host, 8080) }).toEqual({ host, end: 'ECONNREFUSED' });
    } finally {
      await inPodNetwork(podUid, 'nft', ['-f', '-'], `delete table inet tachograph\n${saved.stdout}`);
    }
    expect((await post(`http://${addresses[0]}:8080/mcp`, undefined, call)).status).toBe(401);
  });
});

describe('admission refuses', () => {
  test.each([
    ['exec', ['exec', 'rooted', '-c', 'tachograph', '--', 'node', '-e', '0']],
    ['attach', ['attach', 'rooted', '-c', 'tachograph']],
  ])('%s to the sidecar', async (_name, args) => {
    const { code, stderr } = await tryKubectl('-n', namespace, ...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/denied the request/);
  });

  test.each([
    ['hostNetwork', { hostNetwork: true }],
    ['hostPID', { hostPID: true }],
    ['shareProcessNamespace', { shareProcessNamespace: true }],
  ])('%s, with the reason', async (field, spec) => {
    const { code, stderr } = await apply(podWith({ ...spec }));
    expect(code).not.toBe(0);
    expect(stderr).toContain(field);
  });

  test('a container that adds NET_ADMIN, and one that is privileged', async () => {
    for (const securityContext of [{ capabilities: { add: ['NET_ADMIN'] } }, { privileged: true }]) {
      const { code, stderr } = await apply(podWith({}, { securityContext }));
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/NET_ADMIN|privileged/);
    }
  });

  test('a token for the controller’s audience', async () => {
    const { code, stderr } = await tryKubectl(
      '-n',
      namespace,
      'create',
      'token',
      'caller',
      '--audience',
      'tachograph-controller',
    );
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/denied the request/);
  });

  test('taking the label off', async () => {
    const { code, stderr } = await tryKubectl('-n', namespace, 'label', 'pod', 'rooted', 'tachograph.dev/mcp-server-');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/denied the request/);
  });
});

test('the archive counts what was refused, and holds no call of it', async () => {
  const { records, verdict } = await pullUntil(namespace, (all) =>
    all.some((record) => record.kind === 'auth.refused'),
  );
  expect(verdict.findings).toEqual([]);
  expect([0, 2]).toContain(verdict.code);
  expect(toolRequests(records, 'refuse-me')).toEqual([]);
});

/** Prints the HTTP status of a call without identity. */
const statusScript = `
const host = process.argv[1].includes(':') ? '[' + process.argv[1] + ']' : process.argv[1];
fetch('http://' + host + ':8080/mcp', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(call))} })
  .then((answer) => console.log(answer.status), (error) => console.log(error.cause?.code ?? String(error)));
`;

async function uidOfSidecar(): Promise<number> {
  const pod = await getJson<{ spec: { initContainers: { name: string; securityContext: { runAsUser: number } }[] } }>(
    '-n',
    namespace,
    'pod',
    'rooted',
  );
  return pod.spec.initContainers.find(({ name }) => name === 'tachograph')?.securityContext.runAsUser ?? 0;
}

/** Chains of type nat in `nft list table` output. */
function natChains(table: string): readonly string[] {
  return [...table.matchAll(/chain (\w+) \{\s*type nat /g)].map(([, name = '']) => name);
}

function podWith(spec: object, container: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'hostile', namespace, labels: { 'tachograph.dev/mcp-server': 'true' } },
    spec: {
      ...spec,
      containers: [
        {
          name: 'server',
          image: 'tachograph.test/tools:1',
          ports: [{ name: 'mcp', containerPort: 8080 }],
          ...container,
        },
      ],
    },
  });
}
