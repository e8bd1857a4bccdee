/** C2SP signed-note: text, blank line, signature lines. Only Ed25519 (0x01) is signed; cosignatures are in `cosignature.ts`. */
import { concatBytes, equalBytes, fromBase64, toBase64, toHex, utf8 } from './bytes.ts';
import { ArchiveError } from './archive-error.ts';
import type { Crypto, Sign } from './crypto.ts';
import { rawKeyOfSpki, spkiOfRawKey } from './keys.ts';

/** Signature types of C2SP signed-note: Ed25519 over the text, and tlog-cosignature. */
export const noteKeyTypes = { ed25519: 0x01, cosignature: 0x04 } as const;

/** A verifier key (`vkey`). `hash`: the first four bytes of SHA-256(name ‖ LF ‖ type ‖ key). */
export interface NoteKey {
  readonly name: string;
  readonly type: number;
  readonly hash: Uint8Array;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
}

/** One signature line, with nothing verified. */
export interface NoteSignature {
  readonly name: string;
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
}

/** A note, split. `text` ends in LF. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

// C2SP signed-note: a key name is not empty and has neither Unicode spaces nor plus signs.
const keyName = /^[^\s+]+$/u;
// oxlint-disable-next-line no-control-regex -- the format forbids exactly these
const controlCharacter = /[\u0000-\u0009\u000b-\u001f]/;
const keyTypes: ReadonlySet<number | undefined> = new Set(Object.values(noteKeyTypes));
const maxSignatures = 100;

/** Key of a name and an SPKI DER public key. Throws `bad_key` or `bad_name`. */
export function createNoteKey(
  crypto: Crypto,
  name: string,
  publicKey: Uint8Array,
  type: number = noteKeyTypes.ed25519,
): NoteKey {
  if (!keyName.test(name)) throw new ArchiveError('bad_name', 'note key name is empty or has a space or a plus');
  const raw = rawKeyOfSpki(publicKey);
  if (raw === undefined) throw new ArchiveError('bad_key', 'not an ed25519 public key');
  return { name, type, publicKey, hash: noteKeyHash(crypto, name, concatBytes(Uint8Array.of(type), raw)) };
}

function noteKeyHash(crypto: Crypto, name: string, typed: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(utf8(`${name}\n`), typed)).slice(0, 4);
}

/** `name+hash8+base64(type ‖ key)`. */
export function formatVkey(key: NoteKey): string {
  const raw = rawKeyOfSpki(key.publicKey);
  if (raw === undefined) throw new ArchiveError('bad_key', 'not an ed25519 public key');
  return `${key.name}+${toHex(key.hash)}+${toBase64(concatBytes(Uint8Array.of(key.type), raw))}`;
}

/** Reads a vkey of type 0x01 or 0x04; `undefined` when malformed, of another type, or when its hash does not fit. */
export function parseVkey(crypto: Crypto, text: string): NoteKey | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  const [, name = '', hash8 = '', encoded = ''] = match ?? [];
  const typed = fromBase64(encoded);
  if (typed?.length !== 33 || !keyTypes.has(typed[0])) return undefined;
  const hash = noteKeyHash(crypto, name, typed);
  if (toHex(hash) !== hash8) return undefined;
  return { name, type: typed[0] ?? 0, hash, publicKey: spkiOfRawKey(typed.slice(1)) };
}

/** Whether a text can be a note's: ends in LF, well-formed, no control character but LF. */
export function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !controlCharacter.test(text);
}

/** Writes a note. For signers that answer later (a KMS), sign `text` first and pass the lines. Throws `bad_text`. */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  if (!isNoteText(text))
    throw new ArchiveError('bad_text', 'note text lacks its last newline or has a control character');
  const lines = signatures.map((line) => `\u2014 ${line.name} ${toBase64(concatBytes(line.hash, line.signature))}\n`);
  return `${text}\n${lines.join('')}`;
}

/** The key's signature over a text. */
export function signNoteText(text: string, key: NoteKey, sign: Sign): NoteSignature {
  return { name: key.name, hash: key.hash, signature: sign(utf8(text)) };
}

/** A note with one signature. Throws `bad_text`. */
export function signNote(text: string, key: NoteKey, sign: Sign): string {
  return formatNote(text, [signNoteText(text, key, sign)]);
}

/** Splits a note; `undefined` when malformed. */
export function parseNote(note: string): Note | undefined {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n') || !isNoteText(note)) return undefined;
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > maxSignatures) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return undefined;
    signatures.push(signature);
  }
  return { text: note.slice(0, split + 1), signatures };
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const match = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
  if (match === null) return undefined;
  const [, name = '', encoded = ''] = match;
  const bytes = fromBase64(encoded);
  if (bytes === undefined || bytes.length < 5) return undefined;
  return { name, hash: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/** What opening a note gave. `verified`: the keys, of those asked for, whose signature holds. */
export type OpenedNote =
  | { readonly kind: 'ok'; readonly text: string; readonly verified: readonly NoteKey[] }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'invalid'; readonly name: string };

/**
 * Verifies a note against known Ed25519 keys. Lines of unknown keys are passed over; a known key's line that does not
 * verify makes the whole note invalid, as C2SP signed-note asks.
 */
export function openNote(crypto: Crypto, note: string, keys: readonly NoteKey[]): OpenedNote {
  const parsed = parseNote(note);
  if (parsed === undefined) return { kind: 'malformed' };
  const message = utf8(parsed.text);
  const verified = new Set<NoteKey>();
  for (const line of parsed.signatures) {
    const key = keys.find((known) => known.type === noteKeyTypes.ed25519 && isSigner(known, line));
    if (key === undefined) continue;
    if (!crypto.ed25519Verify(key.publicKey, message, line.signature)) return { kind: 'invalid', name: key.name };
    verified.add(key);
  }
  return verified.size === 0 ? { kind: 'unsigned' } : { kind: 'ok', text: parsed.text, verified: [...verified] };
}

/** Whether a signature line names this key. */
export function isSigner(key: NoteKey, line: NoteSignature): boolean {
  return key.name === line.name && equalBytes(key.hash, line.hash);
}
