// A whole installation of separate processes on loopback, made to be broken: every part can be killed and started again.
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProcesses, freePort, run, until } from '../../demo/processes.mjs';
import { createBucket } from './bucket.mjs';
import { startLoad } from './load.mjs';

const here = dirname(fileURLToPath(import.meta.url));
/** Programs as the images carry them. */
const bundle = process.env.TACHO_BUNDLE ?? join(here, '../../out/bundle');
export const program = (name) => join(bundle, `${name}.mjs`);
const namespace = 'drill';
export const cluster = 'drill';

const policy = `apiVersion: tachograph.dev/v1alpha1
kind: McpPolicy
metadata: { name: drill }
spec: { default: allow }
`;

const at = (port, admin) => ({ TACHO_LISTEN: `127.0.0.1:${port}`, TACHO_ADMIN: `127.0.0.1:${admin}` });

/** Runs `tacho`; throws with what it printed when it ends with anything but the codes given. */
export async function tacho(args, { env = {}, codes = [0] } = {}) {
  const result = await run(program('tacho'), args, env);
  if (!codes.includes(result.code))
    throw new Error(`tacho ${args.join(' ')}: exit ${result.code}: ${result.stderr || result.stdout}`);
  return result;
}

/** Resident bytes of a process, in MiB; 0 when it is gone. */
export function residentMiB({ child }) {
  try {
    const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
    return Number(kib ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export class Rig {
  dir = mkdtempSync(join(tmpdir(), 'tachograph-drill-'));
  state = join(this.dir, 'state');
  /** By name, the newest process of each part. */
  parts = new Map();
  loads = [];
  #ports = new Map();
  #enrolled = new Map();

  constructor({ env = {} } = {}) {
    this.env = env;
    const policies = join(this.state, 'policies', namespace);
    for (const path of ['logs', 'bucket', 'spool']) mkdirSync(join(this.dir, path), { recursive: true });
    mkdirSync(policies, { recursive: true });
    writeFileSync(join(policies, 'drill.yaml'), policy);
    this.processes = createProcesses(join(this.dir, 'logs'));
  }

  /** Told with DRILL_TALKS=1. */
  say(text) {
    if (process.env.DRILL_TALKS === '1') console.error(`${(performance.now() / 1000).toFixed(1)} ${text}`);
  }

  /** Storage, one sequencer, one controller, the application. */
  async start({ storage = {} } = {}) {
    await this.startStorage(storage);
    await this.startSequencer();
    await this.startController();
    await this.startServer();
    return this;
  }

  async startStorage({ retention = '1d' } = {}) {
    const [port] = await this.ports('emulator');
    this.endpoint = `http://127.0.0.1:${port}`;
    this.address = 'gs://drill-archive';
    this.bucket = createBucket(this.endpoint, 'drill-archive');
    this.#start('emulator', 'tachograph-gcs-emulator', {}, ['--data', join(this.dir, 'bucket'), '--port', `${port}`]);
    await answered('the storage emulator', `${this.endpoint}/emulator/health`);
    const locked = ['--retention', retention, '--lock', '--yes-lock'];
    await tacho(['bucket', 'init', ...this.where, ...locked]);
  }

  get where() {
    return ['--bucket', this.address, '--endpoint', this.endpoint];
  }

  /** `state`: another state directory, as if the Lease were broken. */
  async startSequencer(name = 'sequencer', { env = {}, state = this.state } = {}) {
    const [port, admin] = await this.ports(name);
    const part = this.#start(name, 'tachograph-sequencer', { ...this.shared(state), ...at(port, admin), ...env });
    await answered(`${name} to listen`, `http://127.0.0.1:${admin}/readyz`);
    return part;
  }

  async startController(name = 'controller', { env = {}, sequencers = ['sequencer'] } = {}) {
    const [port, admin] = await this.ports(name);
    const urls = await Promise.all(sequencers.map(async (one) => `https://127.0.0.1:${(await this.ports(one))[0]}`));
    const settings = { ...this.shared(this.state), ...at(port, admin), TACHO_SEQUENCER: urls.join(','), ...env };
    const part = this.#start(name, 'tachograph-controller', settings);
    await answered(`${name} to be ready`, `http://127.0.0.1:${admin}/readyz`, 200);
    return part;
  }

  async startServer() {
    const [port] = await this.ports('server');
    this.server = `http://127.0.0.1:${port}`;
    this.processes.start('server', join(here, 'echo-server.mjs'), { env: { PORT: `${port}` } });
    await answered('the MCP server', `${this.server}/executed`);
  }

  /** Markers that reached the application. */
  async executed() {
    return new Set(await (await fetch(`${this.server}/executed`)).json());
  }

  /** Starts the sidecar of a workload on its spool; the same call starts it again. */
  async startSidecar(name = 'sidecar', { env = {}, controller = 'controller', spool = this.spool(name) } = {}) {
    const [port, admin] = await this.ports(name);
    mkdirSync(spool, { recursive: true });
    const enrolled = await this.enrol(name);
    const part = this.#start(name, 'tachograph-sidecar', {
      TACHO_UPSTREAM: this.server,
      TACHO_SPOOL: spool,
      TACHO_CONTROLLER: `https://127.0.0.1:${(await this.ports(controller))[0]}`,
      TACHO_TRUST: enrolled.trust,
      TACHO_TOKEN_FILE: enrolled.tokenFile,
      TACHO_CLUSTER: cluster,
      TACHO_NAMESPACE: namespace,
      TACHO_WORKLOAD: name,
      TACHO_SESSION_IDLE: '2s',
      ...at(port, admin),
      ...env,
    });
    await answered(`${name} to be ready`, `http://127.0.0.1:${admin}/readyz`, 200);
    return part;
  }

  spool(name = 'sidecar') {
    return join(this.dir, 'spool', name);
  }

  /** Callers of a workload. */
  async load(name = 'sidecar', options = {}) {
    const [port] = await this.ports(name);
    const args = ['dev-token', '--subject', 'alice', '--workload', this.#enrolled.get(name).workload];
    const { stdout } = await tacho(args, { env: { TACHO_STATE: this.state } });
    const load = startLoad({ url: `http://127.0.0.1:${port}/mcp`, token: stdout.trim(), ...options });
    this.loads.push(load);
    return load;
  }

  async kill(name) {
    const part = this.parts.get(name);
    part.child.kill('SIGKILL');
    await part.ended;
  }

  /** SIGTERM, and SIGKILL after the grace that Kubernetes gives. */
  async stop(name) {
    const { child, ended } = this.parts.get(name);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(timer);
  }

  /** Ends the sidecar in order and, if something is left in its spool, starts it until nothing is. */
  async drain(name = 'sidecar', options = {}) {
    const spool = options.spool ?? this.spool(name);
    const left = (pattern) => globSync(pattern, { cwd: spool }).length;
    await this.stop(name);
    // Also what a kill left unsealed.
    for (let attempt = 0; left('**/*.jsonl*') > 0 && attempt < 3; attempt += 1) {
      await this.startSidecar(name, options);
      await until('every segment to be archived', () => left('**/*.jsonl.gz') === 0, 150_000);
      await this.stop(name);
    }
    if (left('**/*.jsonl*') > 0) throw new Error(`segments stay in the spool of ${name}`);
  }

  /** Every leaf that stands in the bucket, in order. */
  async leaves() {
    const leaves = [];
    for (const { name, generation } of await this.bucket.versions('v1/log/batch/')) {
      const text = (await this.bucket.admin.read(name, generation)).toString();
      const lines = text.slice(0, text.lastIndexOf('\n\n')).split('\n').slice(4);
      leaves.push(...lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)));
    }
    return leaves;
  }

  /** Waits until the log says that the stream of a workload is lost, and returns that leaf. */
  async lossOf(workload) {
    return until(
      `the loss of ${workload}`,
      async () => {
        const leaves = await this.leaves();
        const open = leaves.findLast((leaf) => leaf.type === 'stream.open' && leaf.workload === workload);
        return leaves.find((leaf) => leaf.type === 'stream.lost' && leaf.stream === open?.stream);
      },
      90_000,
    );
  }

  /** Waits until a checkpoint covers every leaf. */
  async covered() {
    await until('a checkpoint over every leaf', async () => {
      const checkpoint = (await this.bucket.names('v1/log/checkpoint/')).at(-1) ?? '';
      return checkpoint !== '' && (await this.leaves()).length === Number(checkpoint.split('/').at(-1));
    });
  }

  /** The verifier's policy: from the installation, never from the bucket. */
  async policyFile() {
    const file = join(this.dir, 'policy.txt');
    writeFileSync(file, (await tacho(['trust', 'export'], { env: { TACHO_STATE: this.state } })).stdout);
    return file;
  }

  metrics = async (name) => {
    const [, admin] = await this.ports(name);
    return (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
  };

  /** Whether this sequencer says that it leads. */
  async leads(name) {
    return /^tachograph_log_leading 1$/m.test(await this.metrics(name).catch(() => ''));
  }

  logOf(name) {
    return readFileSync(join(this.dir, 'logs', `${name}.log`), 'utf8');
  }

  /** Ports of a part stay its own over restarts: of the service, of health and metrics. */
  async ports(name) {
    const known = this.#ports.get(name);
    if (known !== undefined) return known;
    const made = [await freePort(), await freePort()];
    this.#ports.set(name, made);
    return made;
  }

  copyState(to) {
    cpSync(this.state, to, { recursive: true });
    return to;
  }

  async close({ keep = false } = {}) {
    for (const load of this.loads) load.state.running = false;
    await this.processes.stopAll();
    if (keep) console.error(`kept: ${this.dir}`);
    else rmSync(this.dir, { recursive: true, force: true });
  }

  shared(state) {
    return {
      TACHO_STATE: state,
      TACHO_CLUSTER: cluster,
      TACHO_BUCKET: this.address,
      TACHO_STORAGE_ENDPOINT: this.endpoint,
      TACHO_CHECKPOINT_INTERVAL: '1s',
      TACHO_HEADS_INTERVAL: '1s',
      TACHO_SWEEP_INTERVAL: '1s',
      ...this.env,
    };
  }

  #start(name, which, env, args = []) {
    const part = this.processes.start(name, program(which), { env, args });
    this.parts.set(name, part);
    return part;
  }

  /** Makes the token of a workload's sidecar, once. */
  async enrol(workload) {
    const known = this.#enrolled.get(workload);
    if (known !== undefined) return known;
    const args = ['enroll', '--workload', workload, '--namespace', namespace];
    const { code, stdout, stderr } = await run(program('tachograph-controller'), args, this.shared(this.state));
    if (code !== 0) throw new Error(`enroll: exit ${code}: ${stderr}`);
    const facts = JSON.parse(stdout);
    this.#enrolled.set(workload, facts);
    return facts;
  }
}

const openRigs = new Set();

/** Ends every process of every rig. */
export async function closeOpenRigs() {
  for (const rig of openRigs) await rig.processes.stopAll();
}

/** Runs `use` with a rig that is closed afterwards; what a failed drill left stays where the message says. */
export async function withRig(options, use) {
  const rig = new Rig(options);
  openRigs.add(rig);
  try {
    await options.prepare?.(rig);
    await rig.start(options);
    const result = await use(rig);
    await rig.close({ keep: result.wrong.length > 0 });
    return result;
  } catch (error) {
    await rig.close({ keep: true });
    throw error;
  } finally {
    openRigs.delete(rig);
  }
}

/** Waits for an answer: of any kind, or of this status. Patient, because drills run on busy machines. */
async function answered(what, url, status) {
  const look = async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return status === undefined || response.status === status;
  };
  await until(what, look, 60_000);
}
