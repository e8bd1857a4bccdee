import { holdsMaskToken } from '../mask-token.ts';
import type { ValueShape } from './assigned-value.ts';
import { runEnd, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';
import { judgeValue } from './secret-judge.ts';
import { readBare, readQuoted, type ValueSpan } from './value-reader.ts';

const id = 'command-password';
const bareEnds = toCharSet(' \t\r\n', '"\'`', ';|&)<>\\');
const userChars = toCharSet('a-z', 'A-Z', '0-9', '_.@%+', '-');
const maxBefore = 120;
const maxUser = 64;

interface Command {
  readonly keyword: string;
  /** What stands between the keyword and the value. */
  readonly between: RegExp;
  /** What the line says before the keyword. */
  readonly before?: RegExp;
  /** The value is `user:password`. */
  readonly isPair?: true;
}

/** `IDENTIFIED BY 'x'`, `curl -u user:x`, `mysql -px`, `sshpass -p x`. */
const commands: readonly Command[] = [
  { keyword: 'identified by ', between: /^(?:password\s{1,4}|values\s{1,4})?/i },
  { keyword: 'identified with ', between: /^[\w."']{1,48}\s{1,4}(?:by|as)\s{1,4}(?:password\s{1,4})?/i },
  { keyword: 'convertto-securestring ', between: /^(?:-string\s{1,4})?/i },
  { keyword: ' -u ', between: /^/, isPair: true },
  { keyword: ' --user ', between: /^/, isPair: true },
  { keyword: ' --user=', between: /^/, isPair: true },
  { keyword: ' --proxy-user ', between: /^/, isPair: true },
  {
    keyword: ' -p',
    between: /^(?=[^\s-])/,
    before: /^(?!REDACTED:).*\b(?:mysql\w*|mariadb\S*|sshpass|7z|zip|unzip|unrar)\b[^|;&]*$/,
  },
  {
    keyword: ' -p ',
    between: /^/,
    before: /^(?!REDACTED:).*\b(?:sshpass|(?:docker|podman|helm|az|oc|cf|registry)\s+(?:\S+\s+)?login)\b[^|;&]*$/,
  },
];
const byKeyword: ReadonlyMap<string, Command> = new Map(commands.map((command) => [command.keyword, command]));

export const commandPasswordDetector: Detector = {
  id,
  keywords: commands.map(({ keyword }) => keyword),
  verify: verifyCommand,
  isPlausible: () => true,
};

function verifyCommand(match: KeywordMatch): Finding | undefined {
  const value = readCommandValue(match);
  const verdict = value === undefined ? 'harmless' : judgeValue(value);
  if (value === undefined || verdict === 'harmless') return undefined;
  const { start, end } = value;
  return { rule: id, start, end, ...(verdict === 'suspect' ? { weak: true } : {}) };
}

/** Reads at most 120 characters before the keyword and the value behind it. */
export function readCommandValue({ text, floor, end, from, to }: KeywordMatch): ValueShape | undefined {
  const command = byKeyword.get(text.slice(from, to).toLowerCase());
  if (command === undefined) return undefined;
  if (command.before !== undefined && !command.before.test(lineBefore(text, floor, from))) return undefined;
  const between = command.between.exec(text.slice(to, Math.min(end, to + 80)));
  if (between === null) return undefined;
  const start = to + between[0].length;
  const quoted = readQuoted(text, start, end);
  const whole = quoted ?? readBare(text, start, end, bareEnds);
  const span = command.isPair === true ? passwordOf(text, whole) : whole;
  if (span === undefined || span.end <= span.start || holdsMaskToken(text, span.start, span.end)) return undefined;
  return {
    ...span,
    text,
    floor,
    limit: end,
    quoted: quoted !== undefined,
    operator: 'command',
    tight: true,
    isQuotedName: false,
    wrapped: false,
    name: 'password',
    nameStart: from,
    class: { rule: 'password', strength: 'strong' },
  };
}

/** Up to 120 characters of the line, not beyond a masked value: found before or now, it hides as much. */
function lineBefore(text: string, floor: number, from: number): string {
  const before = text.slice(Math.max(floor, from - maxBefore), from);
  return before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('[REDACTED:')) + 1);
}

function passwordOf(text: string, { start, end }: ValueSpan): ValueSpan | undefined {
  const colon = runEnd(userChars, text, start, Math.min(end, start + maxUser));
  return colon > start && colon < end && text.charAt(colon) === ':' ? { start: colon + 1, end } : undefined;
}
