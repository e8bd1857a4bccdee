/** Login state as `McpLogin` objects of the installation's namespace: any replica goes on where another began. */
import type { NewLoginEntry } from '@tachograph/authserver';
import { isKubeError, type LoginObject, type LoginPort } from '@tachograph/kube';
import type { Clock } from '@tachograph/service';
import { countKinds, isDigest, loginIndexes, type LoginKeeper } from '../auth/login-keeper.ts';
import { parseLoginSpec, toLoginSpec } from '../auth/login-spec.ts';
import { createKubeAnswers } from './kube-answers.ts';

const { known, wrote, unavailable } = createKubeAnswers('login state');
const prefix = 'login-';
/** A label's value has at most 63 characters: 252 bits of a digest, and the whole of it is in the spec. */
const labelLength = 63;
/** Writers that replace one entry without looking: each round somebody wins. */
const rounds = 5;

export function createKubeLogins(kube: LoginPort, namespace: string, clock: Clock): LoginKeeper {
  const live = (object: LoginObject | undefined): NewLoginEntry | undefined => {
    const entry = parseLoginSpec(object?.spec);
    return entry === undefined || entry.expiresAtMs <= clock.nowMs() ? undefined : entry;
  };
  const replace = async (name: string, version: string, draft: object & { spec: unknown; labels: Labels }) =>
    wrote(kube.updateLogin({ namespace, name, resourceVersion: version, ...draft }));
  return {
    async read(key) {
      const object = await known(kube.getLogin(namespace, nameOf(key)));
      const entry = live(object);
      return object === undefined || entry === undefined ? undefined : { ...entry, version: object.resourceVersion };
    },
    async write(key, entry, version) {
      const draft = { labels: labelsOf(entry), spec: toLoginSpec(key, entry) };
      const name = nameOf(key);
      if (version !== undefined) return (await replace(name, version, draft)) ? 'written' : 'conflict';
      for (let round = 0; round < rounds; round += 1) {
        if (await wrote(kube.createLogin({ namespace, name, ...draft }))) return 'written';
        const there = await known(kube.getLogin(namespace, name));
        if (there !== undefined && (await replace(name, there.resourceVersion, draft))) return 'written';
      }
      throw unavailable();
    },
    remove: async (key) => known(kube.deleteLogin({ namespace, name: nameOf(key) })),
    async keysOf({ name, value }) {
      if (!isDigest(value)) return [];
      const selector = `${labelOf(name)}=${value.slice(0, labelLength)}`;
      const objects = await known(kube.listLogins(namespace, selector));
      return objects.filter((one) => live(one)?.[name] === value).map((one) => one.name.slice(prefix.length));
    },
    async sweep() {
      const objects = await known(kube.listLogins(namespace));
      let removed = 0;
      for (const object of objects.filter((one) => live(one) === undefined)) {
        if (await removeVersion(kube, object)) removed += 1;
      }
      return { removed, kept: countKinds(objects.flatMap((one) => live(one) ?? [])) };
    },
  };
}

type Labels = Readonly<Record<string, string>>;

function nameOf(key: string): string {
  return `${prefix}${key}`;
}

function labelOf(index: string): string {
  return `tachograph.dev/${index}`;
}

function labelsOf(entry: NewLoginEntry): Labels {
  const pairs = loginIndexes.flatMap((name) => {
    const value = entry[name];
    return value === undefined ? [] : [[labelOf(name), value.slice(0, labelLength)] as const];
  });
  return Object.fromEntries(pairs);
}

/** Whoever writes it anew at this moment wins. */
async function removeVersion(kube: LoginPort, login: LoginObject): Promise<boolean> {
  try {
    await kube.deleteLogin(login);
    return true;
  } catch (error) {
    if (isKubeError(error, 'conflict')) return false;
    throw unavailable(error);
  }
}
