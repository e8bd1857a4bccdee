import { execFile, spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; never throws for its exit code. */
export async function command(program: string, args: readonly string[], input?: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') return reject(error);
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end(input ?? '');
  });
}

/** `kubectl ARGS…`; throws with what it printed when it fails. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command('kubectl', args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}: ${stderr}`);
  return stdout;
}

/** `kubectl ARGS…` whose refusal is the point of the test. */
export async function tryKubectl(...args: readonly string[]): Promise<CommandResult> {
  return command('kubectl', args);
}

/** Applies objects given as YAML or JSON text. */
export async function apply(manifest: string, namespace?: string): Promise<CommandResult> {
  return command('kubectl', ['apply', ...(namespace === undefined ? [] : ['-n', namespace]), '-f', '-'], manifest);
}

export async function getJson<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl('get', '-o', 'json', ...args)) as T;
}

/** Polls until `probe` gives something; fails with what was waited for and the last error. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`, { cause: last });
}

export interface PortForward {
  readonly port: number;
  /** What kubectl printed so far. */
  output(): string;
  close(): Promise<void>;
}

/** `kubectl port-forward`, listening on the given loopback address; `port` may name the local one too: `18080:8080`. */
export async function portForward(
  namespace: string,
  target: string,
  port: number | `${number}:${number}`,
  address = '127.0.0.1',
): Promise<PortForward> {
  const ports = typeof port === 'number' ? `:${port}` : port;
  const child = spawn('kubectl', ['-n', namespace, 'port-forward', target, ports, '--address', address], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const local = await until(
    `port-forward to ${target}`,
    async () => /Forwarding from \S+:(\d+) ->/.exec(text)?.[1],
    20_000,
  );
  return {
    port: Number(local),
    output: () => text,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
