/** Which arguments of a call are commands (masking.md section 5: mapping, names, sniffing). */
import { compileGlob } from '../glob.ts';
import type { GuardKind, Judgement } from './guard-verdict.ts';
import type { GuardJob } from './create-guards.ts';
import { withoutDisguise } from './disguised-characters.ts';

/** An argument that a policy names. */
export interface GuardMapping {
  /** The tool, by exact name or glob. */
  readonly tool: string;
  /** A top-level argument, or a JSON pointer into the arguments. */
  readonly argument: string;
  readonly kind: GuardKind;
  readonly dialect?: string | undefined;
}

/** What a policy says about commands of one server. */
export interface GuardSpec {
  readonly mappings?: readonly GuardMapping[] | undefined;
  /** The database behind the server, where no mapping says another. */
  readonly dialect?: string | undefined;
  /** Arguments that are called `sql`, `command` and the like; on unless switched off. */
  readonly byName?: boolean | undefined;
  /** Any text that parses as a change of a database; on unless switched off. */
  readonly sniff?: boolean | undefined;
}

/** One text of a call that is judged. */
export interface GuardTarget extends GuardJob {
  /** A JSON pointer into the arguments; `#json` and `#base64` lead into what a text holds. */
  readonly path: string;
}

/** One judged text of a call. */
export interface JudgedTarget extends Judgement {
  readonly kind: GuardKind;
  readonly path: string;
}

const sqlName = /^(sql|statement|statements|stmt|query_?string|sql_?(query|statement|text|command)|raw_?(sql|query))$/i;
const queryName = /^(query|queries|q)$/i;
const shellName = /^(command|commands|cmd|script|code|shell|bash|shell_?command|command_?line|exec|argv|run)$/i;
const argumentsName = /^(args|argv|arguments|parameters|params|options|flags)$/i;

/** Starts as a statement does. */
const startsAsSql =
  /^[\s(;]*(select|with|insert|update|delete|merge|replace|truncate|create|alter|drop|grant|revoke|exec|execute|call|explain|copy|load|pragma|attach|set|show|describe|do|declare|begin|vacuum)\b/i;
/** What changes a database, in few words. Each piece is bounded, so that reading is linear. */
const changesSql =
  /\b(insert\s{1,64}into|delete\s{1,64}from|update\s{1,64}\S{1,128}\s{1,64}set|merge\s{1,64}into|replace\s{1,64}into|truncate\s{1,64}(table\b|\S)|(create|alter|drop)\s{1,64}(or\s{1,8}replace\s{1,8})?(table|view|index|database|schema|user|role|function|procedure|trigger|extension|policy|sequence|type|materialized|temp|temporary|login|server)\b|(grant|revoke)\s{1,64}\w{1,64}|copy\s{1,64}\S{1,128}\s{1,64}(from|to)|do\s{1,64}\$|alter\s{1,64}system|into\s{1,64}(outfile|dumpfile)|xp_cmdshell|load\s{1,64}data|load_file)\b/i;

const maxTargets = 64;
const maxDepth = 64;
const maxSniffLength = 1024 * 1024;

/**
 * The texts of a call that guards judge, each once. Bounded: what lies deeper than 64 levels or comes after 64 targets
 * is judged as one text that nobody can read, so that it needs approval.
 */
export function guardTargets(tool: string, args: unknown, spec: GuardSpec): readonly GuardTarget[] {
  const mappings = (spec.mappings ?? []).filter((mapping) => compileGlob(mapping.tool)(tool));
  const search = new Search(spec, mappings);
  search.visit(args, '', 0);
  return search.targets();
}

class Search {
  readonly #spec: GuardSpec;
  readonly #mappings: readonly GuardMapping[];
  readonly #found = new Map<string, GuardTarget>();
  #isOver = false;

  constructor(spec: GuardSpec, mappings: readonly GuardMapping[]) {
    this.#spec = spec;
    this.#mappings = mappings;
  }

  targets(): readonly GuardTarget[] {
    const found = [...this.#found.values()];
    return this.#isOver ? [...found, { kind: 'shell', text: '\0', path: '#over' }] : found;
  }

  visit(value: unknown, path: string, depth: number): void {
    if (depth > maxDepth || this.#found.size >= maxTargets) {
      this.#isOver ||= typeof value === 'string' || (typeof value === 'object' && value !== null);
      return;
    }
    if (typeof value === 'string') this.#visitText(value, path, depth);
    else if (Array.isArray(value)) this.#visitList(value, path, depth);
    else if (typeof value === 'object' && value !== null) this.#visitObject(Object.entries(value), path, depth);
  }

  #visitObject(entries: readonly (readonly [string, unknown])[], path: string, depth: number): void {
    this.#joinArguments(entries, path);
    for (const [key, value] of entries) this.visit(value, `${path}/${escapePointer(key)}`, depth + 1);
  }

  #visitList(list: readonly unknown[], path: string, depth: number): void {
    const words = list.filter((item) => typeof item === 'string');
    const mapping = this.#mappingOf(path);
    const isCommand = mapping?.kind === 'shell' || (this.#spec.byName !== false && shellName.test(nameIn(path)));
    if (words.length > 0 && words.length === list.length && isCommand) {
      this.#add({ kind: 'shell', text: words, path });
      // A list of commands, one a line, looks the same as the words of one command.
      for (const [at, word] of words.entries())
        if (/\s/.test(word)) this.#add({ kind: 'shell', text: word, path: `${path}/${at}` });
      return;
    }
    for (const [at, item] of list.entries()) this.visit(item, `${path}/${at}`, depth + 1);
  }

  /** `{"command": "rm", "args": ["-rf", "/"]}` */
  #joinArguments(entries: readonly (readonly [string, unknown])[], path: string): void {
    if (this.#spec.byName === false) return;
    const command = entries.find(([key, value]) => shellName.test(key) && typeof value === 'string');
    const rest = entries.find(
      ([key, value]) => argumentsName.test(key) && (Array.isArray(value) || typeof value === 'string'),
    );
    if (command === undefined || rest === undefined) return;
    const [key, text] = command;
    const words = (Array.isArray(rest[1]) ? rest[1] : [rest[1]]).map(String);
    const at = `${path}/${escapePointer(key)}`;
    if (typeof text !== 'string' || words.length === 0) return;
    if (Array.isArray(rest[1]) && !/\s/.test(text))
      this.#add({ kind: 'shell', text: [text, ...words], path: `${at}#argv` });
    this.#add({ kind: 'shell', text: [text, ...words].join(' '), path: `${at}#line` });
  }

  #visitText(text: string, path: string, depth: number): void {
    const target = this.#targetOf(text, path);
    if (target !== undefined) this.#add(target);
    this.#visitWithin(text, path, depth);
  }

  #targetOf(text: string, path: string): GuardTarget | undefined {
    const mapping = this.#mappingOf(path);
    const dialect = mapping?.dialect ?? this.#spec.dialect;
    const kind = mapping?.kind ?? (this.#spec.byName === false ? undefined : kindOfName(nameIn(path), text));
    if (kind === 'shell') return { kind, text, path };
    if (kind === 'sql') return { kind, text, path, dialect };
    const isSniffed = this.#spec.sniff !== false && changesSql.test(shadowOf(text));
    return isSniffed ? { kind: 'sql', text, path, dialect, isSniffed } : undefined;
  }

  #visitWithin(text: string, path: string, depth: number): void {
    const json = parseWithin(text);
    if (json !== undefined) this.visit(json, `${path}#json`, depth + 1);
    const decoded = decodeWithin(text);
    if (decoded !== undefined) this.visit(decoded, `${path}#base64`, depth + 1);
  }

  #mappingOf(path: string): GuardMapping | undefined {
    return this.#mappings.find(({ argument }) => path === argument || path === `/${escapePointer(argument)}`);
  }

  #add(target: GuardTarget): void {
    const key = `${target.kind} ${target.path}`;
    if (!this.#found.has(key)) this.#found.set(key, target);
  }
}

