/** Programs that run a text or a file as code. */
import type { ShellArgument } from './shell-argument.ts';
import type { CommandJudge, ShellContext } from './shell-findings.ts';
import { asksForHelp, isPlainlyAsking, operandsOf } from './shell-options.ts';
import { judgeScript } from './shell-wrappers.ts';
import { shells } from './shell-names.ts';

/** What a command reads instead of the keyboard: a text, or something that is only known when it runs. */
export type Input = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unknown' };

/** `sh -c TEXT`, `sh FILE`, `… | sh`. */
export function judgeShell(name: string, args: readonly ShellArgument[], context: ShellContext): void {
  if (isPlainlyAsking(args) || isChecking(name, args)) return;
  const at = args.findIndex(({ text }) => /^-[a-zA-Z]*c[a-zA-Z]*$/.test(text) || text === '--command');
  if (at === -1) return context.findings.opaque('a shell runs a file or its input');
  // Options may stand between -c and its text.
  const script = args.slice(at + 1).find(({ text }) => !/^[-+]\w/.test(text));
  if (script === undefined) return context.findings.opaque('a shell without its text');
  if (args.some(({ text }) => /^--(rcfile|init-file)/.test(text)))
    context.findings.opaque('a shell that reads a file first');
  return judgeScript([script], context);
}

/** `bash -n FILE` reads and runs nothing. Behind the file or the text, the option is theirs. */
function isChecking(name: string, args: readonly ShellArgument[]): boolean {
  if (!/^([bdkmz]|mk|tc|c|ya|fi)?(a|ba|da)?sh$/.test(name)) return false;
  const first = args[0]?.text ?? '';
  return /^(-n|--no-exec|--no-execute)$/.test(first) && args.slice(1).every(({ text }) => !/^[-+]/.test(text));
}

export function isShell(name: string): boolean {
  return shells.has(name);
}

/** What goes into a shell from a pipe, a here-document or a string. */
export function judgeShellInput(input: Input, context: ShellContext): void {
  if (input.kind === 'unknown') context.findings.opaque('a shell runs what another command prints');
  else context.judgeText(input.text, { ...context, depth: context.depth + 1 });
}

const harmlessModules =
  /^(json\.tool|http\.server|venv|calendar|this|site|platform|base64|compileall|py_compile|tokenize|ast|dis|zipfile)$/;

/** `python -m json.tool`: what follows, and what is piped into it, are its data. */
export function isHarmlessModule(name: string, args: readonly ShellArgument[]): boolean {
  if (!/^(python|pypy)[\d.]*$/.test(name)) return false;
  const at = args.findIndex(({ text }) => !/^-[BEIOqsSu]+$/.test(text));
  return args[at]?.text === '-m' && harmlessModules.test(args[at + 1]?.text ?? '');
}

/** They look at the program or at what is given, and run nothing of it. */
const lookingOptions: Readonly<Record<string, RegExp>> = {
  php: /^(-i|--info|-m|--modules|--ini|-l|--syntax-check|--rf|--rc|--re|--ri|--rfunction|--rclass|--rextension|--rextinfo)$/,
  node: /^(-c|--check)$/,
  java: /^(-version|--list-modules)$/,
  puppet: /^(help|parser)$/,
};

function isLooking(name: string, args: readonly ShellArgument[]): boolean {
  const first = Object.hasOwn(lookingOptions, name) ? lookingOptions[name] : undefined;
  return first?.test(args[0]?.text ?? '') === true && args.slice(1).every(({ text }) => !text.startsWith('-'));
}

export function judgeCodeRunner(name: string, args: readonly ShellArgument[], { findings }: ShellContext): void {
  if (isHarmlessModule(name, args) || isLooking(name, args) || asksOnly(name, args)) return;
  findings.opaque('an interpreter runs code');
}

/** `--version`; of those with subcommands, help of these too. To all others a word is a file to run. */
function asksOnly(name: string, args: readonly ShellArgument[]): boolean {
  const words = args.map(({ text }) => text);
  if (words.length > 0 && words.every((word) => /^(--version|-V|-VV|-v|--help|-h)$/.test(word))) return true;
  return /^(puppet|knife)$/.test(name) && asksForHelp(args);
}

/** awk programs are code that is mostly a pattern; those that reach outside say so by a call or a redirection. */
export const judgeAwk: CommandJudge = (args, { findings }) => {
  if (
    args.some(({ text }) =>
      /^(-f|-E|-i|-l|-o|-d|-p|-D|--file|--exec|--include|--load|--pretty-print|--profile|--dump-variables|--debug)/.test(
        text,
      ),
    )
  ) {
    findings.opaque('awk runs or writes a file');
  }
  const program = operandsOf(args)
    .map(({ text }) => text)
    .join('\n')
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, (text) => (/^"[/\w]/.test(text) && text.length > 2 ? '"s"' : '""'));
  if (/system\s*\(|getline|\|&?\s*"|"\s*\||\||@load|@include|fflush|close\s*\(/.test(program.replaceAll('||', ' ')))
    findings.opaque('awk runs commands');
  if (/print[^\n}]*>|printf[^\n}]*>/.test(program.replaceAll(/\([^()]*\)/g, '()')))
    findings.opaque('awk writes a file');
};

/** `sed -i` replaces files; the commands e, w, r, W and the flags e and w of s run or write. */
export const judgeSed: CommandJudge = (args, { findings }) => {
  if (args.some(({ text }) => /^(-[a-zA-Z]*i|--in-place)/.test(text))) findings.destructive('sed -i replaces files');
  if (args.some(({ text }) => /^(-[nrsuzE]*f|--file)/.test(text))) findings.opaque('sed runs a file');
  const scripts = operandsOf(args).map(({ text }) => text);
  if (scripts.some(isRunningSed)) findings.opaque('sed runs or writes');
};

function isRunningSed(script: string): boolean {
  return (
    /(^|[;{}\n]|\d|\$|\/[IM]*)\s*[ewWrR](\s|$)/.test(script) ||
    /(^|[;{}\s\d$/,])s(.)(?:(?!\2).|\\.)*\2(?:(?!\2).|\\.)*\2[gpiIm\d]*[ew]/.test(script)
  );
}

const vimOptions = /^(-c|-S|-s|--cmd|-u|-W|-w|-e|-es|-E|\+.*)$/;

export const judgeEditor: CommandJudge = (args, { findings }) => {
  if (args.some(({ text }) => vimOptions.test(text) && !/^\+\d*$/.test(text)))
    findings.opaque('an editor runs commands');
};
