import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { environmentOf, type StockClient } from './stock-client.ts';
import { echoedBy } from './tool-text.ts';

const require = createRequire(import.meta.url);
const program = join(dirname(require.resolve('mcp-remote/package.json')), 'dist/proxy.js');

/** mcp-remote behind a client on stdio, as desktop clients run it; keeps tokens below its home. */
export const mcpRemote: StockClient = {
  name: 'mcp-remote',
  echo: async (call) => {
    const client = new Client({ name: 'stdio-client', version: '1' });
    const env = { ...environmentOf(call), MCP_REMOTE_CONFIG_DIR: call.home };
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [program, call.url],
      env,
      stderr: 'pipe',
    });
    let said = '';
    transport.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    try {
      await client.connect(transport, { timeout: 150_000 });
      return echoedBy(await client.callTool({ name: 'echo', arguments: { message: call.message } }));
    } catch (error) {
      throw new Error(`mcp-remote: ${said}`, { cause: error });
    } finally {
      await client.close();
    }
  },
};
