/** Streams of HTTP+SSE sessions: what the sidecar answers itself goes where the client waits for it. */
export interface SessionStreams {
  /** `write`: sends one event; false when it cannot. The answer detaches it. */
  attach(mcpSessionId: string, write: (message: string) => boolean): () => void;
  /** False when the session has no stream here. */
  send(mcpSessionId: string, message: string): boolean;
}

export function createSessionStreams(): SessionStreams {
  const streams = new Map<string, (message: string) => boolean>();
  return {
    attach(mcpSessionId, write) {
      streams.set(mcpSessionId, write);
      return () => {
        if (streams.get(mcpSessionId) === write) streams.delete(mcpSessionId);
      };
    },
    send: (mcpSessionId, message) => streams.get(mcpSessionId)?.(message) ?? false,
  };
}
