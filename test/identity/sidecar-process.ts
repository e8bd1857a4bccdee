/** A sidecar as a process of its own, enrolled at a controller, in front of an application. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface SidecarProcess {
  /** What a person types, one for each listener: `http://localhost:1234/mcp`. */
  readonly urls: readonly string[];
  readonly admin: string;
  readonly spool: string;
  /** Everything that it logged so far. */
  log(): string;
  close(): Promise<void>;
}

export interface SidecarProcessOptions {
  readonly dir: string;
  readonly workload: string;
  readonly upstream: string;
  /** `TACHO_CONTROLLER`, `TACHO_TRUST`, `TACHO_TOKEN_FILE`. */
  readonly controller: Readonly<Record<string, string>>;
  /** Ports to listen on, as `kubectl port-forward` would; default: two free ones. */
  readonly ports?: readonly number[];
}

export async function startSidecar(options: SidecarProcessOptions): Promise<SidecarProcess> {
  const { dir, workload, upstream, controller } = options;
  const ports = options.ports ?? [await freePort(), await freePort()];
  const admin = await freePort();
  const spool = join(dir, `spool-${workload}`);
  mkdirSync(spool);
  const main = join(import.meta.dirname, '../../packages/sidecar/src/main.ts');
  const child = spawn(process.execPath, ['--conditions=source', main], {
    env: {
      PATH: process.env['PATH'] ?? '',
      ...controller,
      TACHO_CLUSTER: 'test',
      TACHO_NAMESPACE: 'demo',
      TACHO_WORKLOAD: workload,
      TACHO_SPOOL: spool,
      TACHO_LISTEN: ports.map((port) => `port-forward=127.0.0.1:${port}`).join(','),
      TACHO_UPSTREAM: upstream,
      TACHO_ADMIN: `127.0.0.1:${admin}`,
      TACHO_DURABILITY: 'process',
      TACHO_LOG_LEVEL: 'debug',
    },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void said.push(chunk.toString()));
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const running: SidecarProcess = {
    urls: ports.map((port) => `http://localhost:${port}/mcp`),
    admin: `http://127.0.0.1:${admin}`,
    spool,
    log: () => said.join(''),
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
  await until(async () => (await fetch(`${running.admin}/readyz`)).status === 200, running);
  return running;
}

async function until(holds: () => Promise<boolean>, running: SidecarProcess): Promise<void> {
  for (let tries = 0; tries < 1500; tries += 1) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the sidecar is not ready: ${running.log()}`);
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** All bytes below a directory as text, compressed ones unpacked. */
export function writtenIn(dir: string): string {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString('latin1'))
    .join('\n');
}
