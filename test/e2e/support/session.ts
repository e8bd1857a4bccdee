/** A session opened by hand, so that a test sees status and text of every answer. */
export interface Session {
  call(tool: string, args: object): Promise<{ readonly status: number; readonly text: string }>;
  echo(marker: string): Promise<{ readonly status: number; readonly text: string }>;
  /** DELETE: ends the session. */
  end(): Promise<void>;
}

export async function openSession(url: string, token: string): Promise<Session> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
  };
  const send = async (body: object, more: Record<string, string> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'by-hand', version: '1' } };
  const opened = await send({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const text = await opened.text();
  if (opened.status !== 200) throw new Error(`initialize: ${opened.status} ${text.slice(0, 300)}`);
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  let id = 0;
  const call: Session['call'] = async (tool, args) => {
    const answer = await send(
      { jsonrpc: '2.0', id: (id += 1), method: 'tools/call', params: { name: tool, arguments: args } },
      session,
    );
    return { status: answer.status, text: await answer.text() };
  };
  return {
    call,
    echo: async (marker) => call('echo', { message: marker }),
    end: async () => {
      const answer = await fetch(url, { method: 'DELETE', headers: { ...headers, ...session } });
      await answer.text();
    },
  };
}
