// End-to-end tests on the running test cluster: `make e2e`. One file after another, each in a namespace of its own.
import unit from './jest.config.mjs';

export default {
  ...unit,
  testMatch: ['<rootDir>/test/e2e/**/*.e2e.ts'],
  globalSetup: '<rootDir>/test/e2e/setup.mjs',
  testTimeout: 240_000,
  maxWorkers: 1,
};