/** A `query` may be words to search for: it is SQL if it begins as a statement does. */
function kindOfName(name: string, text: string): GuardKind | undefined {
  if (sqlName.test(name)) return 'sql';
  if (shellName.test(name)) return 'shell';
  return queryName.test(name) && startsAsSql.test(withoutComments(text)) ? 'sql' : undefined;
}

/** The last name in a path; names survive `#json` and `#base64`, and the indexes of lists. */
function nameIn(path: string): string {
  const parts = path
    .replaceAll(/#(json|base64)/g, '')
    .split('/')
    .filter((part) => !/^\d+$/.test(part));
  return parts.at(-1) ?? '';
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function withoutComments(text: string): string {
  return withoutDisguise(text.slice(0, 4096))
    .replaceAll(/\/\*M?!?\d*|\*\//g, ' ')
    .replace(/^(\s*(--|#)[^\n]*\n)+/, '');
}

/** As sniffing reads it: comments are spaces, so that words keep their distance. */
function shadowOf(text: string): string {
  const short = text.length > maxSniffLength ? text.slice(-maxSniffLength) : text;
  return withoutDisguise(short).replaceAll(/\/\*(?!M?!)[^*]*\*+(?:[^/*][^*]*\*+)*\/|\/\*M?!\d*|\*\/|--[^\n]*|"/g, ' ');
}

function parseWithin(text: string): unknown {
  if (!/^\s*[[{"]/.test(text) || text.length > maxSniffLength) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

const base64 = /^[A-Za-z0-9+/_-]{12,}={0,2}$/;

function decodeWithin(text: string): string | undefined {
  const packed = text.replaceAll(/\s/g, '');
  if (packed.length > maxSniffLength || !base64.test(packed)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[\p{Cc}]/u.test(decoded.replaceAll(/[\n\r\t]/g, '')) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** What a tool says of itself may only raise: a tool that calls itself destructive has no harmless call. */
export function raiseByHint(judgement: Judgement, destructiveHint: boolean | undefined): Judgement {
  if (destructiveHint !== true || (judgement.verdict !== 'read' && judgement.verdict !== 'benign')) return judgement;
  const verdict = judgement.verdict === 'read' ? 'bounded_write' : 'opaque';
  return { verdict, verdicts: [verdict], reasons: ['the tool calls itself destructive', ...judgement.reasons] };
}
