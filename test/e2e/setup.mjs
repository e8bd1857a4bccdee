// Installs the chart on the running test cluster, with the storage emulator in it, and says where things are.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const system = 'tachograph';
const run = (program, ...args) =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const kubectl = (...args) => run('kubectl', '-n', system, ...args);

const values = {
  cluster: 'e2e',
  'emulator.enabled': 'true',
  'images.pullPolicy': 'Never',
  checkpointInterval: '2s',
};

export default async function setup() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const images = {
    'images.sidecar': `tachograph.dev/sidecar:${version}`,
    'images.controller': `tachograph.dev/controller:${version}`,
  };
  const sets = Object.entries({ ...values, ...images }).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  run(
    'helm',
    'upgrade',
    '--install',
    'tachograph',
    'charts/tachograph',
    '-n',
    system,
    '--create-namespace',
    // What suites of an earlier run patched is the chart's again.
    '--force-conflicts',
    '--wait',
    '--timeout',
    '120s',
    ...sets,
  );
  const dir = mkdtempSync(join(tmpdir(), 'tacho-e2e-installation-'));
  const policyFile = join(dir, 'policy.txt');
  const address = kubectl('get', 'service', 'tachograph-storage', '-o', 'jsonpath={.spec.clusterIP}');
  writeFileSync(
    policyFile,
    run(
      process.execPath,
      'packages/cli/bin/tacho.js',
      'trust',
      'export',
      '--namespace',
      system,
      '--cluster',
      values.cluster,
    ),
  );
  const file = join(dir, 'installation.json');
  writeFileSync(file, JSON.stringify({ bucket: 'gs://tachograph', endpoint: `http://${address}:4443`, policyFile }));
  process.env.TACHO_E2E_INSTALLATION = file;
  process.env.TACHO_E2E_RUN = Math.floor(Date.now() / 1000).toString(36);
}
