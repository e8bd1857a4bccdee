import type { MessageContext } from '@tachograph/masking';
import { jsonRpcIdText, mcpTarget, parseJsonRpcMessage } from '@tachograph/protocol';

/** Requests whose answers may still come; older ones are forgotten. */
const remembered = 10_000;

/** Knows which tool a line is about: an answer's is that of the request with its id, on an earlier line. */
export class MessageTools {
  readonly #tools = new Map<string, string>();

  /** What the masker may know of a message; `value` is its JSON. */
  contextOf(value: unknown): MessageContext | undefined {
    const message = parseJsonRpcMessage(value);
    if (typeof message === 'string') return undefined;
    if (message.kind === 'response') {
      const tool = message.id === null ? undefined : this.#tools.get(jsonRpcIdText(message.id));
      return tool === undefined ? { leg: 'response' } : { leg: 'response', tool };
    }
    const { tool } = mcpTarget(message.method, message.params);
    if (tool === undefined) return { leg: 'request' };
    if (message.kind === 'request') this.#remember(jsonRpcIdText(message.id), tool);
    return { leg: 'request', tool };
  }

  #remember(id: string, tool: string): void {
    this.#tools.delete(id);
    this.#tools.set(id, tool);
    if (this.#tools.size <= remembered) return;
    for (const oldest of this.#tools.keys()) {
      this.#tools.delete(oldest);
      return;
    }
  }
}
