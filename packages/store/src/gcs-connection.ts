import type { Bucket, Storage, StorageOptions } from '@google-cloud/storage';

/** How to reach GCS, or something that speaks its JSON API. */
export interface GcsConnection {
  /** An emulator's address, such as `http://127.0.0.1:4443`. No credentials are looked for then. */
  readonly apiEndpoint?: string | undefined;
  /** Needed only to create buckets, and then also where only `STORAGE_EMULATOR_HOST` names an emulator. */
  readonly projectId?: string | undefined;
  /** Limit for one request, in ms. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** File of other credentials than the application's default ones: a key, or a configuration of impersonation. */
  readonly credentialsFile?: string | undefined;
  /** Names the principal to an emulator that checks permissions; without `apiEndpoint` it is ignored, and ADC speaks. */
  readonly emulatorPrincipal?: string | undefined;
}

export const defaultTimeoutMs = 60_000;

/**
 * A client that never retries on its own: what an error means for a create-only write is decided here, by reading
 * back (`archive.md` §1, "Lost ack"). The library is loaded with the first client: it takes 20 MB, and a copy in a
 * directory needs none of it.
 */
export async function createClient(connection: GcsConnection): Promise<Storage> {
  const { Storage } = await import('@google-cloud/storage');
  const { apiEndpoint, emulatorPrincipal, credentialsFile } = connection;
  const options: StorageOptions = {
    retryOptions: { autoRetry: false },
    timeout: connection.timeoutMs ?? defaultTimeoutMs,
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
    ...(credentialsFile === undefined ? {} : { keyFilename: credentialsFile }),
    // Without a project the library would ask the metadata server for one, which no emulator has.
    ...toProject(connection),
  };
  const client = new Storage(options);
  if (apiEndpoint !== undefined && emulatorPrincipal !== undefined) {
    client.interceptors.push({
      request: (request) => ({
        ...request,
        uri: 'uri' in request ? request.uri : request.url,
        headers: { ...request.headers, Authorization: `Bearer ${emulatorPrincipal}` },
      }),
    });
  }
  return client;
}

/** One bucket, with its client, made when it is first asked for. */
export type LazyBucket = () => Promise<Bucket>;

/** Makes the client once. */
export function lazyBucket(connection: GcsConnection, name: string): LazyBucket {
  let bucket: Promise<Bucket> | undefined;
  return async () => await (bucket ??= createClient(connection).then((client) => client.bucket(name)));
}

/** What authorizes a request that is not the library's own. An emulator takes no credentials but a principal's name. */
export async function authorization(
  client: Storage,
  { apiEndpoint, emulatorPrincipal }: GcsConnection,
): Promise<Readonly<Record<string, string>>> {
  if (apiEndpoint !== undefined || client.customEndpoint) {
    return emulatorPrincipal === undefined ? {} : { authorization: `Bearer ${emulatorPrincipal}` };
  }
  return Object.fromEntries(await client.authClient.getRequestHeaders());
}

function toProject({ apiEndpoint, projectId }: GcsConnection): { projectId?: string } {
  if (projectId !== undefined) return { projectId };
  return apiEndpoint === undefined ? {} : { projectId: 'emulated' };
}
