import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pullUntil, terminalOf, toolRequests, type Pulled } from './support/archive.ts';
import { audienceOf, deploy, namespaceReady } from './support/installation.ts';
import { command, getJson, kubectl, portForward, type PortForward } from './support/kubectl.ts';
import { callerToken, inspect, post } from './support/mcp.ts';
import { inPodNetwork, podOf } from './support/node.ts';

const namespace = 'e2e-record';
const planted = 'planted-secret-in-the-environment';
const echo = (marker: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'echo', arguments: { message: marker } },
});

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

afterAll(async () => forward?.close());

describe('an unmodified MCP server in a labelled namespace', () => {
  test('comes up with the sidecar first, then netguard', async () => {
    const { metadata } = await podOf(namespace, 'everything');
    const pod = await getJson<{ metadata: { annotations: Record<string, string> }; spec: { initContainers: { name: string }[] } }>(
      '-n', namespace, 'pod', metadata.name,
    );
    expect(pod.spec.initContainers.slice(0, 2).map(({ name }) => name)).toEqual(['tachograph', 'tachograph-netguard']);
    expect(JSON.parse(pod.metadata.annotations['tachograph.dev/status'] ?? '{}')).toMatchObject({ mode: 'redirect', workload: 'everything' });
  });

  test('answers the Inspector through kubectl port-forward, with its secret masked', async () => {
    const { code, stdout, stderr } = await inspect(`http://127.0.0.1:${forward.port}/mcp`, token, '--method', 'tools/call', '--tool-name', 'get-env');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('DB_PASSWORD');
    expect(stdout).not.toContain(planted);
  });

  test('answers the TypeScript SDK v1', async () => {
    const client = new ClientV1({ name: 'sdk-v1', version: '1' });
    await client.connect(
      new TransportV1(new URL(`http://localhost:${forward.port}/mcp`), { requestInit: { headers: { authorization: `Bearer ${token}` } } }),
    );
    const result = await client.callTool({ name: 'echo', arguments: { message: 'marker-sdk-v1' } });
    expect(JSON.stringify(result)).toContain('marker-sdk-v1');
    await client.close();
  });

  test('answers the TypeScript SDK v2', async () => {
    const client = new ClientV2({ name: 'sdk-v2', version: '1' });
    await client.connect(
      new TransportV2(new URL(`http://localhost:${forward.port}/mcp`), { requestInit: { headers: { authorization: `Bearer ${token}` } } }),
    );
    const result = await client.callTool({ name: 'echo', arguments: { message: 'marker-sdk-v2' } });
    expect(JSON.stringify(result)).toContain('marker-sdk-v2');
    await client.close();
  });
});

test('a Python server answers the Inspector', async () => {
  const python = await portForward(namespace, 'pod/notes', 8080);
  const pythonToken = await callerToken(namespace, 'caller', audienceOf(namespace, 'notes'));
  const { code, stdout, stderr } = await inspect(`http://127.0.0.1:${python.port}/mcp`, pythonToken, '--method', 'tools/list');
  await python.close();
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain('"tools"');
});

describe('every way in', () => {
  test('is answered: pod network of both families, Service, port-forward of both families, in-pod', async () => {
    const pod = await podOf(namespace, 'everything');
    const [v4, v6] = (pod.status.podIPs ?? []).map(({ ip }) => ip);
    const service = await getJson<{ spec: { clusterIP: string } }>('-n', namespace, 'service', 'everything');
    const ways: Readonly<Record<string, string>> = {
      'marker-network-v4': `http://${v4}:8080/mcp`,
      'marker-network-v6': `http://[${v6}]:8080/mcp`,
      'marker-service': `http://${service.spec.clusterIP}/mcp`,
      'marker-forward-v4': `http://127.0.0.1:${forward.port}/mcp`,
    };
    for (const [marker, url] of Object.entries(ways)) expect({ marker, ...(await sessionCall(url, marker)) }).toMatchObject({ marker, status: 200 });
    expect(await callOverIpv6Forward(pod.metadata.uid)).toBe(200);
    expect(await callFromNeighbour(pod.metadata.name)).toContain('marker-in-pod');
  });
});

describe('the archive', () => {
  let pulled: Pulled;
  beforeAll(async () => {
    const last = ['marker-in-pod', 'marker-forward-v6', 'marker-sdk-v2'];
    pulled = await pullUntil(namespace, (records) => last.every((marker) => toolRequests(records, marker).length > 0));
  });

  test('verifies', () => {
    expect(pulled.verdict).toMatchObject({ code: 0 });
  });

  test.each([
    ['marker-network-v4', 'network'],
    ['marker-network-v6', 'network'],
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

  test('has the masked answer of get-env', () => {
    const masked = pulled.records.filter((record) => record.kind === 'mcp.response' && (record.mask?.hits ?? 0) > 0);
    expect(masked.some((record) => record.body?.includes('DB_PASSWORD') === true)).toBe(true);
  });
});

/** Initializes a session by hand and calls echo in it: no client library would take the address as it is. */
async function sessionCall(url: string, marker: string): Promise<{ status: number }> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${token}` };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'by-hand', version: '1' } };
  const opened = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }) });
  await opened.text();
  const session = opened.headers.get('mcp-session-id') ?? '';
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, 'mcp-session-id': session }, body: JSON.stringify(echo(marker)) });
  const text = await answer.text();
  if (!text.includes(marker)) throw new Error(`no echo of ${marker}: ${answer.status} ${text.slice(0, 200)}`);
  return { status: answer.status };
}

/** The runtime dials 127.0.0.1 first and ::1 on any error: a reset for IPv4 makes a real port-forward go over IPv6. */
async function callOverIpv6Forward(podUid: string): Promise<number> {
  const rules = `table ip e2e { chain out { type filter hook output priority -200 ; ip daddr 127.0.0.1 tcp dport 8080 reject with tcp reset ; } ; }`;
  const loaded = await inPodNetwork(podUid, 'nft', ['-f', '-'], rules.replaceAll(' ; ', '\n').replaceAll('{ ', '{\n'));
  if (loaded.code !== 0) throw new Error(loaded.stderr);
  try {
    return (await sessionCall(`http://127.0.0.1:${forward.port}/mcp`, 'marker-forward-v6')).status;
  } finally {
    await inPodNetwork(podUid, 'nft', ['delete', 'table', 'ip', 'e2e']);
  }
}

/** The same call from another container of the pod, by node's own fetch. */
async function callFromNeighbour(pod: string): Promise<string> {
  const script = `${sessionCall.toString().replaceAll('token', JSON.stringify(token))}`;
  const code = `const echo = (marker) => (${JSON.stringify(echo('MARKER'))}, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: { message: marker } } });
${script}
sessionCall('http://127.0.0.1:8080/mcp', 'marker-in-pod').then(() => console.log('marker-in-pod'), (error) => console.log(String(error)));`;
  const { stdout, stderr } = await command('kubectl', ['-n', namespace, 'exec', pod, '-c', 'neighbour', '--', 'node', '-e', code]);
  return stdout + stderr;
}

void post;
