import { isKubeError, type SecretPort } from '@tachograph/kube';
import type { Secrets } from '../ports.ts';

/** Secrets of the system namespace. */
export function createKubeSecrets(kube: SecretPort, namespace: string): Secrets {
  return {
    async get(name) {
      const found = await kube.getSecret(namespace, name);
      return found === undefined ? undefined : { data: found.data, version: found.resourceVersion };
    },
    async create(name, data) {
      try {
        await kube.createSecret({ namespace, name, data });
        return 'created';
      } catch (error) {
        if (isKubeError(error, 'conflict')) return 'exists';
        throw error;
      }
    },
    async update(name, data, version) {
      try {
        await kube.updateSecret({ namespace, name, data, resourceVersion: version });
        return 'updated';
      } catch (error) {
        if (isKubeError(error, 'conflict')) return 'conflict';
        throw error;
      }
    },
  };
}
