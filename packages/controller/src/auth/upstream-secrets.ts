/** Files that the platform team replaces while we run: the client's secret and the roots of the company's provider. */
import { readFile } from 'node:fs/promises';
import { SettingsError } from '@tachograph/service';
import type { HostedAuthSettings } from './auth-settings.ts';

export interface UpstreamSecrets {
  readonly clientSecret: string;
  readonly ca?: string;
}

const maxBytes = 256 * 1024;

/** Throws `SettingsError` for a file that cannot be used. Never says what is in it. */
export async function readUpstreamSecrets(
  settings: Pick<HostedAuthSettings, 'clientSecretFile' | 'upstreamCaFile'>,
): Promise<UpstreamSecrets> {
  const clientSecret = (await read('TACHO_AUTH_CLIENT_SECRET_FILE', settings.clientSecretFile)).trim();
  if (!/^[\x20-\x7e]{1,4096}$/.test(clientSecret)) {
    const expected = 'a file with one line of printable characters';
    throw new SettingsError('TACHO_AUTH_CLIENT_SECRET_FILE', settings.clientSecretFile, expected);
  }
  if (settings.upstreamCaFile === undefined) return { clientSecret };
  const ca = await read('TACHO_AUTH_UPSTREAM_CA_FILE', settings.upstreamCaFile);
  if (ca.includes('-----BEGIN CERTIFICATE-----')) return { clientSecret, ca };
  throw new SettingsError('TACHO_AUTH_UPSTREAM_CA_FILE', settings.upstreamCaFile, 'a file of PEM certificates');
}

async function read(setting: string, path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined && text.length <= maxBytes) return text;
  throw new SettingsError(setting, path, 'a readable file of at most 256 KiB');
}
