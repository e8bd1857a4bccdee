import { SettingsError, type SettingsReader } from '@tachograph/service';
import { createGoogleTokens } from '@tachograph/store';
import type { LogSigner } from '../sequencer/log-key.ts';
import { createKmsSigner, parseKmsAddress } from './kms-signer.ts';

export interface RemoteKeySettings {
  /** KMS key versions, oldest first. */
  readonly versions: readonly string[];
  /** `TACHO_KMS_ENDPOINT`: another than Google's. */
  readonly endpoint: string | undefined;
}

/** `TACHO_LOG_KEY`: `gcpkms://projects/…/cryptoKeyVersions/N`, oldest first while one follows another; absent: a Secret's key. */
export function readRemoteKeys(reader: SettingsReader): RemoteKeySettings {
  const versions = reader.list('TACHO_LOG_KEY').map((text) => {
    const version = parseKmsAddress(text);
    if (version === undefined) {
      throw new SettingsError('TACHO_LOG_KEY', text, 'gcpkms://projects/…/cryptoKeyVersions/N, comma separated');
    }
    return version;
  });
  return { versions, endpoint: reader.text('TACHO_KMS_ENDPOINT') };
}

/** Asks KMS for each public key. */
export async function openRemoteKeys(settings: { readonly remoteKeys: RemoteKeySettings }): Promise<LogSigner[]> {
  const { versions, endpoint } = settings.remoteKeys;
  if (versions.length === 0) return [];
  const token = createGoogleTokens();
  const connection = endpoint === undefined ? { token } : { token, endpoint };
  return Promise.all(versions.map(async (version) => createKmsSigner({ version, ...connection })));
}
