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
import { callerToken, inspect } from './support/mcp.ts';
import { inPodNetwork, podOf } from './support/node.ts';
import { openSession } from './support/session.ts';

const namespace = 'e2e-record';
const planted = 'planted-secret-in-the-environment';

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
    for (const [marker, url] of Object.entries(ways))
      expect({ marker, ...(await echo(url, marker)) }).toEqual({ marker, status: 200, echoed: true });
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

/** One echo in a session of its own: no client library would take the address as it is. */
async function echo(url: string, marker: string): Promise<{ status: number; echoed: boolean }> {
  const { status, text } = await (await openSession(url, token)).echo(marker);
  return { status, echoed: text.includes(`Echo: ${marker}`) };
}

/** The runtime dials 127.0.0.1 first and ::1 on any error: a reset for IPv4 makes a real port-forward go over IPv6. */
async function callOverIpv6Forward(podUid: string): Promise<number> {
  const rules = `table ip e2e { chain out { type filter hook output priority -200 ; ip daddr 127.0.0.1 tcp dport 8080 reject with tcp reset ; } ; }`;
  const loaded = await inPodNetwork(podUid, 'nft', ['-f', '-'], rules.replaceAll(' ; ', '\n').replaceAll('{ ', '{\n'));
  if (loaded.code !== 0) throw new Error(loaded.stderr);
  try {
    return (await echo(`http://127.0.0.1:${forward.port}/mcp`, 'marker-forward-v6')).status;
  } finally {
    await inPodNetwork(podUid, 'nft', ['delete', 'table', 'ip', 'e2e']);
  }
}

/** The same call from another container of the pod, by that container's own node. */
async function callFromNeighbour(pod: string): Promise<string> {
  const url = 'http://127.0.0.1:8080/mcp';
  const script = `${openSession.toString()}
    openSession(${JSON.stringify(url)}, ${JSON.stringify(token)})
      .then((session) => session.echo('marker-in-pod'))
      .then(({ text }) => console.log(text), (error) => console.log(String(error)));`;
  const args = ['-n', namespace, 'exec', pod, '-c', 'neighbour', '--', 'node', '-e', script];
  const { stdout, stderr } = await command('kubectl', args);
  return stdout + stderr;
}
