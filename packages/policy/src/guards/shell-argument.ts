/** What a word of a command line will be when it runs, as far as that can be said. */
import type { Word, WordPart } from 'unbash';

export interface ShellArgument {
  /** Its text; each part that is only known when it runs is one U+FFFC. */
  readonly text: string;
  /** Nothing in it is decided when it runs; patterns of file names count as decided. */
  readonly isLiteral: boolean;
  /** A pattern of file names or a list in braces: it may become several words. */
  readonly isPattern: boolean;
  /** Set off by quotes or not an option at all: it cannot be one. */
  readonly isQuoted: boolean;
}

export const unknownPart = '\ufffc';

export function literalArgument(text: string): ShellArgument {
  return { text, isLiteral: !text.includes(unknownPart), isPattern: false, isQuoted: false };
}

export function toArgument(word: Word): ShellArgument {
  if (word.parts === undefined) return literalArgument(word.value);
  const text = word.parts.map(textOf).join('');
  const isPattern = word.parts.some(({ type }) => /Glob$|^BraceExpansion$/.test(type));
  return { text, isLiteral: !text.includes(unknownPart), isPattern, isQuoted: /^['"$]/.test(word.text) };
}

function textOf(part: WordPart): string {
  if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') return part.parts.map(textOf).join('');
  if (part.type === 'BraceExpansion' || part.type === 'ExtendedGlob') return part.text;
  // Everything else that has a value of its own stands for itself; the rest is expanded when it runs.
  return 'value' in part ? part.value : unknownPart;
}
