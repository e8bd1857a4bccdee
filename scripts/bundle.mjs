// One file a program, in out/bundle:   node scripts/bundle.mjs [--allow-missing] [--out DIR] [--only NAME…]
// The sidecar's masking thread is a program of its own; what both run, and what is loaded only when it is needed, are
// files beside them: tachograph-shared-*.mjs. What controller and tacho load only when they need it is likewise in
// tachograph-controller-part-*.mjs and tacho-part-*.mjs.
//
// The images and the benchmarks run these. With --allow-missing, programs whose entry does not exist are left out with
// a note; with --only no others are made. Fails if the sidecar, which runs in every recorded pod, is larger than its budget.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { buildVerifyPage } from './verify-page.mjs';

const SIDECAR_BYTES_MAX = 1_500_000;
const PROGRAMS = [
  {
    name: 'tachograph-sidecar',
    entry: 'packages/sidecar/src/main.ts',
    threads: { 'tachograph-mask-worker': 'packages/sidecar/src/masking/mask-worker.ts' },
    bytesMax: SIDECAR_BYTES_MAX,
  },
  // The sidecar starts it with the first guarded call. Its grammars are files of their own, each read on first use.
  {
    name: 'tachograph-guard-worker',
    entry: 'packages/sidecar/src/guards/guard-worker.ts',
    threads: {},
    hasGuards: true,
  },
  { name: 'tachograph-netguard', entry: 'packages/sidecar/src/netguard-main.ts' },
  // The auth server is a file of its own: only a controller where people log in reads it.
  {
    name: 'tachograph-controller',
    entry: 'packages/controller/src/main.ts',
    threads: {},
    parts: 'tachograph-controller-part',
    // oidc-provider finds its models, and we what they are, by the names of their classes.
    keepNames: true,
  },
  { name: 'tachograph-sequencer', entry: 'packages/controller/src/sequencer-main.ts' },
  { name: 'tachograph-injector', entry: 'packages/injector/src/main.ts' },
  { name: 'tachograph-gcs-emulator', entry: 'packages/gcs-emulator/src/main.ts' },
  // Its commands are files of their own: only the one that runs is read.
  { name: 'tacho', entry: 'packages/cli/src/main.ts', threads: {}, parts: 'tacho-part', hasGuards: true },
  // Beside tacho, which starts it for large archives.
  { name: 'tacho-verify-worker', entry: 'packages/cli/src/verify/stream-worker-main.ts' },
];
// Only the guards' thread and tacho judge commands. The others never load the parsers, and do not carry them.
// 68 MB for each platform, and only for `tacho query`: taken from where it is installed, or not at all.
const OPTIONAL = ['@duckdb/*'];
const GUARD_PARSERS = ['libpg-query', 'node-sql-parser/*', 'unbash'];
// CommonJS dependencies call require() for Node's own modules, which an ES module does not have.
const REQUIRE_BANNER =
  "import { createRequire as tachoCreateRequire } from 'node:module'; const require = tachoCreateRequire(import.meta.url);";

// libpg-query looks for its WebAssembly beside the file that it is in.
const DIRNAME_BANNER =
  "import { dirname as tachoDirname } from 'node:path'; import { fileURLToPath as tachoFileUrlToPath } from 'node:url'; const __dirname = tachoDirname(tachoFileUrlToPath(import.meta.url));";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: {
    'allow-missing': { type: 'boolean', default: false },
    out: { type: 'string', default: join(root, 'out/bundle') },
    only: { type: 'string', multiple: true, default: PROGRAMS.map(({ name }) => name) },
  },
});
const out = resolve(options.out);

/** Bytes of all that it makes. */
async function bundle({ name, entry, threads, parts = 'tachograph-shared', keepNames = false, hasGuards }) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: entry, ...threads },
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: threads !== undefined,
    chunkNames: `${parts}-[hash]`,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The sources themselves, not what an earlier `tsc -b` left in dist.
    conditions: ['source'],
    external: hasGuards ? OPTIONAL : [...OPTIONAL, ...GUARD_PARSERS],
    banner: { js: hasGuards ? REQUIRE_BANNER + DIRNAME_BANNER : REQUIRE_BANNER },
    // Elsewhere without `keepNames`: it runs for every closure that a call makes (2 % of a call).
    keepNames,
    minify: true,
    // Node prints the line where an uncaught error was thrown: not all of the file.
    lineLimit: 240,
    legalComments: 'external',
    logLevel: 'warning',
  });
  return Object.entries(metafile.outputs).reduce(
    (sum, [path, { bytes }]) => (path.endsWith('.mjs') ? sum + bytes : sum),
    0,
  );
}

const faults = [];
// Nothing stale may get into an image.
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
copyFileSync(join(root, 'node_modules/libpg-query/wasm/libpg-query.wasm'), join(out, 'libpg-query.wasm'));
// What tacho puts into every export.
writeFileSync(join(out, 'verify-page.html'), await buildVerifyPage());
for (const program of PROGRAMS.filter(({ name }) => options.only.includes(name))) {
  if (!existsSync(join(root, program.entry))) {
    if (options['allow-missing']) console.log(`note: ${program.name} left out, there is no ${program.entry}`);
    else faults.push(`${program.name}: there is no ${program.entry}`);
    continue;
  }
  const size = await bundle(program);
  console.log(`${program.name.padEnd(24)} ${(size / 1000).toFixed(0).padStart(6)} kB`);
  if (size > (program.bytesMax ?? Infinity)) faults.push(`${program.name}: ${size} bytes, at most ${program.bytesMax}`);
}
if (faults.length > 0) {
  for (const fault of faults) console.error(`error: ${fault}`);
  process.exitCode = 1;
}
