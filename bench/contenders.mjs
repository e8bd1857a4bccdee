// Who is measured, and how each is started.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { startArchive } from '../demo/installation.mjs';

const root = join(import.meta.dirname, '..');
const bundle = process.env.TACHO_BENCH_BUNDLE ?? join(root, 'out/bundle/tachograph-sidecar.mjs');

/** Calls a second of the open loop. */
const openRate = 200;

/** As the image starts it (`images/build.sh`). */
const imageFlags = ['--max-semi-space-size=8', '--no-maglev-destroy-on-background'];
const imageEnvironment = { MALLOC_ARENA_MAX: '1' };

/** Each rung switches one step more on. `archive` waits for a bucket twice a call: it could never keep up with 200 calls/s. */
const rungs = [
  { rung: 'relay', off: ['identity', 'policy', 'masking', 'record'] },
  { rung: '+identity', off: ['policy', 'masking', 'record'] },
  { rung: '+policy', off: ['masking', 'record'] },
  { rung: '+masking', off: ['record'] },
  { rung: '+record process', off: [], durability: 'process' },
  { rung: '+record node', off: [], durability: 'node' },
  { rung: '+record archive', off: [], durability: 'archive', openRate: 20 },
];

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Milliseconds from the start of the process until the port accepts. */
async function waitReady(port, startMs) {
  while (performance.now() - startMs < 15_000) {
    if (await isListening(port)) return performance.now() - startMs;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`nothing listens on ${port} after 15 s`);
}

async function startProcess(args, port, environment) {
  const startMs = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  try {
    return { child, readyMs: await waitReady(port, startMs) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function startHttpProxy({ backendPort }) {
  const port = await freePort();
  const args = [
    '--disable-warning=DEP0060',
    join(import.meta.dirname, 'http-proxy.mjs'),
    String(port),
    `http://127.0.0.1:${backendPort}`,
  ];
  return { contender: 'http-proxy', rung: '', port, openRate, ...(await startProcess(args, port, {})) };
}

async function startSidecar(
  { backendPort, directory, policyFile, issuersFile },
  { rung, off, durability = 'process', openRate: rate = openRate },
  flags,
) {
  const [port, adminPort] = [await freePort(), await freePort()];
  const archive = durability === 'archive' ? await startArchive(join(directory, 'archive')) : undefined;
  const environment = {
    ...imageEnvironment,
    TACHO_LISTEN: `127.0.0.1:${port}`,
    TACHO_UPSTREAM: `http://127.0.0.1:${backendPort}`,
    TACHO_ADMIN: `127.0.0.1:${adminPort}`,
    TACHO_SPOOL: join(directory, `spool-${port}`),
    TACHO_SPOOL_QUOTA: '64Gi',
    TACHO_CONTROLLER: 'off',
    TACHO_POLICY: policyFile,
    TACHO_ISSUERS: issuersFile,
    TACHO_CLUSTER: 'bench',
    TACHO_NAMESPACE: 'bench',
    TACHO_WORKLOAD: 'bench',
    TACHO_DURABILITY: durability,
    TACHO_LOG_LEVEL: 'error',
    TACHO_OFF: off.join(','),
    // The archive's own workload; the issuers file accepts the bench's audience beside it.
    ...archive?.sidecarEnv,
  };
  const processes = await startProcess([...imageFlags, ...flags, bundle], port, environment);
  return { contender: 'tachograph', rung, port, openRate: rate, archive, ...processes };
}

/** Starts all, the least first. `only`: names of rungs; `flags`: more for the sidecars' Node. */
export async function startContenders(setup, { only, flags = [] } = {}) {
  if (!existsSync(bundle)) throw new Error(`there is no ${bundle}: run make bundle`);
  const started = [{ contender: 'direct', rung: '', port: setup.backendPort, openRate }, await startHttpProxy(setup)];
  for (const rung of rungs) {
    if (only === undefined || only.includes(rung.rung)) started.push(await startSidecar(setup, rung, flags));
  }
  return started;
}

/** SIGTERM, so that a profile or a spool is finished; only the processes started here. */
export async function stopContenders(contenders) {
  await Promise.all(
    contenders.map(async ({ child, archive }) => {
      if (child === undefined || child.exitCode !== null) return archive?.processes.stopAll();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 5000).unref();
      await ended;
      return archive?.processes.stopAll();
    }),
  );
}
