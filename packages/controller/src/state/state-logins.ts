/** Login state as files of the state directory: one file per version, and creating the next version is the conditional update. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoginEntry } from '@tachograph/authserver';
import type { Clock } from '@tachograph/service';
import { countKinds, isDigest, type LoginKeeper } from '../auth/login-keeper.ts';
import { parseLoginSpec, toLoginSpec } from '../auth/login-spec.ts';
import { ControllerError } from '../controller-error.ts';
import { createFile, isErrno, readTextFile, statePaths } from './state-files.ts';
import { parseObject } from './state-json.ts';

/** `<key>.<version>.json`. */
const fileName = /^([0-9a-f]{16,64})\.(\d{1,9})\.json$/;
/** So many older versions stay, so that no late writer can take a number again. */
const keptVersions = 8;
/** Writers that replace one entry without looking: each round somebody wins. */
const rounds = 20;

export function createStateLogins(state: string, clock: Clock): LoginKeeper {
  const dir = statePaths.logins(state);
  const newest = async (key: string): Promise<Stored | undefined> => newestOf(dir, key);
  const isLive = (stored: Stored | undefined): stored is Stored =>
    stored !== undefined && stored.entry.expiresAtMs > clock.nowMs();
  const all = async (): Promise<readonly Stored[]> => {
    const keys = [...new Set((await listFiles(dir)).map(({ key }) => key))];
    return (await Promise.all(keys.map(newest))).filter((one) => one !== undefined);
  };
  return {
    async read(key) {
      const stored = await newest(key);
      return isLive(stored) ? stored.entry : undefined;
    },
    async write(key, entry, version) {
      const text = JSON.stringify(toLoginSpec(key, entry));
      for (let round = 0; round < rounds; round += 1) {
        const there = await newest(key);
        if (version !== undefined && there?.entry.version !== version) return 'conflict';
        const next = (there?.number ?? 0) + 1;
        const outcome = await createFile(join(dir, `${key}.${next}.json`), text);
        if (outcome === 'created') {
          await prune(dir, key, next - keptVersions);
          return 'written';
        }
        if (version !== undefined) return 'conflict';
      }
      throw new ControllerError('unavailable', 'login state cannot be written now', { retryAfterMs: 1000 });
    },
    remove: async (key) => prune(dir, key, Number.POSITIVE_INFINITY),
    async keysOf({ name, value }) {
      if (!isDigest(value)) return [];
      return (await all()).filter((one) => isLive(one) && one.entry[name] === value).map(({ key }) => key);
    },
    async sweep() {
      const stored = await all();
      const expired = stored.filter((one) => !isLive(one));
      for (const { key, number } of expired) await prune(dir, key, number);
      return { removed: expired.length, kept: countKinds(stored.filter(isLive).map(({ entry }) => entry)) };
    },
  };
}

interface Numbered {
  readonly key: string;
  readonly number: number;
}

interface Stored extends Numbered {
  readonly entry: LoginEntry;
}

async function listFiles(dir: string): Promise<readonly Numbered[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  return names.flatMap((name) => {
    const [, key, number] = fileName.exec(name) ?? [];
    return key === undefined ? [] : [{ key, number: Number(number) }];
  });
}

async function newestOf(dir: string, key: string): Promise<Stored | undefined> {
  const numbers = (await listFiles(dir)).filter((one) => one.key === key).map(({ number }) => number);
  if (numbers.length === 0) return undefined;
  const number = Math.max(...numbers);
  const text = await readTextFile(join(dir, `${key}.${number}.json`));
  // Removed meanwhile.
  if (text === undefined) return undefined;
  const entry = parseLoginSpec(parseObject(text));
  if (entry === undefined) throw new ControllerError('internal', 'a file of login state is not as written');
  return { key, number, entry: { ...entry, version: String(number) } };
}

/** Removes the versions up to this one, oldest first: whoever reads meanwhile still finds the end of it. */
async function prune(dir: string, key: string, upTo: number): Promise<void> {
  const own = (await listFiles(dir)).filter((one) => one.key === key && one.number <= upTo);
  for (const { number } of own.toSorted((a, b) => a.number - b.number)) {
    await rm(join(dir, `${key}.${number}.json`), { force: true });
  }
}
