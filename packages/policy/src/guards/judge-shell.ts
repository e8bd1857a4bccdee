/** What a command line would do: every command that may run is judged, and the worst counts. */
import {
  forEachChild,
  type Assignment,
  type Command,
  type Function as ShellFunction,
  type ParsedScript,
  type Pipeline,
  type Redirection,
  type SyntaxNode,
} from 'unbash';
import { hasDisguise, isBrokenText } from './disguised-characters.ts';
import { opaqueJudgement, toJudgement, type Judgement } from './guard-verdict.ts';
import { literalArgument, toArgument, unknownPart, type ShellArgument } from './shell-argument.ts';
import { judgeCommand } from './shell-commands.ts';
import { judgeWrite } from './shell-files.ts';
import { judgeAnyWord, judgeMentions } from './shell-general.ts';
import { ShellFindings, type ShellContext } from './shell-findings.ts';
import { isHarmlessModule, isShell, judgeShellInput, type Input } from './shell-interpreters.ts';
import { codeRunners } from './shell-names.ts';
import { operandsOf } from './shell-options.ts';
import { judgeEnvironment } from './shell-wrappers.ts';

/** The parser of unbash. */
export type ParseShell = (source: string) => ParsedScript;

/** UTF-16 units; longer texts are opaque (masking.md section 5: hostile nesting is quadratic). */
export const maxShellLength = 8 * 1024;
const maxNesting = 32;
const maxTextDepth = 8;
/** Commands that one text may hold, however they are nested. */
const maxNodes = 20_000;

