// The load generator, in a process of its own: keep-alive connections, closed loop or a fixed open-loop rate.
// Messages: {run: {url, token, payload: {size, stream}, rate?, connections, ms}} -> {calls, errors, seconds, p50Ms, p99Ms}
import { Agent, request } from 'node:http';

const filler = 'q'.repeat(280);
let session;
let nextId = 1;

function bodyOf(payload) {
  const id = nextId;
  nextId += 1;
  const params = { name: 'query', arguments: { ...payload, filter: filler }, _meta: { progressToken: id } };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
}

function post(agent, { url, token }, body) {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      'mcp-protocol-version': '2025-11-25',
      'content-length': Buffer.byteLength(body),
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
    };
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk) => (bytes += chunk.length));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, bytes }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function openSession(agent, job) {
  session = undefined;
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
  const first = await post(agent, job, JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }));
  if (first.status !== 200) throw new Error(`expected 200 to initialize, got ${first.status}`);
  session = first.headers['mcp-session-id'];
}

function createTally(payload) {
  const latencies = [];
  const tally = { calls: 0, errors: 0 };
  return {
    tally,
    latencies,
    note(startMs, answer) {
      tally.calls += 1;
      if (answer.status === 200 && answer.bytes >= payload.size) latencies.push(performance.now() - startMs);
      else tally.errors += 1;
    },
  };
}

async function closedLoop(agent, job, { note }) {
  const endMs = performance.now() + job.ms;
  const worker = async () => {
    while (performance.now() < endMs) {
      const startMs = performance.now();
      note(startMs, await post(agent, job, bodyOf(job.payload)));
    }
  };
  await Promise.all(Array.from({ length: job.connections }, worker));
}

// Latency counts from when a call was due, so that a stall is seen by every call that it delays.
async function openLoop(agent, job, { note }) {
  const beginMs = performance.now();
  const total = Math.round((job.rate * job.ms) / 1000);
  const pending = [];
  for (let sent = 0; sent < total; sent += 1) {
    const dueMs = beginMs + (sent * 1000) / job.rate;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    pending.push(post(agent, job, bodyOf(job.payload)).then((answer) => note(dueMs, answer)));
  }
  await Promise.all(pending);
}

async function run(job) {
  const agent = new Agent({ keepAlive: true, maxSockets: job.connections });
  await openSession(agent, job);
  const counted = createTally(job.payload);
  const startMs = performance.now();
  await (job.rate === undefined ? closedLoop(agent, job, counted) : openLoop(agent, job, counted));
  const seconds = (performance.now() - startMs) / 1000;
  agent.destroy();
  const sorted = counted.latencies.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { ...counted.tally, seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

process.on('message', ({ run: job }) => {
  run(job).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: String(error) }),
  );
});
