// One file a program, in out/bundle:   node scripts/bundle.mjs [--allow-missing]
//
// The images and the benchmarks run these. With --allow-missing, programs whose entry does not exist are left out with
// a note. Fails if the sidecar, which runs in every recorded pod, is larger than its budget.
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const SIDECAR_BYTES_MAX = 1_500_000;
const PROGRAMS = [
  { name: 'tachograph-sidecar', entry: 'packages/sidecar/src/main.ts', isSidecar: true },
  { name: 'tachograph-mask-worker', entry: 'packages/sidecar/src/masking/mask-worker.ts', isSidecar: true },
  { name: 'tachograph-netguard', entry: 'packages/sidecar/src/netguard-main.ts' },
  { name: 'tachograph-controller', entry: 'packages/controller/src/main.ts' },
  { name: 'tachograph-sequencer', entry: 'packages/controller/src/sequencer-main.ts' },
  { name: 'tachograph-injector', entry: 'packages/injector/src/main.ts' },
  { name: 'tachograph-gcs-emulator', entry: 'packages/gcs-emulator/src/main.ts' },
  { name: 'tacho', entry: 'packages/cli/src/main.ts' },
];
// CommonJS dependencies call require() for Node's own modules, which an ES module does not have.
const REQUIRE_BANNER =
  "import { createRequire as tachoCreateRequire } from 'node:module'; const require = tachoCreateRequire(import.meta.url);";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'out/bundle');
const { values: options } = parseArgs({ options: { 'allow-missing': { type: 'boolean', default: false } } });

async function bundle({ name, entry }) {
  const outfile = join(out, `${name}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The sources themselves, not what an earlier `tsc -b` left in dist.
    conditions: ['source'],
    banner: { js: REQUIRE_BANNER },
    // Names stay: profiles and stack traces can be read, and `keepNames`, which keeps them for minified names, runs for
    // every closure that a call makes (2 % of a call).
    minifyWhitespace: true,
    minifySyntax: true,
    // Node prints the line where an uncaught error was thrown: not all of the file.
    lineLimit: 240,
    legalComments: 'external',
    logLevel: 'warning',
  });
  return statSync(outfile).size;
}

const faults = [];
let sidecarBytes = 0;
// Nothing stale may get into an image.
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const program of PROGRAMS) {
  if (!existsSync(join(root, program.entry))) {
    if (options['allow-missing']) console.log(`note: ${program.name} left out, there is no ${program.entry}`);
    else faults.push(`${program.name}: there is no ${program.entry}`);
    continue;
  }
  const size = await bundle(program);
  console.log(`${program.name.padEnd(24)} ${(size / 1000).toFixed(0).padStart(6)} kB`);
  if (program.isSidecar) sidecarBytes += size;
}
if (sidecarBytes > SIDECAR_BYTES_MAX) faults.push(`the sidecar: ${sidecarBytes} bytes, at most ${SIDECAR_BYTES_MAX}`);
if (faults.length > 0) {
  for (const fault of faults) console.error(`error: ${fault}`);
  process.exitCode = 1;
}
