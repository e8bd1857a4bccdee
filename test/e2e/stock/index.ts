import { claudeCode } from './claude-code.ts';
import { inspector } from './inspector.ts';
import { mcpRemote } from './mcp-remote.ts';
import { python } from './python.ts';
import { sdkV1 } from './sdk-v1.ts';
import { sdkV2 } from './sdk-v2.ts';
import type { StockClient } from './stock-client.ts';

export const stockClients: readonly StockClient[] = [inspector, mcpRemote, sdkV1, sdkV2, python, claudeCode];
export type { StockCall, StockClient } from './stock-client.ts';
