export { createTacho, runTacho } from './app.ts';
export type { CliContext } from './cli-context.ts';
