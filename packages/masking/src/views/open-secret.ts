import { hasChar, toCharSet } from '../detectors/char-set.ts';

/** How well-known tokens begin whose next characters may come with the next text. */
const prefixes =
  'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- xoxb- xoxp- xoxa- xoxr- xoxs- xapp- sk-ant- sk-proj- sk_live_ sk_test_ rk_live_ whsec_ dop_v1_ shpat_ shpss_ lin_api_ sntrys_'.split(
    ' ',
  );
/** Beginnings that names and words have too: a digit must follow. */
const wordPrefixes = /^(?:npm_|pypi-|hf_|hv[sb]\.|ya29\.|SG\.|dapi|A[KS]IA|AIza|eyJ)(?=.{3})[\w.-]*\d/;
const tokenChars = toCharSet('a-z', 'A-Z', '0-9', '_.', '-');
const maxRun = 256;
/** No mark is shorter. */
const minMark = 4;
const keyOpening = '-----BEGIN ';
const maxOpening = 96;
const endsInKey = /^-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE|SECRET) KEY(?: BLOCK)?-{0,5}[A-Za-z0-9+/=\s]*$/;

/**
 * Where a secret begins that the text ends in the middle of: a token's mark with what follows it up to the end, or the
 * first line of a private key; -1: none. Reads the end of the text only.
 */
export function openSecretStart(text: string): number {
  const last = text.slice(-maxOpening);
  const opening = last.lastIndexOf(keyOpening);
  if (opening >= 0 && endsInKey.test(last.slice(opening))) return text.length - last.length + opening;
  let start = text.length;
  while (start > 0 && start > text.length - maxRun && hasChar(tokenChars, text.charCodeAt(start - 1))) start -= 1;
  if (text.length - start < minMark) return -1;
  const run = text.slice(start);
  return wordPrefixes.test(run) || prefixes.some((prefix) => run.startsWith(prefix)) ? start : -1;
}

/** Start of a private key whose end is not in the text, or -1. */
export function openKeyStart(text: string): number {
  // Forwards first: that is many times as fast, and finds nothing in nearly all texts.
  if (!text.includes(keyOpening)) return -1;
  const opening = text.lastIndexOf(keyOpening);
  const isOpen = opening >= 0 && text.indexOf('-----END', opening) < 0;
  return isOpen && isPrivateKey(text.slice(opening, opening + maxOpening)) ? opening : -1;
}

function isPrivateKey(opening: string): boolean {
  return /^-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE|SECRET) KEY/.test(opening);
}
