// Callers: each call carries a marker of its own, and what became of each is kept.

let next = 0;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const initialize = (marker) => ({
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'drill', version: '1' },
    _meta: { marker },
  },
});

/** Starts `clients` callers against a sidecar. `calls`: marker → acknowledged | refused | broken | sent. */
export function startLoad({ url, token, clients = 4, pauseMs = 5, perSession = 1000, timeoutMs = 20_000 }) {
  const calls = new Map();
  const state = { running: true, large: 0, unsent: 0 };

  const send = async (message, headers) => {
    const marker = `marker-${(next += 1)}-end`;
    calls.set(marker, 'sent');
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${token}`,
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: next, ...message(marker) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      state.last = `${response.status} ${text.slice(0, 200)}`;
      const good = response.status === 200 && !text.includes('"error"') && !text.includes('"isError":true');
      calls.set(marker, good ? 'acknowledged' : 'refused');
      return { good, session: response.headers.get('mcp-session-id') ?? '' };
    } catch (error) {
      if (error.cause?.code === 'ECONNREFUSED') {
        // Nobody listened: nothing was sent.
        calls.delete(marker);
        state.unsent += 1;
      } else calls.set(marker, 'broken');
      return { good: false };
    }
  };

  const echo = (marker) => {
    const filler = state.large > 0 ? 'long text '.repeat(32_000) : '';
    if (filler !== '') state.large -= 1;
    return { method: 'tools/call', params: { name: 'echo', arguments: { message: marker + filler } } };
  };
  const client = async () => {
    while (state.running) {
      const opened = await send(initialize, {});
      if (!opened.good) {
        await pause(50);
        continue;
      }
      let good = true;
      let made = 0;
      while (state.running && good && made < perSession) {
        ({ good } = await send(echo, { 'mcp-session-id': opened.session }));
        made += 1;
        await pause(pauseMs);
      }
    }
  };

  const running = Promise.all(Array.from({ length: clients }, client));
  const count = (what) => [...calls.values()].filter((one) => one === what).length;
  return {
    calls,
    count,
    state,
    /** The next so many calls are long: their bodies are blobs. */
    sendLarge: (number) => void (state.large = number),
    /** Resolves when so many more calls were acknowledged. */
    async progress(more, limitMs = 30_000) {
      const goal = count('acknowledged') + more;
      const deadline = performance.now() + limitMs;
      while (count('acknowledged') < goal) {
        if (performance.now() > deadline)
          throw new Error(`no ${more} calls were acknowledged in ${limitMs} ms; the last answer: ${state.last}`);
        await pause(20);
      }
    },
    async stop() {
      state.running = false;
      await running;
    },
  };
}
