/** `TACHO_OFF=record`: nothing but the fact itself is recorded. */
import { randomUUIDv7 } from 'node:crypto';
import type { Recorder } from './record/recorder.ts';

/** A recorder that drops records; digests and refusals stay the real one's. */
export function withoutRecording(recorder: Recorder): Recorder {
  const session = randomUUIDv7();
  return {
    stream: recorder.stream,
    append: async () => ({ seq: -1, hash: '' }),
    session: async () => session,
    closeSession: async () => undefined,
    digest: (bytes) => recorder.digest(bytes),
    digestInTurns: async (bytes) => recorder.digestInTurns(bytes),
    refusal: () => recorder.refusal(),
  };
}
