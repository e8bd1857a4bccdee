import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type Emulator, type EmulatorOptions, createEmulator } from './app.ts';
import { insertBucket } from './bucket-operations.ts';
import { toCaller } from './iam.ts';

/** An emulator and where it listens. */
export interface EmulatorServerOptions extends EmulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Buckets to create when they do not exist, with default settings: no versioning, no retention. */
  readonly buckets?: readonly string[];
}

/** A listening emulator. */
export interface EmulatorServer {
  /** `http://host:port`, the value for `apiEndpoint` or `STORAGE_EMULATOR_HOST`. */
  readonly url: string;
  readonly emulator: Emulator;
  /** Stops listening and breaks open connections; the data stays. */
  close(): Promise<void>;
}

/** Starts an emulator; rejects when the address cannot be taken. */
export async function startEmulator(options: EmulatorServerOptions): Promise<EmulatorServer> {
  const emulator = createEmulator(options);
  for (const name of options.buckets ?? []) {
    if (emulator.state.findBucket(name) !== undefined) continue;
    insertBucket({ state: emulator.state, caller: toCaller(undefined, undefined) }, { name }, false);
  }
  const server = createServer(emulator.app);
  // Slow and large uploads are legitimate here.
  server.requestTimeout = 0;
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { address, family, port } = boundAddress(server.address());
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    emulator,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

function boundAddress(address: AddressInfo | string | null): AddressInfo {
  if (typeof address === 'object' && address !== null) return address;
  throw new Error('expected a TCP address');
}
