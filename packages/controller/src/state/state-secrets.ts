import { sha256Hex } from '../keys/node-crypto.ts';
import type { Secrets } from '../ports.ts';
import { createFile, readTextFile, replaceFile, statePaths } from './state-files.ts';
import { parseTexts } from './state-json.ts';

/** Secrets as files of the state directory; the version is the text's hash. One writer updates at a time. */
export function createStateSecrets(dir: string): Secrets {
  return {
    async get(name) {
      const text = await readTextFile(statePaths.secret(dir, name));
      return text === undefined ? undefined : { data: parseTexts(text, `secret ${name}`), version: sha256Hex(text) };
    },
    create: async (name, data) => createFile(statePaths.secret(dir, name), JSON.stringify(data)),
    async update(name, data, version) {
      const path = statePaths.secret(dir, name);
      const text = await readTextFile(path);
      if (text === undefined || sha256Hex(text) !== version) return 'conflict';
      await replaceFile(path, JSON.stringify(data));
      return 'updated';
    },
  };
}
