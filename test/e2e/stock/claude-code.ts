import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { scriptedModel } from '../support/model.ts';
import { outputOf, runProgram } from './run-program.ts';
import { environmentOf, type StockCall, type StockClient } from './stock-client.ts';
import { toolPath } from './tools.ts';

const program = toolPath('claude-code');

/** Claude Code: `claude mcp login` in a terminal, then one turn with a model that calls the tool. */
export const claudeCode: StockClient = {
  name: 'Claude Code',
  ...(program.missing === undefined ? {} : { missing: program.missing }),
  echo: async (call) => {
    const run = { env: environment(call), cwd: projectOf(call) };
    const known = await runProgram(program.path, ['mcp', 'get', 'recorded'], run);
    if (!known.output.includes(call.url)) {
      await outputOf(program.path, ['mcp', 'add', '--transport', 'http', 'recorded', call.url], run);
    }
    if (!known.output.includes('Connected')) {
      await outputOf(program.path, ['mcp', 'login', 'recorded'], { ...run, terminal: true });
    }
    return oneTurn(call, run);
  },
};

async function oneTurn(call: StockCall, run: { env: Record<string, string>; cwd: string }): Promise<string> {
  const tool = 'mcp__recorded__echo';
  const model = await scriptedModel(tool, { message: call.message });
  try {
    const env = { ...run.env, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'scripted' };
    const said = await outputOf(program.path, ['-p', 'Call the tool.', '--allowedTools', tool], { ...run, env });
    return `${said}${model.results.join('\n')}`;
  } finally {
    await model.close();
  }
}

function environment(call: StockCall): Record<string, string> {
  return {
    ...environmentOf(call),
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // The tools stand in the first request, and that waits for the server.
    ENABLE_TOOL_SEARCH: 'false',
    MCP_CONNECTION_NONBLOCKING: 'false',
  };
}

/** Settings are kept by directory. */
function projectOf({ home }: StockCall): string {
  const directory = join(home, 'project');
  mkdirSync(directory, { recursive: true });
  return directory;
}
