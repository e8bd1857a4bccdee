// Runs the end-to-end suite where kubectl, helm and the cluster's addresses are: `test/cluster/cluster enter node test/e2e/run.mjs`.
import { spawnSync } from 'node:child_process';

const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const { status } = spawnSync(
  process.execPath,
  [...args, '--config', 'jest.e2e.config.mjs', '--runInBand', ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
