import { Storage } from '@google-cloud/storage';

/**
 * Access tokens of the ambient credentials (Application Default Credentials), as the store itself uses them, for other
 * APIs of Google Cloud. Looks for credentials at the first call, and renews tokens by itself.
 */
export function createGoogleTokens(): () => Promise<string> {
  const { authClient } = new Storage();
  return async () => {
    const token = await authClient.getAccessToken();
    if (typeof token !== 'string' || token === '') throw new Error('no access token of Google Cloud');
    return token;
  };
}
