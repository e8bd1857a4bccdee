/** What tools say of themselves. Anybody may say anything, so it only raises: said once, it counts as long as this process lives. */
import { isJsonObject, type JsonObject } from '@tachograph/protocol';

export interface ToolHints {
  /** Takes note of one `tools/list` result. */
  learn(result: JsonObject): void;
  /** Whether a list has called the tool destructive, in whatever session. */
  isDestructive(tool: unknown): boolean;
}

/** More names are not remembered. */
const maxTools = 5_000;

export function createToolHints(): ToolHints {
  const destructive = new Set<string>();
  return {
    learn({ tools }) {
      for (const tool of Array.isArray(tools) ? tools.filter(isJsonObject) : []) {
        const { name, annotations } = tool;
        const isNamed = typeof name === 'string' && destructive.size < maxTools;
        if (isNamed && isJsonObject(annotations) && annotations['destructiveHint'] === true) destructive.add(name);
      }
    },
    isDestructive: (tool) => typeof tool === 'string' && destructive.has(tool),
  };
}
