import { holdsMaskToken } from '../mask-token.ts';
import { hasChar, runEnd, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';
import { isPlaceholder } from './placeholder.ts';
import { isStockPassword } from './stock-password.ts';

const id = 'password-file';
const hashChars = toCharSet('a-z', 'A-Z', '0-9', './$,=+', '-');
const fieldChars = toCharSet('a-z', 'A-Z', '0-9', '_.*@', '-');
const fieldEnds = toCharSet(' \t\r\n', '"\'`:[');
const userEnds = toCharSet(' \t\r\n', '"\'`=,;(){}<>[]');
const colon = 0x3a;
const maxHash = 256;
const maxField = 64;
const minHash = 20;

/** `user:$6$salt$hash` of shadow and htpasswd, `host:5432:db:user:password` of pgpass, `user:password@tcp(host)` of drivers. */
export const passwordFileDetector: Detector = {
  id,
  keywords: [':$1$', ':$2a$', ':$2b$', ':$2y$', ':$5$', ':$6$', ':$y$', ':$apr1$', ':5432:', '@tcp(', '@unix('],
  verify: (match) => {
    const span = readSpan(match);
    if (span === undefined || span.end - span.start < 2 || holdsMaskToken(match.text, span.start, span.end))
      return undefined;
    if (isPlaceholder(match.text, span.start, span.end)) return undefined;
    return { rule: id, ...span, ...(isStockPassword(match.text, span.start, span.end) ? { weak: true } : {}) };
  },
  isPlausible: () => true,
};

type Span = Omit<Finding, 'rule'>;

function readSpan(match: KeywordMatch): Span | undefined {
  const { text, from } = match;
  if (text.charAt(from) === '@') return readDriverName(match);
  return text.charAt(from + 1) === '$' ? readHash(match) : readPgPass(match);
}

function readHash({ text, floor, end, from, to }: KeywordMatch): Span | undefined {
  if (from === floor || !hasChar(fieldChars, text.charCodeAt(from - 1))) return undefined;
  const stop = runEnd(hashChars, text, to, Math.min(end, to + maxHash));
  return stop - to < minHash ? undefined : { start: from + 1, end: stop };
}

/** Behind the port come database and user. */
function readPgPass({ text, end, to }: KeywordMatch): Span | undefined {
  const database = runEnd(fieldChars, text, to, Math.min(end, to + maxField));
  if (database === to || text.charCodeAt(database) !== colon) return undefined;
  const user = runEnd(fieldChars, text, database + 1, Math.min(end, database + maxField));
  if (user === database + 1 || text.charCodeAt(user) !== colon) return undefined;
  if (text.startsWith('[REDACTED:', user + 1)) return undefined;
  let stop = user + 1;
  while (stop < Math.min(end, user + maxHash) && !hasChar(fieldEnds, text.charCodeAt(stop))) stop += 1;
  return { start: user + 1, end: stop };
}

function readDriverName({ text, floor, from }: KeywordMatch): Span | undefined {
  let start = from;
  let first = -1;
  while (start > Math.max(floor, from - maxField * 2) && !hasChar(userEnds, text.charCodeAt(start - 1))) {
    start -= 1;
    if (text.charCodeAt(start) === colon) first = start;
  }
  return first <= start || first + 1 >= from ? undefined : { start: first + 1, end: from };
}
