/** Version numbers of bundles: one counter per workload that all replicas share, since sidecars refuse a lower one. */
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import { loadOrCreate } from '../keys/signing-key.ts';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';
import { isObject, parseObject } from '../state/state-json.ts';

/** What a bundle is made of. */
export interface BundleContent {
  readonly namespace: string;
  readonly workload: string;
  /** Hex SHA-256 of the compiled content. */
  readonly digest: string;
  /** Revision of the policies that it was compiled from. */
  readonly revision: number;
}

export interface BundleVersions {
  /**
   * The version of this content. Rejects with `unavailable` while this replica's view is older than that of the
   * published version: it must not publish the past as something new.
   */
  versionOf(content: BundleContent): Promise<number>;
}

interface Published {
  readonly version: number;
  readonly digest: string;
  readonly revision: number;
}

const attempts = 5;

export function createBundleVersions(secrets: Secrets, clock: Clock): BundleVersions {
  const cache = new Map<string, Published>();
  return {
    async versionOf(content) {
      const key = `${content.namespace}.${content.workload}`;
      const cached = cache.get(key);
      if (cached?.digest === content.digest) return cached.version;
      const published = await publish(secrets, clock, key, content);
      cache.set(key, published);
      return published.version;
    },
  };
}

async function publish(secrets: Secrets, clock: Clock, key: string, content: BundleContent): Promise<Published> {
  await loadOrCreate(secrets, secretNames.bundleVersions, () => ({}));
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { data = {}, version = '' } = (await secrets.get(secretNames.bundleVersions)) ?? {};
    const published = parsePublished(data[key]);
    if (published?.digest === content.digest) return published;
    const next = follow(published, content, clock);
    const outcome = await secrets.update(secretNames.bundleVersions, { ...data, [key]: JSON.stringify(next) }, version);
    if (outcome === 'updated') return next;
  }
  throw new ControllerError('unavailable', 'the bundle versions are contended', { retryAfterMs: 1000 });
}

/** Seconds since 1970, or one more than before: a lost counter goes on above every version it ever gave. */
function follow(published: Published | undefined, { digest, revision }: BundleContent, clock: Clock): Published {
  if (published !== undefined && revision <= published.revision) {
    throw new ControllerError('unavailable', 'this replica has not seen the newest policies yet', {
      retryAfterMs: 1000,
    });
  }
  const version = Math.max((published?.version ?? 0) + 1, Math.floor(clock.nowMs() / 1000));
  return { version, digest, revision };
}

function parsePublished(text: string | undefined): Published | undefined {
  const value = text === undefined ? undefined : parseObject(text);
  if (!isObject(value)) return undefined;
  const { version, digest, revision } = value;
  const valid = typeof version === 'number' && typeof digest === 'string' && typeof revision === 'number';
  return valid ? { version, digest, revision } : undefined;
}
