import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { outputOf } from './run-program.ts';
import { environmentOf, type StockClient } from './stock-client.ts';

const require = createRequire(import.meta.url);
const program = join(
  dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
  'clients/launcher/build/index.js',
);

/** The Inspector's command line: opens the browser itself, waits at 127.0.0.1:6276 and keeps tokens below its home. */
export const inspector: StockClient = {
  name: 'Inspector CLI',
  echo: async (call) => {
    const method = ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', `message=${call.message}`];
    // Without a terminal it opens a browser only when told to.
    const env = { ...environmentOf(call), MCP_AUTO_OPEN_ENABLED: 'true', MCP_STORAGE_DIR: call.home };
    const args = [program, '--cli', call.url, '--transport', 'http', ...method];
    return outputOf(process.execPath, args, { env, signal: call.signal });
  },
};
