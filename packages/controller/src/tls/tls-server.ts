/** Serves TLS 1.3 under the own authority and renews its leaf while it runs. */
import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import { closeServer, listen, portOf } from '../http/listen.ts';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { Secrets, Timers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import { issueLeaf, renewalDueMs, type CertifiedKey } from './certificates.ts';
import { loadServingAuthority, type ServingAuthority } from './serving-authority.ts';

export interface TlsServerOptions {
  readonly handler: RequestListener;
  readonly listen: { readonly host: string; readonly port: number };
  readonly names: { readonly dns: readonly string[]; readonly ip: readonly string[] };
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

export interface TlsServer {
  /** `https://host:port` as bound. */
  readonly url: string;
  /** The authority as last read. */
  authority(): ServingAuthority;
  close(): Promise<void>;
}

const dayMs = 86_400_000;
const lookEveryMs = 600_000;

export async function startTlsServer(options: TlsServerOptions): Promise<TlsServer> {
  let authority = await loadServingAuthority(options.secrets, options.clock);
  let leaf = await newLeaf(options, authority);
  const server = createServer({ ...leaf, minVersion: 'TLSv1.3' }, options.handler);
  // A long poll waits 30 s; a segment of 8 MiB takes its time on a slow link.
  server.requestTimeout = 120_000;
  server.on('tlsClientError', (error) => options.log.debug('TLS handshake failed', { err: describeError(error) }));
  await listen(server, options.listen);
  const stop = every({ ...options, name: 'serving certificate' }, lookEveryMs, async () => {
    authority = await loadServingAuthority(options.secrets, options.clock);
    if (renewalDueMs(leaf.cert) > options.clock.nowMs()) return;
    leaf = await newLeaf(options, authority);
    server.setSecureContext({ ...leaf, minVersion: 'TLSv1.3' });
    options.log.info('serving certificate renewed');
  });
  return {
    url: urlOf(options.listen.host, portOf(server)),
    authority: () => authority,
    async close() {
      stop();
      await closeServer(server);
    },
  };
}

async function newLeaf(options: TlsServerOptions, { signer }: ServingAuthority): Promise<CertifiedKey> {
  return issueLeaf(signer, options.names, { fromMs: options.clock.nowMs(), lifeMs: dayMs });
}

function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `https://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
