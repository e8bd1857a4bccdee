/** Witnesses that cosign what they are given. */
import { objectNames } from '@tachograph/protocol';
import { utf8 } from '../bytes.ts';
import { cosign } from '../cosignature.ts';
import { createNoteKey, formatNote, formatVkey, type NoteSignature, noteKeyTypes, parseNote } from '../note.ts';
import type { LogFixture } from './archive-fixture.ts';
import { createTestKey, nodeCrypto as crypto } from './node-crypto.ts';

/** One witness, by its name in a policy. */
export class WitnessFixture {
  readonly name: string;
  readonly #key = createTestKey();
  readonly #noteKey;

  constructor(name: string) {
    this.name = name;
    this.#noteKey = createNoteKey(crypto, `witness.example/${name}`, this.#key.publicKey, noteKeyTypes.cosignature);
  }

  get policyLine(): string {
    return `witness ${this.name} ${formatVkey(this.#noteKey)}\n`;
  }

  line(text: string, timeS: number): NoteSignature {
    return cosign(text, this.#noteKey, timeS, this.#key.sign);
  }
}

/** 2026-11-21T12:01:00Z. */
export const cosignedAtS = Date.UTC(2026, 10, 21, 12, 1) / 1000;

/** Adds cosignatures to a stored checkpoint. */
export function cosignStored({ objects }: LogFixture, size: number, ...witnesses: readonly WitnessFixture[]): void {
  const name = objectNames.checkpoint(size);
  const note = parseNote(new TextDecoder().decode(objects.get(name)));
  if (note === undefined) throw new Error(`no checkpoint ${size}`);
  const lines = witnesses.map((witness) => witness.line(note.text, cosignedAtS));
  objects.set(name, utf8(formatNote(note.text, [...note.signatures, ...lines])));
}

/** The log's policy with these witnesses and `quorum` of them. */
export function policyWith(log: LogFixture, quorum: string, ...witnesses: readonly WitnessFixture[]): string {
  const lines = witnesses.map(({ policyLine }) => policyLine).join('');
  const group = `group g ${quorum} ${witnesses.map(({ name }) => name).join(' ')}\n`;
  return log.policyText.replace('quorum none\n', `${lines}${group}quorum g\n`);
}