/** Never throws on account of the text. */
export function judgeShellText(text: string, parse: ParseShell): Judgement {
  if (text.length > maxShellLength) return opaqueJudgement('the text is too long to be judged');
  if (isBrokenText(text)) return opaqueJudgement('the text has characters that no shell reads');
  const findings = new ShellFindings();
  const walk = new Walk(parse);
  walk.judgeText(text, {
    findings,
    depth: 0,
    functions: new Set(),
    judgeText: (inner, context) => walk.judgeText(inner, context),
    judgeCommand,
  });
  if (hasDisguise(text.replaceAll(/'[^']*'|"[^"]*"/g, ''))) findings.opaque('a disguised character outside of quotes');
  return toJudgement(findings.list, 'benign');
}

/** A command as a list of words: nothing is expanded, split or redirected. */
export function judgeShellWords(words: readonly string[], parse: ParseShell): Judgement {
  if (words.reduce((sum, word) => sum + word.length, 0) > maxShellLength)
    return opaqueJudgement('the text is too long to be judged');
  if (words.some(isBrokenText)) return opaqueJudgement('the text has characters that no shell reads');
  const findings = new ShellFindings();
  const walk = new Walk(parse);
  const context = {
    findings,
    depth: 0,
    functions: new Set<string>(),
    judgeText: (inner: string, outer: ShellContext) => walk.judgeText(inner, outer),
    judgeCommand,
  };
  judgeCommand(
    words.map((word) => ({ ...literalArgument(word), isLiteral: true })),
    context,
  );
  return toJudgement(findings.list, 'benign');
}

class Walk {
  readonly #parse: ParseShell;
  #nodes = 0;

  constructor(parse: ParseShell) {
    this.#parse = parse;
  }

  judgeText(text: string, context: ShellContext): void {
    if (context.depth > maxTextDepth * 2) return context.findings.opaque('texts within texts, too deep');
    if (text.length > maxShellLength) return context.findings.opaque('a text within is too long to be judged');
    let script: ParsedScript;
    try {
      script = this.#parse(text);
    } catch {
      return context.findings.opaque('it does not parse');
    }
    return this.#visit(script, 0, { ...context, functions: this.#functionsOf(script, context) });
  }

  /** Of this text and of those around it. */
  #functionsOf(script: ParsedScript, { functions }: ShellContext): ReadonlySet<string> {
    const names = new Set(functions);
    const look = (node: SyntaxNode, depth: number): void => {
      if (node.type === 'Function') names.add(node.name.value);
      if (depth < maxNesting && node.type !== 'Word') forEachChild(node, (child) => look(child, depth + 1));
    };
    look(script, 0);
    return names;
  }

  #visit(node: SyntaxNode, depth: number, context: ShellContext): void {
    const { findings } = context;
    this.#nodes += 1;
    if (depth > maxNesting * 4 || this.#nodes > maxNodes)
      return findings.opaque('nested too deep, or too much, to be judged');
    if (node.type === 'Script' && (node.errors?.length ?? 0) > 0) findings.opaque('it does not parse');
    judgeNode(node, context);
    return forEachChild(node, (child) => this.#visit(child, depth + 1, context));
  }
}

function judgeNode(node: SyntaxNode, context: ShellContext): void {
  const { findings } = context;
  if (node.type === 'Command') judgeCommandNode(node, context);
  else if (node.type === 'Pipeline') judgePipeline(node, context);
  else if (node.type === 'Redirect' && node.target !== undefined)
    judgeRedirect(node.operator, toArgument(node.target), context);
  else if (node.type === 'Function') judgeFunctionNode(node, context);
  else if (node.type === 'Assignment') judgeAssignment(node, context);
  else if (hidesCommand(node)) findings.opaque('an expansion that may run a command');
}

function judgeAssignment(node: Assignment, context: ShellContext): void {
  judgeEnvironment(node.name, context);
  // Arithmetic runs the commands that a variable's value holds in the index of an array.
  if (node.value.type === 'Word') judgeAnyWord(toArgument(node.value), context);
}

/** Expansions that run what a variable holds, or what stands in the index of an array, even within quotes. */
function hidesCommand(node: SyntaxNode): boolean {
  if (node.type === 'ParameterExpansion') return node.operation?.type === 'Transform';
  // Not arithmetic after all; some shells then take it for a command.
  if (node.type === 'ArithmeticWord') return node.value.trim() === '';
  return (
    node.type === 'TestBinary' &&
    node.operator.startsWith('-') &&
    /\[.*(\$\(|`)/.test(`${node.left.value} ${node.right.value}`)
  );
}

function judgeRedirect(operator: string, target: ShellArgument, context: ShellContext): void {
  if (/^\/dev\/(tcp|udp)\//.test(target.text)) context.findings.destructive('opens a connection by /dev/tcp');
  if (!operator.includes('>') || operator === '<>') return;
  if (operator.endsWith('&') && /^(\d+-?|-)$/.test(target.text)) return;
  judgeWrite(target, context);
}

function judgeCommandNode(node: Command, context: ShellContext): void {
  if (node.name === undefined) return;
  const words = wordsOf(node);
  judgeCommand(words, context);
  judgeWrittenCode(words, node.redirects, context);
  judgeInputs(words, node.redirects, context);
}

function wordsOf(node: Command): readonly ShellArgument[] {
  const args = node.args.map((arg) => (arg.type === 'Word' ? toArgument(arg) : literalArgument(arg.text)));
  return node.name === undefined ? args : [toArgument(node.name), ...args];
}

/** Code that is printed into a file is there to be run. */
function judgeWrittenCode(
  words: readonly ShellArgument[],
  redirects: readonly Redirection[],
  context: ShellContext,
): void {
  const isWriting = redirects.some(
    (one) =>
      one.type === 'Redirect' &&
      one.operator.includes('>') &&
      one.target !== undefined &&
      !/^(\/dev\/|\d)/.test(one.target.value),
  );
  if (!isWriting || !/^(echo|printf|cat)$/.test(words[0]?.text ?? '')) return;
  for (const { text } of words.slice(1)) judgeMentions(text, context);
}

/** What a shell reads from a here-document or a string. */
function judgeInputs(words: readonly ShellArgument[], redirects: readonly Redirection[], context: ShellContext): void {
  if (!runsItsInput(words)) return;
  for (const redirect of redirects) {
    if (redirect.type === 'HereDoc')
      judgeShellInput(inputOf(redirect.body.parts === undefined ? redirect.body.text : redirect.body.text), context);
    else if (redirect.type === 'HereString' && redirect.target !== undefined)
      judgeShellInput(inputOf(toArgument(redirect.target).text), context);
    else if (redirect.type === 'Redirect' && redirect.operator.startsWith('<'))
      judgeShellInput({ kind: 'unknown' }, context);
  }
}

function inputOf(text: string): Input {
  return text.includes(unknownPart) ? { kind: 'unknown' } : { kind: 'text', text };
}

const passThrough =
  /^(sudo|doas|env|nohup|time|nice|ionice|timeout|stdbuf|setsid|command|exec|busybox|builtin|ssh|tee|xargs|parallel|docker|kubectl|su|chroot)$/;

/** Whether the command, or the one it wraps, is a shell or an interpreter. */
function runsItsInput(words: readonly ShellArgument[]): boolean {
  const first = nameOf(words[0]?.text ?? '');
  if (isHarmlessModule(first, words.slice(1))) return false;
  const isRunner = (text: string): boolean =>
    isShell(nameOf(text)) || codeRunners.has(nameOf(text)) || nameOf(text) === 'source' || nameOf(text) === 'at';
  return isRunner(first) || (passThrough.test(first) && words.slice(1).some(({ text }) => isRunner(text)));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What is printed into a shell is judged where it stands there, else it may be anything. */
function judgePipeline({ commands }: Pipeline, context: ShellContext): void {
  for (const [at, command] of commands.entries()) {
    if (at === 0 || !runsPipedInput(command)) continue;
    const before = commands[at - 1];
    const text = before?.type === 'Command' ? printedBy(before) : undefined;
    const source = commands
      .slice(0, at)
      .flatMap((one) => (one.type === 'Command' ? [nameOf(one.name?.value ?? '')] : []));
    if (text !== undefined) judgeShellInput({ kind: 'text', text }, context);
    else if (
      source.some((name) =>
        /^(curl|wget|base64|base32|xxd|openssl|gunzip|gzip|zcat|rev|tr|nc|ncat|socat|uudecode|fetch|aria2c|lynx|http|hexdump|od|printf|bzip2|xz)$/.test(
          name,
        ),
      )
    ) {
      context.findings.destructive('a shell runs what was fetched or decoded');
    } else judgeShellInput({ kind: 'unknown' }, context);
  }
}

function runsPipedInput(node: SyntaxNode): boolean {
  if (node.type === 'Command') return runsItsInput(wordsOf(node));
  let runs = false;
  if (
    node.type === 'Redirected' ||
    node.type === 'Subshell' ||
    node.type === 'BraceGroup' ||
    node.type === 'CompoundList' ||
    node.type === 'Statement'
  ) {
    forEachChild(node, (child) => (runs ||= runsPipedInput(child)));
  }
  return runs;
}

/** The text that echo, printf or cat with a here-document print, where it stands there whole. */
function printedBy(command: Command): string | undefined {
  const [name, ...args] = wordsOf(command);
  const first = args[0]?.text ?? '';
  switch (name?.text ?? '') {
    case 'cat':
      return heldBy(command);
    case 'printf':
      return /[%\\]/.test(first) ? undefined : decided(args);
    case 'echo':
      return args.some(({ text }) => /^-\w*e|\\/.test(text)) ? undefined : decided(operandsOf(args));
    default:
      return undefined;
  }
}

function heldBy(command: Command): string | undefined {
  const body = command.redirects.find((redirect) => redirect.type === 'HereDoc' || redirect.type === 'HereString');
  if (body?.type === 'HereDoc') return body.body.text;
  return body?.type === 'HereString' && body.target !== undefined ? decided([toArgument(body.target)]) : undefined;
}

function decided(words: readonly ShellArgument[]): string | undefined {
  return words.every(({ isLiteral }) => isLiteral) ? words.map(({ text }) => text).join(' ') : undefined;
}

/** A function that calls itself twice over, or in the background, fills the machine. */
function judgeFunctionNode(node: ShellFunction, { findings }: ShellContext): void {
  let calls = 0;
  const look = (child: SyntaxNode, depth: number): void => {
    if (child.type === 'Command' && child.name?.value === node.name.value) calls += 1;
    if (depth < maxNesting) forEachChild(child, (inner) => look(inner, depth + 1));
  };
  forEachChild(node, (child) => look(child, 0));
  if (calls > 1) findings.destructive('a function that multiplies itself');
}
