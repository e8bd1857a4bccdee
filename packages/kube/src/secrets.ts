import { mapAt } from './fields.ts';
import { isKubeError } from './kube-error.ts';
import { toMeta } from './objects.ts';
import type { Json, Transport } from './transport.ts';

/** An Opaque Secret with text values. */
export interface Secret {
  readonly namespace: string;
  readonly name: string;
  /** Version that was read; an update replaces exactly this one. */
  readonly resourceVersion: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Secrets with optimistic concurrency; an absent one is `undefined`. Methods throw `KubeError`. */
export interface SecretPort {
  getSecret(namespace: string, name: string): Promise<Secret | undefined>;
  /** Throws `conflict` when it exists. */
  createSecret(secret: Omit<Secret, 'resourceVersion'>): Promise<Secret>;
  /** Throws `conflict` when it changed since it was read. */
  updateSecret(secret: Secret): Promise<Secret>;
}

export function createSecretPort(transport: Transport): SecretPort {
  return {
    async getSecret(namespace, name) {
      try {
        return toSecret(await transport.call({ method: 'GET', path: `${collection(namespace)}/${name}` }));
      } catch (error) {
        if (isKubeError(error, 'not_found')) return undefined;
        throw error;
      }
    },
    createSecret: async (secret) =>
      toSecret(await transport.call({ method: 'POST', path: collection(secret.namespace), body: fromSecret(secret) })),
    updateSecret: async (secret) =>
      toSecret(
        await transport.call({
          method: 'PUT',
          path: `${collection(secret.namespace)}/${secret.name}`,
          body: fromSecret(secret),
        }),
      ),
  };
}

function collection(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets`;
}

function toSecret(object: Json): Secret {
  const { namespace, name, resourceVersion } = toMeta(object);
  const data = Object.entries(mapAt(object, 'data')).map(([key, value]) => [key, decode(value)] as const);
  return { namespace, name, resourceVersion, data: Object.fromEntries(data) };
}

function fromSecret(secret: Omit<Secret, 'resourceVersion'> & { readonly resourceVersion?: string }): Json {
  const { namespace, name, resourceVersion } = secret;
  const data = Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(value).toString('base64')] as const);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { namespace, name, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    data: Object.fromEntries(data),
  };
}

function decode(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}
