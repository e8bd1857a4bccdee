import type { ValueShape } from './assigned-value.ts';
import { measureWords } from './word-likeness.ts';

const maxLooked = 128;
const unlikeWords = -6;

/** True where a value proves something, is meant to be seen, or is a name: who reads it gains next to nothing. */
export function isOfLittleWorth(shape: ValueShape): boolean {
  const value = shape.text.slice(shape.start, Math.min(shape.end, shape.start + maxLooked));
  return isProof(shape) || wholeHash.test(value) || isMeantToBeSeen(shape) || isName(shape, value);
}

/** A signature cannot be used again; those of OAuth stand beside the credentials. */
function isProof({ name }: ValueShape): boolean {
  return /(?:signature|sig|verifier|digest)\d*$/i.test(name) && !/oauth/i.test(name);
}

/** A whole hash is not its password. */
const wholeHash = /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$|^\$(?:argon2id?|argon2i|[156y]|scrypt|pbkdf2[\w-]*)\$.{24}/;

/** `publicToken`, and what a page gives its own forms against forgery. */
function isMeantToBeSeen({ name }: ValueShape): boolean {
  return publicName.test(name) || /csrf|xsrf|authenticity/i.test(name);
}

const publicName = /(?:^|[^A-Za-z])(?:public|PUBLIC|Public)(?![a-z])|[a-z]Public(?![a-z])/;

/** Issuers draw tokens and keys at random; people choose passwords, which may be words. */
function isName({ name, class: { rule } }: ValueShape, value: string): boolean {
  const isIssued = rule === 'token' || rule === 'api-key' || /(?:client|app|api)[-_]?secret\d*$/i.test(name);
  return (isIssued && isPlainWords(value)) || (rule !== 'password' && coordinate.test(value));
}

/** Letters that nobody would say are none. */
function isPlainWords(value: string): boolean {
  return plainWords.test(value) && measureWords(value, 0, value.length).bits > unlikeWords;
}

/** `key_of_example`: nineteen small letters at most, some of which may be joined. */
const plainWords = /^(?=.{1,19}$)[a-z]+(?:[_-][a-z]+)*$/;
/** `some-package-1.2.3`, `host2-zone-1234`: words, and a number at the end. */
const coordinate = /^[a-z]{2,}\d{0,2}(?:[-.][a-z]{2,}\d{0,2})*-\d+(?:\.\d+)*$/;
