/** A recorder for tests: keeps drafts in memory, and fails or waits when a test says so. */
import { createHmac, randomUUIDv7 } from 'node:crypto';
import type { RecordDraft } from '@tachograph/protocol';
import type { CallDraft, Recorder, RecorderRefusal, RefusalCounter, SessionKey } from '../record/recorder.ts';

export interface MemoryRecorder extends Recorder, RefusalCounter {
  readonly drafts: RecordDraft[];
  readonly counted: { readonly source: string; readonly reason: string; readonly origin: string }[];
  /** Appends reject while set. */
  fail: boolean;
  /** What `refusal` answers. */
  refuses: RecorderRefusal | undefined;
  /** While set, nothing becomes durable. */
  gate: Promise<void> | undefined;
  /** Resolves when a draft matches. */
  seen(matches: (draft: RecordDraft) => boolean): Promise<RecordDraft>;
}

export function createMemoryRecorder(): MemoryRecorder {
  const sessions = new Map<string, string>();
  const waiters = new Set<() => void>();
  const append = async ({ long, ...rest }: CallDraft): Promise<{ seq: number; hash: string }> => {
    if (recorder.fail) throw new Error('spool is full');
    const draft: RecordDraft = long === undefined ? rest : { ...rest, body: Buffer.from(long.bytes).toString() };
    recorder.drafts.push(draft);
    const seq = recorder.drafts.length - 1;
    if (recorder.gate !== undefined) await recorder.gate;
    for (const wake of waiters) wake();
    return { seq, hash: '0'.repeat(64) };
  };
  const recorder: MemoryRecorder = {
    stream: randomUUIDv7(),
    drafts: [],
    counted: [],
    fail: false,
    refuses: undefined,
    gate: undefined,
    append,
    async session(key: SessionKey, facts) {
      const text = JSON.stringify(key.mcpSessionId ?? key);
      const known = sessions.get(text);
      if (known !== undefined) return known;
      const session = randomUUIDv7();
      sessions.set(text, session);
      await append({ ...facts, kind: 'session.open', session });
      return session;
    },
    async closeSession(session, closed) {
      await append({ kind: 'session.close', session, detail: { closed } });
    },
    digest: (bytes) => createHmac('sha256', 'test').update(bytes).digest('hex'),
    digestInTurns: async (bytes) => recorder.digest(bytes),
    refusal: () => recorder.refuses,
    count: (refusal) => void recorder.counted.push(refusal),
    async seen(matches) {
      for (;;) {
        const found = recorder.drafts.find(matches);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiters.delete(wake);
            resolve();
          };
          waiters.add(wake);
        });
      }
    },
  };
  return recorder;
}
