import type { Storage } from '@google-cloud/storage';

/**
 * Access tokens of the ambient credentials (Application Default Credentials), as the store itself uses them, for other
 * APIs of Google Cloud. Looks for credentials at the first call, and renews tokens by itself.
 */
export function createGoogleTokens(): () => Promise<string> {
  let storage: Promise<Storage> | undefined;
  return async () => {
    const { authClient } = await (storage ??= loadStorage());
    const token = await authClient.getAccessToken();
    if (typeof token !== 'string' || token === '') throw new Error('no access token of Google Cloud');
    return token;
  };
}

async function loadStorage(): Promise<Storage> {
  const library = await import('@google-cloud/storage');
  return new library.Storage();
}
