import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getJson, until } from './kubectl.ts';

/** The company's provider: no registration, no metadata documents, no `resource`; TLS from an authority of its own. */
export interface CompanyIdp {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** PEM file of its authority. */
  readonly caFile: string;
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('../../../packages/authserver/src/testing/idp-main.ts', import.meta.url));

/** Starts it on the node, at an address that pods reach too. */
export async function startCompanyIdp(): Promise<CompanyIdp> {
  const host = await nodeAddress();
  const origin = `${host}:${await freePort(host)}`;
  const tls = mkdtempSync(join(tmpdir(), 'tacho-idp-'));
  const client = { clientId: 'tachograph', clientSecret: crypto.randomUUID() };
  const child = spawn(process.execPath, ['--conditions=source', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      IDP_LISTEN: origin,
      IDP_ISSUER: `https://${origin}`,
      IDP_TLS: tls,
      IDP_CLIENT_ID: client.clientId,
      IDP_CLIENT_SECRET: client.clientSecret,
      IDP_REDIRECTS: 'http://localhost/as/callback',
    },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the company’s provider', async () => said.includes('"issuer"'), 30_000);
  return {
    issuer: `https://${origin}`,
    ...client,
    caFile: join(tls, 'ca.crt'),
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

interface Nodes {
  readonly items: readonly { readonly status: { readonly addresses: readonly NodeAddress[] } }[];
}

interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

async function nodeAddress(): Promise<string> {
  const { items } = await getJson<Nodes>('nodes');
  const addresses = items.flatMap(({ status }) => status.addresses);
  const found = addresses.find(({ type, address }) => type === 'InternalIP' && !address.includes(':'));
  if (found === undefined) throw new Error('the node has no IPv4 address');
  return found.address;
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
