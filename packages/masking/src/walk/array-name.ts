import { skipBlanks } from './json-scalars.ts';

const comma = 0x2c;
const quote = 0x22;
const flag = /^--[\w.-]+$/;
/** Headers that hold secrets; which of the `x-` do, the key rules say. */
const header = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]{2,40}|api-key|[a-z]{2,20}-token)$/i;
const maxName = 48;

/**
 * True where the element `name` of an array names the one behind it: `["--password", …]` and, as HTTP libraries write
 * headers, `["Authorization", "…"]`. `at` is behind the element in the raw text. A list of headers' names names nothing.
 */
export function namesNextElement(name: string, raw: string, at: number): boolean {
  if (name.startsWith('--')) return flag.test(name);
  return name.length <= maxName && header.test(name) && isValueNext(raw, at);
}

function isValueNext(raw: string, at: number): boolean {
  const separator = skipBlanks(raw, at);
  const start = skipBlanks(raw, separator + 1);
  if (raw.charCodeAt(separator) !== comma || raw.charCodeAt(start) !== quote) return false;
  return !/^"[A-Za-z-]*"/.test(raw.slice(start, start + maxName));
}
