/** The only file that knows the CEL library: pre-1.0, so nothing else depends on its shapes (`dependencies.md` §2.2). */
import { celEnv, celFunc, CelScalar, isCelError, parse, plan, type CelInput } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { timestampFromMs, type Timestamp } from '@bufbuild/protobuf/wkt';

/** A node of CEL's syntax tree (`cel.expr.Expr`). */
export type CelExpr = ReturnType<typeof parse>['expr'];
type CelCall = Extract<CelExpr['exprKind'], { case: 'callExpr' }>['value'];

export type { CelInput };

/** What a condition reads; members may be getters. Without `time` conditions about it fail. */
export interface CelVariables {
  readonly call: CelInput;
  readonly caller: CelInput;
  readonly server: CelInput;
  readonly time: CelInput | undefined;
  readonly guard: CelInput;
}

export type ParsedCel =
  | { readonly kind: 'parsed'; readonly expr: CelExpr; readonly columnOf: (expr: CelExpr) => number }
  | { readonly kind: 'refused'; readonly reason: string };

/** Longer lists and maps are not iterated. */
const maxIterated = 1000;
/** Of all comprehensions of one condition together. */
const maxSteps = 10_000;
/** Longer texts are not matched. */
const maxMatched = 65_536;

let stepsLeft = 0;

const { DYN, STRING } = CelScalar;
const bounded = celFunc('@bounded', [DYN], DYN, (range) => {
  const size = sizeOf(range);
  stepsLeft -= size;
  if (size > maxIterated) throw new Error(`more than ${maxIterated} items`);
  if (stepsLeft < 0) throw new Error(`more than ${maxSteps} steps`);
  return range;
});
const short = celFunc('@short', [STRING], STRING, (text) => {
  if (text.length > maxMatched) throw new Error(`a text of more than ${maxMatched} characters`);
  return text;
});

function sizeOf(range: unknown): number {
  const sized = typeof range === 'object' && range !== null && 'size' in range && typeof range.size === 'number';
  return sized ? Number(range.size) : 0;
}

const env = celEnv({ funcs: [...strings, bounded, short] });
/** Special forms of the interpreter, which are no functions of the environment. */
const forms: ReadonlySet<string> = new Set(['_&&_', '_||_', '_?_:_', '_[_]', '@not_strictly_false']);
const matchesNothing = plan(env, parse('"".matches(pattern)'));

/** Reads a condition. Never throws: a source that nests too deeply for the parser is refused like any other fault. */
export function parseCel(source: string): ParsedCel {
  try {
    const { expr, sourceInfo } = parse(source);
    return {
      kind: 'parsed',
      expr,
      columnOf: ({ id }) => (sourceInfo?.positions[String(id)] ?? 0) + 1,
    };
  } catch (error) {
    return { kind: 'refused', reason: toReason(error) };
  }
}

function toReason(error: unknown): string {
  if (error instanceof RangeError) return 'nested too deeply';
  const message = error instanceof Error ? error.message.replace(/^<input>:/, '') : 'invalid';
  const [, line, column, rest] = /^(\d+):(\d+): (.*)$/s.exec(message) ?? [];
  const text = (rest ?? message).replace('but expecting', 'where CEL expects');
  return line === undefined ? text : `line ${line}, column ${column}: ${text}`;
}

/** A function or method of this name exists. */
export function isCelFunction(name: string): boolean {
  return (
    forms.has(name) ||
    (!name.startsWith('@bounded') && !name.startsWith('@short') && env.funcs.find(name) !== undefined)
  );
}

/** Why a regular expression cannot be used; `undefined` when it can. */
export function patternFault(pattern: string): string | undefined {
  const result = matchesNothing({ pattern });
  return isCelError(result) ? result.message : undefined;
}

/** Wraps a list or map that is iterated, so that its length and the steps of the condition are bounded. */
export function boundRange(range: CelExpr): CelExpr {
  return wrap('@bounded', range);
}

/** Wraps a text that is matched. */
export function boundText(text: CelExpr): CelExpr {
  return wrap('@short', text);
}

function wrap(name: string, argument: CelExpr): CelExpr {
  const value: CelCall = { $typeName: 'cel.expr.Expr.Call', function: name, args: [argument] };
  return { ...argument, exprKind: { case: 'callExpr', value } };
}

/** Plans a condition; what it returns never throws and gives `undefined` for everything but true and false. */
export function planCel(expr: CelExpr): (variables: CelVariables) => boolean | undefined {
  const evaluate = plan(env, expr);
  return (variables) => {
    stepsLeft = maxSteps;
    try {
      const result = evaluate(Object(variables));
      return typeof result === 'boolean' ? result : undefined;
    } catch {
      return undefined;
    }
  };
}

export function toCelTime(timeMs: number): Timestamp {
  return timestampFromMs(timeMs);
}
