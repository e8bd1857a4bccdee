/** Bodies that are sealed by a key of their session (`archive-format.md`, Sealed bodies). */
import { createDecipheriv } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { bodyCipher, bodyContext, parseJson, sessionKeyAnswer, type StoredRecord } from '@tachograph/protocol';
import { CliError } from '../cli-error.ts';

/** Keys by session. */
export type SessionKeyRing = ReadonlyMap<string, Uint8Array>;

export const noSessionKeys: SessionKeyRing = new Map();

/** `sealed`: no key of the session is at hand, or the one at hand does not open it. */
export type OpenedBody =
  | { readonly kind: 'open'; readonly text: string }
  | { readonly kind: 'sealed'; readonly bytes: number };

/** The file that `tacho keys get` writes: a JSON object a line. Throws `usage` for anything else. */
export async function readSessionKeys(file: string | undefined): Promise<SessionKeyRing> {
  if (file === undefined) return noSessionKeys;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CliError('usage', `cannot read ${file}`, { cause });
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return new Map(lines.map((line, at) => toEntry(line, `${file}, line ${at + 1}`)));
}

function toEntry(line: string, where: string): readonly [string, Uint8Array] {
  const parsed = sessionKeyAnswer.safeParse(parseJson(line));
  if (!parsed.success) throw new CliError('usage', `${where}: expected {"session", "key"} as tacho keys get writes it`);
  return [parsed.data.session, Buffer.from(parsed.data.key, 'base64')];
}

/** Opens what stands in `body` as base64, or in the blob as it is. */
export function openBody(record: StoredRecord, sealed: Uint8Array, keys: SessionKeyRing): OpenedBody {
  const { stream, session = '', enc } = record;
  const key = keys.get(session);
  const closed = { kind: 'sealed', bytes: sealed.length } as const;
  if (key === undefined || enc !== bodyCipher || sealed.length < 28) return closed;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from(bodyContext(stream, session))).setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8');
    return { kind: 'open', text };
  } catch {
    return closed;
  }
}
