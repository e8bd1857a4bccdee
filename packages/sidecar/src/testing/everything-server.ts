/** The unmodified `@modelcontextprotocol/server-everything` from npm, as a process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';

const entry = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');

export interface EverythingServer {
  /** As `TACHO_UPSTREAM` takes it. */
  readonly upstream: string;
  readonly child: ChildProcess;
}

/** Resolves when it listens. Its end is the caller's. */
export async function startEverything(transport: string): Promise<EverythingServer> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port) };
  const child = spawn(process.execPath, [entry, transport], { env, stdio: 'pipe' });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        if (/listening on port|running on port/.test(text.toString())) resolve();
      });
    }
  });
  return { upstream: `http://auto:${port}`, child };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
