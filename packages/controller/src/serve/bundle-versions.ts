/** Version numbers of bundles: one counter per workload that all replicas share, since sidecars refuse a lower one. */
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import { loadOrCreate } from '../keys/signing-key.ts';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';
import { isObject, parseObject } from '../state/state-json.ts';
import type { PolicyChanges } from './policy-changes.ts';

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
   * The version of this content. Rejects with `unavailable` while this replica's view may be older than that of the
   * published version: it must not publish the past as something new.
   */
  versionOf(content: BundleContent): Promise<number>;
}

interface Published {
  readonly version: number;
  readonly digest: string;
  readonly revision: number;
  /** RFC 3339 of its publication, until the log tells of it. */
  readonly unloggedAt?: string;
}

const attempts = 5;
/** A view that stays different for this long is no late one: a policy was deleted while no replica watched. */
const lateLimitMs = 60_000;

/** `changes`: is told of every version that the log does not tell of yet. */
export function createBundleVersions(
  secrets: Secrets,
  clock: Clock,
  changes?: Pick<PolicyChanges, 'note'>,
): BundleVersions {
  const cache = new Map<string, Published>();
  const late = new Map<string, { readonly digest: string; readonly sinceMs: number }>();
  /** What follows the published version; `undefined` while this replica's view may be the older one. */
  const follow = (key: string, published: Published | undefined, content: BundleContent): Published | undefined => {
    const { digest, revision } = content;
    const version = Math.max((published?.version ?? 0) + 1, Math.floor(clock.nowMs() / 1000));
    const next = { version, digest, revision, unloggedAt: new Date(clock.nowMs()).toISOString() };
    if (published === undefined || revision > published.revision) return next;
    const waiting = late.get(key);
    const sinceMs = waiting?.digest === digest ? waiting.sinceMs : clock.nowMs();
    late.set(key, { digest, sinceMs });
    return clock.nowMs() - sinceMs < lateLimitMs ? undefined : { ...next, revision: published.revision };
  };
  const noteChange = ({ namespace, workload }: BundleContent, { version, digest, unloggedAt: at }: Published): void => {
    if (at === undefined) return;
    const change = { namespace, workload, version, digest, at };
    changes?.note(change, async () => markLogged(secrets, `${namespace}.${workload}`, version));
  };
  return {
    async versionOf(content) {
      const key = `${content.namespace}.${content.workload}`;
      const cached = cache.get(key);
      if (cached?.digest === content.digest) return cached.version;
      const published = await publish(secrets, key, content, follow);
      cache.set(key, published);
      late.delete(key);
      noteChange(content, published);
      return published.version;
    },
  };
}

type Follow = (key: string, published: Published | undefined, content: BundleContent) => Published | undefined;

async function publish(secrets: Secrets, key: string, content: BundleContent, follow: Follow): Promise<Published> {
  await loadOrCreate(secrets, secretNames.bundleVersions, () => ({}));
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { data = {}, version = '' } = (await secrets.get(secretNames.bundleVersions)) ?? {};
    const published = parsePublished(data[key]);
    if (published?.digest === content.digest) return published;
    const next = follow(key, published, content);
    if (next === undefined) {
      throw new ControllerError('unavailable', 'this replica has not seen the newest policies yet', {
        retryAfterMs: 1000,
      });
    }
    const written = { ...data, [key]: JSON.stringify(next) };
    if ((await secrets.update(secretNames.bundleVersions, written, version)) === 'updated') return next;
  }
  throw new ControllerError('unavailable', 'the bundle versions are contended', { retryAfterMs: 1000 });
}

/** Whoever fails here only makes somebody log the same leaf again, which changes nothing. */
async function markLogged(secrets: Secrets, key: string, logged: number): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { data = {}, version = '' } = (await secrets.get(secretNames.bundleVersions)) ?? {};
    const published = parsePublished(data[key]);
    if (published?.version !== logged || published.unloggedAt === undefined) return;
    const { unloggedAt: _logged, ...rest } = published;
    const written = { ...data, [key]: JSON.stringify(rest) };
    if ((await secrets.update(secretNames.bundleVersions, written, version)) === 'updated') return;
  }
}

function parsePublished(text: string | undefined): Published | undefined {
  const value = text === undefined ? undefined : parseObject(text);
  if (!isObject(value)) return undefined;
  const { version, digest, revision, unloggedAt } = value;
  const valid = typeof version === 'number' && typeof digest === 'string' && typeof revision === 'number';
  if (!valid) return undefined;
  return { version, digest, revision, ...(typeof unloggedAt === 'string' ? { unloggedAt } : {}) };
}
