// Simulated sidecars: what they send is real, only the processes are missing.
import { createHash, randomBytes, randomUUID, randomUUIDv7 } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { fetchTrust } from '../../packages/controller/dist/testing/sidecar-client.js';
import { TestStream } from '../../packages/controller/dist/testing/test-stream.js';

const callsPerSegment = 5;
const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'query', arguments: { sql: 'select * from orders where id = 4711' } },
});
const answer = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: { content: [{ type: 'text', text: 'one row of an answer as a tool gives it; '.repeat(12) }] },
});

/** Enrols without the fsyncs that one enrolment by hand can afford. */
function enrol(state, index) {
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest('hex');
  const workload = `server-${index}`;
  const identity = { namespace: 'scale', workload, pod: `${workload}-local`, podUid: randomUUID() };
  writeFileSync(join(state, 'enrolments', `${hash}.json`), JSON.stringify(identity));
  return token;
}

function call(agent, { url, ca, method, path, token, headers = {}, payload }) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, url),
      { agent, ca, method, headers: { ...headers, authorization: `Bearer ${token}` } },
      (incoming) => {
        const chunks = [];
        incoming.on('data', (chunk) => chunks.push(chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode, text: Buffer.concat(chunks).toString() }));
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

/** `open` and `ship` resolve when the controller has accepted; both ask again as a sidecar does. */
export async function createFleet(rig, count, controllers) {
  mkdirSync(join(rig.state, 'enrolments'), { recursive: true });
  const trust = (await rig.enrol('probe')).trust;
  const replicas = [];
  for (const name of controllers) {
    const url = `https://127.0.0.1:${(await rig.ports(name))[0]}`;
    const { tlsRoots } = await fetchTrust(url, trust);
    replicas.push({ url, ca: [...tlsRoots], agent: new Agent({ keepAlive: true, maxSockets: 64 }) });
  }
  const sidecars = Array.from({ length: count }, (_, index) => ({
    token: enrol(rig.state, index),
    replica: replicas[index % replicas.length],
    stream: undefined,
    sealed: 0,
  }));
  let retries = 0;
  const insist = async (one, options) => {
    for (let attempt = 1; ; attempt += 1) {
      const { url, ca, agent } = one.replica;
      const reply = await call(agent, { url, ca, token: one.token, ...options }).catch((error) => ({
        status: 0,
        text: error.message,
      }));
      if (reply.status >= 200 && reply.status < 300 && reply.status !== 202) return;
      if (attempt >= 20 || (reply.status >= 400 && reply.status < 500 && reply.status !== 429))
        throw new Error(`${options.path}: ${reply.status} ${reply.text.slice(0, 200)}`);
      retries += 1;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  return {
    sidecars,
    recordsPerSegment: 2 * callsPerSegment,
    retries: () => retries,
    async open(one) {
      one.stream = new TestStream({ stream: randomUUIDv7(), time: new Date().toISOString() });
      await insist(one, { method: 'POST', path: '/v1/streams', payload: JSON.stringify(one.stream.opening) });
    },
    async ship(one) {
      const { stream } = one;
      // One segment in ten ends a session, as a call a minute in sessions of ten minutes would.
      if (one.sealed % 10 === 9) stream.appendSession(randomUUIDv7());
      for (let at = 0; at < callsPerSegment; at += 1) {
        stream.append({
          kind: 'mcp.request',
          dir: 'c2s',
          exchange: at,
          mcp_method_name: 'tools/call',
          gen_ai_tool_name: 'query',
          jsonrpc_request_id: '1',
          body,
        });
        stream.append({
          kind: 'mcp.response',
          dir: 's2c',
          exchange: at,
          outcome: 'answered',
          jsonrpc_request_id: '1',
          body: answer,
        });
      }
      one.sealed += 1;
      const segment = stream.seal();
      const headers = { 'tacho-signature': segment.signature };
      await insist(one, { method: 'PUT', path: `/v1/segments/${segment.fileName}`, headers, payload: segment.bytes });
    },
  };
}
