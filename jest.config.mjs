export default {
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/packages/*/src/**/*.test.ts', '<rootDir>/test/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/packages/.*/dist/'],
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  // Two dependencies carry a `source` condition of their own: TypeScript that nobody compiles for us.
  moduleNameMapper: {
    '^fast-check$': '<rootDir>/jest.fast-check.mjs',
    '^eventsource$': '<rootDir>/node_modules/eventsource/dist/index.js',
    '^eventsource-parser$': '<rootDir>/node_modules/eventsource-parser/dist/index.js',
    '^eventsource-parser/stream$': '<rootDir>/node_modules/eventsource-parser/dist/stream.js',
  },
  // Only against a hang: machines are slow and shared, and no test asserts how long something takes.
  testTimeout: 120_000,
  maxWorkers: '100%',
  // A test that fails may leave a server open, and the run must end all the same.
  forceExit: true,
  transform: { '\\.ts$': '<rootDir>/jest.strip.mjs' },
  reporters: ['default', '<rootDir>/jest.summary.mjs'],
};
