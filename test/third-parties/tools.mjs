// Builds other people's programs from the Go module proxy, once, outside of the repository.
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const runFile = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tachograph/third-parties');
const goPath = ['/usr/local/go/bin', process.env.PATH].join(delimiter);
const env = { ...process.env, PATH: goPath, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' };

const go = async (cwd, args, more = {}) =>
  runFile('go', args, { cwd, env: { ...env, ...more }, timeout: 600_000, maxBuffer: 64 * 1024 * 1024 });

/** The Go version, or `undefined` when there is no Go. */
export async function goVersion() {
  return runFile('go', ['version'], { env }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

const digestOf = (file) => hash('sha256', readFileSync(file), 'hex').slice(0, 12);

const tools = {
  fsck: {
    version: 'tessera-1.0.4',
    make: (dir) => go(dir, ['install', 'github.com/transparency-dev/tessera/cmd/fsck@v1.0.4'], { GOBIN: dir }),
  },
  // Its module refuses to list its versions, so `go install` cannot resolve it: inside an empty module it can be named.
  litewitness: {
    version: 'torchwood-0.9.0',
    async make(dir) {
      writeFileSync(join(dir, 'go.mod'), 'module tools\n\ngo 1.25\n');
      await go(dir, ['get', 'filippo.io/torchwood@v0.9.0']);
      await go(dir, ['get', 'filippo.io/torchwood/cmd/litewitness@v0.9.0']);
      await go(dir, ['build', '-o', 'litewitness', 'filippo.io/torchwood/cmd/litewitness']);
    },
  },
  note: {
    // Its source is ours: a changed one is another version.
    version: `x-mod-0.31.0-${digestOf(join(here, 'note/main.go'))}`,
    async make(dir) {
      cpSync(join(here, 'note'), join(dir, 'source'), { recursive: true });
      await go(join(dir, 'source'), ['build', '-o', join(dir, 'note'), '.'], { GOFLAGS: '-mod=readonly' });
    },
  },
};

/** Path of a tool's program; built at the first call for its version. */
export async function tool(name) {
  const { version, make } = tools[name];
  const dir = join(cache, version);
  const program = join(dir, name);
  if (existsSync(program)) return program;
  const draft = `${dir}.draft-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    await make(draft);
    rmSync(dir, { recursive: true, force: true });
    renameSync(draft, dir);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return program;
}
