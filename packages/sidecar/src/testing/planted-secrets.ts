/** Generated secrets and personal data, each unlike every other, and a search for what is left of them. */
import { createHmac } from 'node:crypto';

/** `value` is what must not be seen; `text` holds it as people write it; `member` is a JSON member that does. */
export interface Planted {
  readonly kind: string;
  readonly value: string;
  readonly text: string;
  readonly member: readonly [name: string, value: unknown];
}

const lower = 'abcdefghijkmnopqrstuvwxyz';
const base62 = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789';

/** The same letters for the same number, at every run. */
function letters(seed: string, alphabet: string, length: number): string {
  let out = '';
  for (let block = 0; out.length < length; block += 1) {
    const bytes = createHmac('sha256', 'planted').update(`${seed} ${block}`).digest();
    for (const byte of bytes) out += alphabet[byte % alphabet.length] ?? '';
  }
  return out.slice(0, length);
}

type Make = (seed: string) => Omit<Planted, 'kind'>;

const makers: Readonly<Record<string, Make>> = {
  password: (seed) => {
    const value = letters(seed, base62, 18);
    return { value, text: `DB_PASSWORD=${value}\n`, member: ['password', value] };
  },
  word: (seed) => {
    // Nothing but its name tells that it is one.
    const value = letters(seed, lower, 16);
    return { value, text: `{"client_secret": "${value}"}`, member: ['client_secret', value] };
  },
  github: (seed) => inProse(`ghp_${withChecksum(letters(seed, base62, 30))}`),
  aws: (seed) => inProse(`AKIA${letters(seed, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`),
  jwt: (seed) => {
    const [head, claims] = [{ alg: 'HS256', typ: 'JWT' }, { sub: letters(seed, lower, 12) }].map(encoded);
    const value = `${head}.${claims}.${letters(seed, base62, 43)}`;
    return { value, text: `Authorization: Bearer ${value}`, member: ['note', `sent ${value}`] };
  },
  pem: (seed) => {
    const value = letters(seed, base62, 64);
    const pem = `-----BEGIN PRIVATE KEY-----\n${value}\n-----END PRIVATE KEY-----\n`;
    return { value, text: pem, member: ['file', pem] };
  },
  url: (seed) => {
    const value = letters(seed, base62, 14);
    const url = `postgres://app:${value}@db.internal:5432/orders`;
    return { value, text: `connect to ${url} first`, member: ['target', url] };
  },
  email: (seed) =>
    inProse(
      `${letters(seed, lower, 8)}.${letters(`${seed} name`, lower, 8)}@mail-${letters(`${seed} host`, lower, 6)}.org`,
    ),
  card: (seed) => {
    const value = withLuhn(`4539${letters(seed, '0123456789', 11)}`);
    return { value, text: `paid by card ${value} today`, member: ['card_number', value] };
  },
};

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function inProse(value: string): Omit<Planted, 'kind'> {
  return { value, text: `then ${value} was used`, member: ['note', `use ${value} here`] };
}

/** GitHub's tokens end in the CRC-32 of what stands before, in base 62. */
function withChecksum(random: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(random)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let rest = (crc ^ 0xffffffff) >>> 0;
  let text = '';
  for (let place = 0; place < 6; place += 1) {
    text = (digits[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return random + text;
}

function withLuhn(digits: string): string {
  let sum = 0;
  for (const [index, digit] of Array.from(digits).toReversed().entries()) {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

export const plantedKinds: readonly string[] = Object.keys(makers);

/** The `index`th secret; kinds take turns. */
export function plant(index: number, group: string): Planted {
  const kind = plantedKinds[index % plantedKinds.length] ?? '';
  const make = makers[kind];
  if (make === undefined) throw new Error('no kind of secret');
  return { kind, ...make(`${group} ${index}`) };
}

const core = 10;

/** Which of the secrets can be read in a text: their middle or their end is enough. */
export function leftIn(secrets: readonly Planted[], text: string): readonly Planted[] {
  const cores = new Map<string, Planted>();
  for (const secret of secrets) {
    const { value } = secret;
    const middle = Math.floor((value.length - core) / 2);
    cores.set(value.slice(middle, middle + core), secret);
    cores.set(value.slice(-core), secret);
  }
  const left = new Set<Planted>();
  for (let at = 0; at + core <= text.length; at += 1) {
    const secret = cores.get(text.slice(at, at + core));
    if (secret !== undefined) left.add(secret);
  }
  return [...left];
}
