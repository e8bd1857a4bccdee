// The real sidecar as a process, between two taps: one where the client is, one where the server is.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { freePort, until } from '../../demo/processes.mjs';
import { workload } from './identity.mjs';
import { startTap } from './tap.mjs';

const built = join(import.meta.dirname, '../../out/bundle/tachograph-sidecar.mjs');

/** Another program in its place, such as the sources: `TACHO_SIDECAR=packages/sidecar/src/main.ts`. */
const program = process.env.TACHO_SIDECAR ?? built;

/**
 * Client tap → sidecar → server tap → `serverPort`. `env` overrides the sidecar's settings; `token`: what the client tap
 * adds, none where absent. `stop` ends all, and gives the records and what both taps saw.
 */
export async function startThrough({ processes, directory, identity, serverPort, token, name = 'sidecar', env = {} }) {
  const spool = join(directory, `spool-${name}`);
  const serverTap = await startTap({ port: serverPort });
  const [port, admin] = [await freePort(), await freePort()];
  const sidecar = processes.start(name, program, {
    env: {
      NODE_OPTIONS: '--conditions=source --disable-warning=ExperimentalWarning',
      TACHO_LISTEN: `port-forward=127.0.0.1:${port}`,
      TACHO_UPSTREAM: `http://127.0.0.1:${serverTap.port}`,
      TACHO_ADMIN: `127.0.0.1:${admin}`,
      TACHO_SPOOL: spool,
      TACHO_CONTROLLER: 'off',
      TACHO_POLICY: identity.policy,
      TACHO_ISSUERS: identity.issuers,
      TACHO_CLUSTER: workload.cluster,
      TACHO_NAMESPACE: workload.namespace,
      TACHO_WORKLOAD: workload.workload,
      TACHO_DURABILITY: 'process',
      TACHO_LOG_LEVEL: 'info',
      ...env,
    },
  });
  await until('the sidecar', () => isReady(admin));
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  const clientTap = await startTap({ port, authorization, numbers: true });
  return {
    port: clientTap.port,
    async stop() {
      await clientTap.close();
      await processes.stop(sidecar);
      await serverTap.close();
      return { client: clientTap.exchanges, server: serverTap.exchanges, records: readSpool(spool) };
    },
  };
}

async function isReady(port) {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1000) });
  await answer.arrayBuffer();
  return answer.status === 200;
}

export async function isListening(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}

/** Every record in the spool, in order. */
function readSpool(spool) {
  const names = readdirSync(spool, { recursive: true });
  return names
    .toSorted((one, other) => (one < other ? -1 : 1))
    .flatMap((name) => linesOf(join(spool, name)))
    .map((line) => JSON.parse(line));
}

function linesOf(file) {
  const isSealed = file.endsWith('.jsonl.gz');
  if (!isSealed && !file.endsWith('.open.jsonl')) return [];
  const bytes = readFileSync(file);
  return (isSealed ? gunzipSync(bytes) : bytes)
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}
