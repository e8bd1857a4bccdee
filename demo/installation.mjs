// A whole installation without a cluster: emulator, sequencer, controller, an MCP server and its sidecar, on loopback.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, createProcesses, freePort, run, until } from './processes.mjs';

const require = createRequire(import.meta.url);
const bin = (name) => fileURLToPath(new URL(`../packages/${name}`, import.meta.url));
export const programs = {
  tacho: bin('cli/bin/tacho.js'),
  emulator: bin('gcs-emulator/bin/tachograph-gcs-emulator.js'),
  controller: bin('controller/bin/tachograph-controller.js'),
  sequencer: bin('controller/bin/tachograph-sequencer.js'),
  sidecar: bin('sidecar/bin/tachograph-sidecar.js'),
  provider: bin('authserver/dist/testing/idp-main.js'),
  everything: join(dirname(require.resolve('@modelcontextprotocol/server-everything/package.json')), 'dist/index.js'),
  inspector: join(
    dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
    'clients/launcher/build/index.js',
  ),
};

const cluster = 'demo';
const namespace = 'demo';
const workload = 'everything';
const bucketName = 'tachograph-demo';

const policy = `# Everything is allowed but one tool.
apiVersion: tachograph.dev/v1alpha1
kind: McpPolicy
metadata: { name: demo }
spec:
  default: allow
  rules:
    - name: no-error-messages
      what: { tools: [get-annotated-message] }
      when: call.arguments.messageType == "error"
      verdict: deny
      message: Messages of this type are switched off in the demo.
`;

/**
 * Starts everything in `dir` and waits until calls are taken. Returns addresses, the processes and how to start the
 * sidecar again on its spool. With `login` people log in at an OpenID provider of its own.
 */
export async function startInstallation(dir, { sidecarEnv = {}, serverEnv = {}, login = false } = {}) {
  return started(dir, async (processes) => startAll(dir, processes, { sidecarEnv, serverEnv, login }));
}

/** Only storage, sequencer and controller: what a sidecar of somebody else archives to. */
export async function startArchive(dir) {
  return started(dir, async (processes) => {
    const storage = await startStorage(dir, processes);
    return { ...storage, ...(await startControlPlane(join(dir, 'state'), processes, storage)), processes };
  });
}

/** Makes the directories, and ends what was started when the rest does not start. */
async function started(dir, start) {
  const policies = join(dir, 'state', 'policies', namespace);
  const logs = join(dir, 'logs');
  for (const path of [logs, join(dir, 'bucket'), join(dir, 'spool'), policies]) mkdirSync(path, { recursive: true });
  writeFileSync(join(policies, 'demo.yaml'), policy);
  const processes = createProcesses(logs);
  try {
    return await start(processes);
  } catch (error) {
    await processes.stopAll();
    throw error;
  }
}

async function startAll(dir, processes, { sidecarEnv, serverEnv, login }) {
  const state = join(dir, 'state');
  const storage = await startStorage(dir, processes);
  const loginEnv = login ? await startProvider(dir, processes) : {};
  const control = await startControlPlane(state, processes, { ...storage, loginEnv });
  const server = await startServer(processes, serverEnv);
  const [port, admin] = [await freePort(), await freePort()];
  const startSidecar = async () => {
    const sidecar = processes.start('sidecar', programs.sidecar, {
      env: {
        TACHO_LISTEN: `127.0.0.1:${port}`,
        TACHO_UPSTREAM: server,
        TACHO_SPOOL: join(dir, 'spool'),
        ...control.sidecarEnv,
        TACHO_ADMIN: `127.0.0.1:${admin}`,
        ...sidecarEnv,
      },
    });
    await until('the sidecar', () => ready(admin));
    return sidecar;
  };
  return {
    ...storage,
    ...control,
    processes,
    startSidecar,
    sidecar: await startSidecar(),
    server: `${server}/mcp`,
    url: `http://127.0.0.1:${port}/mcp`,
    env: { TACHO_STATE: state },
  };
}

/** The storage emulator with a bucket whose retention is locked. */
async function startStorage(dir, processes) {
  const port = await freePort();
  const storage = { endpoint: `http://127.0.0.1:${port}`, bucket: `gs://${bucketName}` };
  processes.start('emulator', programs.emulator, { args: ['--data', join(dir, 'bucket'), '--port', String(port)] });
  await until('the storage emulator', () => answers(`${storage.endpoint}/storage/v1/b?project=demo`));
  const locked = ['--retention', '1d', '--lock', '--yes-lock'];
  await tacho(['bucket', 'init', '--bucket', storage.bucket, '--endpoint', storage.endpoint, ...locked]);
  return storage;
}

