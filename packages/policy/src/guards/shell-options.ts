/** Options of a command, as most programs read them. */
import type { ShellArgument } from './shell-argument.ts';

/** Whether one of the short options (`r` in `-rf`) or long ones (with or without a value) is there, before `--`. */
export function hasOption(args: readonly ShellArgument[], short: string, ...long: readonly string[]): boolean {
  return optionsOf(args).some(({ text }) => {
    if (text.startsWith('--')) return long.some((name) => isLongOption(text, name));
    return long.includes(text.slice(1)) || short.split('').some((letter) => text.slice(1).includes(letter));
  });
}

/** Long options may be shortened; two letters at least are asked for. */
function isLongOption(text: string, name: string): boolean {
  const given = text.slice(2).split('=')[0] ?? '';
  return given === name || (given.length >= 3 && name.startsWith(given));
}

export function optionsOf(args: readonly ShellArgument[]): readonly ShellArgument[] {
  const end = args.findIndex(({ text }) => text === '--');
  return (end === -1 ? args : args.slice(0, end)).filter(({ text }) => text.length > 1 && text.startsWith('-'));
}

/** What is no option. */
export function operandsOf(args: readonly ShellArgument[]): readonly ShellArgument[] {
  const end = args.findIndex(({ text }) => text === '--');
  const before = end === -1 ? args : args.slice(0, end);
  const operands = before.filter(({ text }) => !text.startsWith('-') || text === '-');
  return end === -1 ? operands : [...operands, ...args.slice(end + 1)];
}

/** The value of an option: `-o value`, `-ovalue`, `--option value`, `--option=value`. */
export function valuesOf(
  args: readonly ShellArgument[],
  short: string,
  ...long: readonly string[]
): readonly ShellArgument[] {
  return args.flatMap((arg, at) => {
    const { text } = arg;
    const name = long.find((one) => text === `--${one}` || text.startsWith(`--${one}=`));
    if (name !== undefined)
      return text.includes('=') ? [{ ...arg, text: text.slice(text.indexOf('=') + 1) }] : following(args, at);
    if (short === '' || !text.startsWith('-') || text.startsWith('--')) return [];
    const index = text.indexOf(short, 1);
    if (index === -1) return [];
    return index === text.length - 1 ? following(args, at) : [{ ...arg, text: text.slice(index + 1) }];
  });
}

function following(args: readonly ShellArgument[], at: number): readonly ShellArgument[] {
  const next = args[at + 1];
  return next === undefined ? [] : [next];
}

/** `--help`, `--version` and nothing else. To many programs the words without dashes name a file or a user. */
export function isOnlyAsking(args: readonly ShellArgument[]): boolean {
  return isAsking(args, /^(--?help|--?version|-V|-h|-\?)$/);
}

/** The same of programs to which `-h` may mean halt, and of shells. */
export function isPlainlyAsking(args: readonly ShellArgument[]): boolean {
  return isAsking(args, /^--(help|version)$/);
}

/** The same of programs with subcommands. */
export function isManagerAsking(args: readonly ShellArgument[]): boolean {
  return isAsking(args, /^(--?help|--?version|-V|-h|-\?|help|version)$/);
}

function isAsking(args: readonly ShellArgument[], words: RegExp): boolean {
  return args.length > 0 && args.length <= 2 && args.every(({ text }) => words.test(text));
}

/** `tool group delete --help`: subcommands, and then nothing but the question what they do. */
export function asksForHelp(args: readonly ShellArgument[]): boolean {
  return (
    args.length <= 4 &&
    args.at(-1)?.text === '--help' &&
    args.slice(0, -1).every(({ text, isLiteral }) => isLiteral && /^[a-z][a-z-]*$/.test(text))
  );
}
