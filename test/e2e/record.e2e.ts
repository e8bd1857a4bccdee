import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pullUntil, terminalOf, toolRequests, type Pulled } from './support/archive.ts';
import { audienceOf, deploy, endNamespace, namespaceOf, namespaceReady } from './support/installation.ts';
import { command, getJson, kubectl, portForward, type PortForward } from './support/kubectl.ts';
import { callerToken, inspect } from './support/mcp.ts';
import { inPodNetwork, podOf } from './support/node.ts';
import { openSession } from './support/session.ts';

const namespace = namespaceOf('record');
const planted = 'planted-secret-in-the-environment';

/** Markers of calls that were answered: each must be in the archive. */
const sent: string[] = [];

let token: string;
let forward: PortForward;

beforeAll(async () => {
  await namespaceReady(namespace);
  await deploy(namespace, 'everything.yaml', 'python.yaml');
  await kubectl('-n', namespace, 'rollout', 'status', 'deployment/everything', '--timeout=90s');
  await kubectl('-n', namespace, 'wait', 'pod/notes', '--for=condition=Ready', '--timeout=90s');
  token = await callerToken(namespace, 'caller', audienceOf(namespace, 'everything'));
  forward = await portForward(namespace, 'deployment/everything', 8080);
});

afterAll(async () => {
  await forward?.close();
  await endNamespace(namespace);
});

