/**
 * The strict provider as a program, for tests with real processes and clusters. IDP_LISTEN=host:port;
 * IDP_TLS=directory with tls.crt and tls.key, made there with a ca.crt for IDP_ISSUER's host if they are missing;
 * IDP_ISSUER; IDP_CLIENT_ID, IDP_CLIENT_SECRET; IDP_REDIRECTS, comma-separated.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStrictIdp, type StrictIdpOptions } from './strict-idp.ts';
import { createTestCertificates } from './test-certificates.ts';

const { env } = process;

const idp = await startStrictIdp({
  redirectUris: (env['IDP_REDIRECTS'] ?? 'http://localhost/as/callback').split(','),
  listen: parseListen(env['IDP_LISTEN'] ?? '127.0.0.1:9090'),
  ...(env['IDP_CLIENT_ID'] === undefined ? {} : { clientId: env['IDP_CLIENT_ID'] }),
  ...(env['IDP_CLIENT_SECRET'] === undefined ? {} : { clientSecret: env['IDP_CLIENT_SECRET'] }),
  ...(env['IDP_ISSUER'] === undefined ? {} : { issuer: env['IDP_ISSUER'] }),
  ...(env['IDP_TLS'] === undefined ? {} : { tls: readTls(env['IDP_TLS']) }),
});
process.stdout.write(`${JSON.stringify({ issuer: idp.issuer, clientId: idp.clientId })}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void idp.close().then(() => process.exit(0));
  });
}

function parseListen(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(text.slice(colon + 1)) };
}

function readTls(directory: string): NonNullable<StrictIdpOptions['tls']> {
  const at = (file: string): string => join(directory, file);
  if (!existsSync(at('tls.crt'))) {
    const host = new URL(env['IDP_ISSUER'] ?? 'https://localhost').hostname;
    const { ca, cert, key } = createTestCertificates([...new Set([host, 'localhost', '127.0.0.1'])], Date.now());
    mkdirSync(directory, { recursive: true });
    writeFileSync(at('ca.crt'), ca);
    writeFileSync(at('tls.crt'), cert);
    writeFileSync(at('tls.key'), key, { mode: 0o600 });
  }
  return { cert: readFileSync(at('tls.crt'), 'utf8'), key: readFileSync(at('tls.key'), 'utf8') };
}
