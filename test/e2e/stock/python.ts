import { fileURLToPath } from 'node:url';
import { toolPath } from './tools.ts';
import { outputOf } from './run-program.ts';
import { environmentOf, type StockClient } from './stock-client.ts';

const program = fileURLToPath(new URL('python_client.py', import.meta.url));
const packages = toolPath('python-mcp');

/** An application on the Python SDK. */
export const python: StockClient = {
  name: 'Python SDK',
  ...(packages.missing === undefined ? {} : { missing: packages.missing }),
  echo: async (call) => {
    const env = { ...environmentOf(call), PYTHONPATH: packages.path };
    return outputOf('python3', [program, call.url, call.message, call.home, call.browser], { env });
  },
};
