import type { ValueShape } from './assigned-value.ts';
import { isPlaceholder } from './placeholder.ts';

const maxLooked = 128;
/** What has a slight name and is shorter is a name itself. */
const minSlight = 8;

/** True where a value says by itself that it is no secret, whatever its name: weighing has nothing to add. */
export function isHarmless(shape: ValueShape): boolean {
  const { text, start, end } = shape;
  if (isPlaceholder(text, start, end) || isMessage(shape)) return true;
  const value = text.slice(start, Math.min(end, start + maxLooked));
  if (shape.class.rule === 'connection-string' && !/[;@]|pass|pwd|key=/i.test(value)) return true;
  if (shape.class.strength === 'slight' && value.length < minSlight) return true;
  if (!shape.quoted && /^[\w.]+[[(]/.test(value)) return true;
  return noSecrets.some((pattern) => pattern.test(value));
}

const noSecrets: readonly RegExp[] = [
  // Cut short by who wrote it.
  /\.{3}|…/,
  // An opening bracket of a template, a call that begins, a value put together from parts.
  /^<|^[`"']?\s*[+.]\s/,
  // A constant, a version, an address, an object identifier.
  /^0x[0-9a-f]{1,8}$/i,
  /^v?\d+(?:\.\d+){2,}/,
  /^(.{1,8})\1{2,}$|(.{2,8})\2{3}|x{6}/i,
  /1234567890|abcdefghij|^012345/i,
  // As documentation marks its keys.
  /^[A-Za-z0-9+/]{8,}EXAMPLE(?:KEY)?$/,
  // A pattern.
  /a-z|A-Z|^\/\^/,
  // A public key, a character written as an escape.
  /^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+) AAAA/,
  /^(?:\\u[0-9a-f]{4}|\\x[0-9a-f]{2}){1,2}$/i,
];

/** `"LABEL_PASSWORD": "Kennwort eingeben"`: what a program says about secrets, in any language. */
function isMessage({ text, start, end, name, isQuotedName, quoted }: ValueShape): boolean {
  if (!isQuotedName || !quoted || !/^[A-Z][A-Z0-9_]*$/.test(name)) return false;
  const value = text.slice(start, Math.min(end, start + maxLooked));
  if (/\s/.test(value) && /LABEL|TITLE|HINT|TEXT|MESSAGE|MSG|TOOLTIP|HELP|ERROR|DESC/.test(name)) return true;
  return !/\d/.test(value) && /[\s\u00c0-\uffff]/.test(value);
}
