// What goes over a wire, read without any code of ours: JSON-RPC messages in bodies and in server-sent events.

/** `request`, `notification` or `response`; undefined for what is no JSON-RPC message. */
function kindOf(message) {
  if (typeof message !== 'object' || message === null || message.jsonrpc !== '2.0') return undefined;
  if (typeof message.method === 'string') return message.id === undefined ? 'notification' : 'request';
  return 'result' in message || 'error' in message ? 'response' : undefined;
}

function toMessage(direction, message) {
  const kind = kindOf(message);
  if (kind === undefined) return [];
  const id = message.id === undefined ? undefined : JSON.stringify(message.id);
  return [{ direction, kind, method: message.method, id }];
}

/** Messages of one JSON text, a batch one by one. */
export function messagesOf(direction, text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  return (Array.isArray(value) ? value : [value]).flatMap((one) => toMessage(direction, one));
}

/** Complete events of a stream: what lacks its blank line was never dispatched. An event without data is a `chunk`. */
export function eventsOf(text) {
  const blocks = text.replace(/^\uFEFF/, '').split(/\r\n\r\n|\n\n|\r\r/);
  return blocks.slice(0, -1).flatMap((block) => {
    if (block.trim() === '') return [];
    const lines = block.split(/\r\n|\n|\r/);
    const data = lines.filter((line) => /^data(:|$)/.test(line)).map((line) => line.replace(/^data:? ?/, ''));
    const found = messagesOf('s2c', data.join('\n'));
    return found.length > 0 ? found : [{ direction: 's2c', kind: 'chunk' }];
  });
}