/** An OpenID provider that knows one client; its login page asks for a name only. Returns what the controller must know. */
async function startProvider(dir, processes) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const secretFile = join(dir, 'client-secret');
  writeFileSync(secretFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  processes.start('provider', programs.provider, {
    env: {
      IDP_LISTEN: `127.0.0.1:${port}`,
      IDP_ISSUER: issuer,
      IDP_CLIENT_ID: 'tachograph',
      IDP_CLIENT_SECRET: readFileSync(secretFile, 'utf8'),
      IDP_REDIRECTS: 'http://localhost/as/callback',
    },
  });
  await until('the OpenID provider', () => answers(`${issuer}/.well-known/openid-configuration`));
  return {
    TACHO_AUTH_UPSTREAM: issuer,
    TACHO_AUTH_CLIENT_ID: 'tachograph',
    TACHO_AUTH_CLIENT_SECRET_FILE: secretFile,
  };
}

/** Sequencer and controller over one state directory, and one enrolled sidecar. */
async function startControlPlane(state, processes, { bucket, endpoint, loginEnv = {} }) {
  const shared = {
    TACHO_STATE: state,
    TACHO_CLUSTER: cluster,
    TACHO_BUCKET: bucket,
    TACHO_STORAGE_ENDPOINT: endpoint,
    TACHO_CHECKPOINT_INTERVAL: '1s',
  };
  const [sequencer, sequencerAdmin, port, admin] = await Promise.all(Array.from({ length: 4 }, freePort));
  const env = { ...shared, TACHO_SEQUENCER: `https://127.0.0.1:${sequencer}` };
  processes.start('sequencer', programs.sequencer, { env: { ...shared, ...at(sequencer, sequencerAdmin) } });
  processes.start('controller', programs.controller, { env: { ...env, ...loginEnv, ...at(port, admin) } });
  await until('the controller', () => ready(admin));
  const controller = `https://127.0.0.1:${port}`;
  const enrolled = await enroll({ ...env, TACHO_CONTROLLER: controller });
  return { controller, enrolled, sidecarEnv: enrolledEnv(controller, enrolled) };
}

/** What an enrolled sidecar must know. */
const enrolledEnv = (controller, { trust, tokenFile }) => ({
  TACHO_CONTROLLER: controller,
  TACHO_TRUST: trust,
  TACHO_TOKEN_FILE: tokenFile,
  TACHO_CLUSTER: cluster,
  TACHO_NAMESPACE: namespace,
  TACHO_WORKLOAD: workload,
});

/** Where a program listens, and where it answers health checks. */
const at = (port, admin) => ({ TACHO_LISTEN: `127.0.0.1:${port}`, TACHO_ADMIN: `127.0.0.1:${admin}` });

/** The unmodified MCP server from npm. */
async function startServer(processes, env) {
  const port = await freePort();
  processes.start('server', programs.everything, { args: ['streamableHttp'], env: { PORT: String(port), ...env } });
  await until('the MCP server', () => answers(`http://127.0.0.1:${port}/mcp`));
  return `http://127.0.0.1:${port}`;
}

async function ready(adminPort) {
  const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`, { signal: AbortSignal.timeout(1000) });
  await response.arrayBuffer();
  return response.status === 200;
}

async function enroll(env) {
  const { code, stdout, stderr } = await run(
    programs.controller,
    ['enroll', '--workload', workload, '--namespace', namespace],
    env,
  );
  if (code !== 0) throw new Error(`enroll: exit ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Runs `tacho`; throws with what it printed when it ends with anything but the codes given. */
export async function tacho(args, { env = {}, codes = [0] } = {}) {
  const result = await run(programs.tacho, args, env);
  if (!codes.includes(result.code))
    throw new Error(`tacho ${args.join(' ')}: exit ${result.code}: ${result.stderr || result.stdout}`);
  return result;
}

/** Writes the verifier's policy file: the log's public key, from the installation, not from the bucket. */
export async function exportPolicy(installation, file) {
  const { stdout } = await tacho(['trust', 'export'], { env: installation.env });
  writeFileSync(file, stdout);
}

/** A caller's token, signed by the demo's issuer. */
export async function callerToken(installation, subject) {
  const { stdout } = await tacho(['dev-token', '--subject', subject, '--workload', installation.enrolled.workload], {
    env: installation.env,
  });
  return stdout.trim();
}

/** Last lines of each program's log: what a person needs when something did not come up. */
export function logTails(processes, names) {
  return names
    .map((name) => {
      try {
        return `--- ${name}\n${readFileSync(join(processes.logDir, `${name}.log`), 'utf8')
          .split('\n')
          .slice(-6)
          .join('\n')}`;
      } catch {
        return `--- ${name}: no log`;
      }
    })
    .join('\n');
}