describe('an unmodified MCP server in a labelled namespace', () => {
  test('comes up with the sidecar first, then netguard', async () => {
    const { metadata } = await podOf(namespace, 'everything');
    const pod = await getJson<{
      metadata: { annotations: Record<string, string> };
      spec: { initContainers: { name: string }[] };
    }>('-n', namespace, 'pod', metadata.name);
    expect(pod.spec.initContainers.slice(0, 2).map(({ name }) => name)).toEqual(['tachograph', 'tachograph-netguard']);
    expect(JSON.parse(pod.metadata.annotations['tachograph.dev/status'] ?? '{}')).toMatchObject({
      mode: 'redirect',
      workload: 'everything',
    });
  });

  test('answers the Inspector through kubectl port-forward, with its secret masked', async () => {
    const { code, stdout, stderr } = await inspect(
      `http://127.0.0.1:${forward.port}/mcp`,
      token,
      '--method',
      'tools/call',
      '--tool-name',
      'get-env',
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('DB_PASSWORD');
    expect(stdout).not.toContain(planted);
  });

  test('answers the TypeScript SDK v1', async () => {
    const client = new ClientV1({ name: 'sdk-v1', version: '1' });
    await client.connect(
      new TransportV1(new URL(`http://localhost:${forward.port}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      }),
    );
    const result = await client.callTool({ name: 'echo', arguments: { message: 'marker-sdk-v1' } });
    expect(JSON.stringify(result)).toContain('marker-sdk-v1');
    sent.push('marker-sdk-v1');
    await client.close();
  });

  test('answers the TypeScript SDK v2', async () => {
    const client = new ClientV2({ name: 'sdk-v2', version: '1' });
    await client.connect(
      new TransportV2(new URL(`http://localhost:${forward.port}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      }),
    );
    const result = await client.callTool({ name: 'echo', arguments: { message: 'marker-sdk-v2' } });
    expect(JSON.stringify(result)).toContain('marker-sdk-v2');
    sent.push('marker-sdk-v2');
    await client.close();
  });
});

test('a Python server answers the Inspector', async () => {
  const python = await portForward(namespace, 'pod/notes', 8080);
  const pythonToken = await callerToken(namespace, 'caller', audienceOf(namespace, 'notes'));
  const { code, stdout, stderr } = await inspect(
    `http://127.0.0.1:${python.port}/mcp`,
    pythonToken,
    '--method',
    'tools/list',
  );
  await python.close();
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain('"tools"');
});

describe('every way in is answered', () => {
  test.each([0, 1])('the pod network, address %i', async (index) => {
    const { ip } = (await podOf(namespace, 'everything')).status.podIPs?.[index] ?? { ip: 'none' };
    await answered(`http://${ip.includes(':') ? `[${ip}]` : ip}:8080/mcp`, `marker-network-${index}`);
  });

  test('a port-forward over IPv4', async () => {
    await answered(`http://127.0.0.1:${forward.port}/mcp`, 'marker-forward-v4');
  });

  test('a port-forward over IPv6', async () => {
    await overIpv6(async (url) => answered(url, 'marker-forward-v6'));
  });

  test.each([
    ['another container of the pod', 'http://127.0.0.1:8080/mcp', 'marker-in-pod'],
    ['the Service', `http://everything.${namespace}.svc/mcp`, 'marker-service'],
  ])('%s', async (_way, url, marker) => {
    const { metadata } = await podOf(namespace, 'everything');
    expect(await callFromNeighbour(metadata.name, url, marker)).toContain(`Echo: ${marker}`);
    sent.push(marker);
  });
});

describe('the archive', () => {
  let pulled: Pulled;
  beforeAll(async () => {
    pulled = await pullUntil(namespace, (records) => sent.every((marker) => toolRequests(records, marker).length > 0));
  });

  test('verifies', () => {
    expect(pulled.verdict.findings).toEqual([]);
    expect([0, 2]).toContain(pulled.verdict.code);
  });

  test.each([
    ['marker-network-0', 'network'],
    ['marker-network-1', 'network'],
    ['marker-service', 'network'],
    ['marker-forward-v4', 'port-forward'],
    ['marker-forward-v6', 'port-forward'],
    ['marker-in-pod', 'in-pod'],
    ['marker-sdk-v1', 'port-forward'],
    ['marker-sdk-v2', 'port-forward'],
  ])('holds %s once, from %s, by its caller, with its answer', (marker, origin) => {
    const [request, ...more] = toolRequests(pulled.records, marker);
    expect(more).toEqual([]);
    expect(request).toMatchObject({
      origin,
      gen_ai_tool_name: 'echo',
      principal: { sub: `system:serviceaccount:${namespace}:caller`, type: 'workload' },
    });
    expect(terminalOf(pulled.records, request!)).toMatchObject([{ kind: 'mcp.response' }]);
  });

  test('holds no planted secret', () => {
    const objects = globSync('v1/**/*', { cwd: pulled.dir, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const entry of objects) {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      expect((entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).includes(planted)).toBe(false);
    }
  });

  test('says more than any log line: no token, secret or body is in one', async () => {
    const { metadata } = await podOf(namespace, 'everything');
    const ours = await kubectl('-n', namespace, 'logs', metadata.name, '-c', 'tachograph');
    const system = await kubectl(
      '-n',
      'tachograph',
      'logs',
      '-l',
      'app.kubernetes.io/name=tachograph',
      '--tail=-1',
      '--prefix',
    );
    expect(ours).toContain('"listening"');
    for (const text of [token, token.split('.')[2] ?? token, planted, 'marker-'])
      expect((ours + system).includes(text)).toBe(false);
  });

  test('has the masked answer of get-env', () => {
    const masked = pulled.records.filter((record) => record.kind === 'mcp.response' && (record.mask?.hits ?? 0) > 0);
    expect(masked.some((record) => record.body?.includes('DB_PASSWORD') === true)).toBe(true);
  });
});

/** One echo in a session of its own: no client library would take the address as it is. */
async function answered(url: string, marker: string): Promise<void> {
  const { status, text } = await (await openSession(url, token)).echo(marker);
  expect({ status, echoed: text.includes(`Echo: ${marker}`) }).toEqual({ status: 200, echoed: true });
  sent.push(marker);
}

/** The runtime dials 127.0.0.1 first and ::1 on any error: a reset for IPv4 makes a real port-forward go over IPv6. */
async function overIpv6(call: (url: string) => Promise<void>): Promise<void> {
  const { metadata } = await podOf(namespace, 'everything');
  const chain =
    'type filter hook output priority -200\nmeta skuid 0 ip daddr 127.0.0.1 tcp dport 8080 reject with tcp reset';
  const rules = `table ip e2e {\nchain out {\n${chain}\n}\n}\n`;
  expect(await inPodNetwork(metadata.uid, 'nft', ['-f', '-'], rules)).toMatchObject({ code: 0 });
  const ipv6 = await portForward(namespace, 'deployment/everything', 8080);
  try {
    await call(`http://127.0.0.1:${ipv6.port}/mcp`);
  } finally {
    await ipv6.close();
    await inPodNetwork(metadata.uid, 'nft', ['delete', 'table', 'ip', 'e2e']);
  }
}

/** The same call from another container of the pod, by that container's own node. */
async function callFromNeighbour(pod: string, url: string, marker: string): Promise<string> {
  const script = `${openSession.toString()}
    openSession(${JSON.stringify(url)}, ${JSON.stringify(token)})
      .then((session) => session.echo(${JSON.stringify(marker)}))
      .then(({ text }) => console.log(text), (error) => console.log(String(error)));`;
  const args = ['-n', namespace, 'exec', pod, '-c', 'neighbour', '--', 'node', '-e', script];
  const { stdout, stderr } = await command('kubectl', args);
  return stdout + stderr;
}
