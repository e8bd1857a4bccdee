import type { LoginKeeper } from './login-keeper.ts';

/** The same store; each access that rejects is told by its name. */
export function countFailures(store: LoginKeeper, failed: (operation: keyof LoginKeeper) => void): LoginKeeper {
  const counted = async <Answer>(operation: keyof LoginKeeper, answer: Promise<Answer>): Promise<Answer> => {
    try {
      return await answer;
    } catch (error) {
      failed(operation);
      throw error;
    }
  };
  return {
    read: async (key) => counted('read', store.read(key)),
    write: async (key, entry, version) => counted('write', store.write(key, entry, version)),
    remove: async (key) => counted('remove', store.remove(key)),
    keysOf: async (index) => counted('keysOf', store.keysOf(index)),
    sweep: async () => counted('sweep', store.sweep()),
  };
}
