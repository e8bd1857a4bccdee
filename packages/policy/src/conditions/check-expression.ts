/** What the parser lets through and must not run: names that nobody declared, and costs that nobody bounded. */
import { boundRange, boundText, isCelFunction, patternFault, type CelExpr } from './cel.ts';

type ExprOf<Case extends CelExpr['exprKind']['case']> = Extract<CelExpr['exprKind'], { case: Case }>['value'];

export interface ExpressionFault {
  readonly expr: CelExpr;
  readonly message: string;
}

const maxDepth = 100;
const maxLoops = 2;

/** The fields of each variable; `undefined`: not looked into. */
const variables: ReadonlyMap<string, ReadonlySet<string> | undefined> = new Map([
  ['call', new Set(['method', 'name', 'arguments'])],
  ['caller', new Set(['subject', 'type', 'groups', 'clientId', 'issuer'])],
  ['server', new Set(['cluster', 'namespace', 'workload'])],
  ['time', undefined],
  ['guard', undefined],
]);
const guardFields: ReadonlySet<string> = new Set(['kind', 'verdict']);
const types: ReadonlySet<string> = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
]);

interface Scope {
  readonly depth: number;
  readonly loops: number;
  /** Variables of comprehensions, with the fields of what they stand for. */
  readonly locals: ReadonlyMap<string, ReadonlySet<string> | undefined>;
}

/**
 * Walks a condition once: collects its faults and bounds its loops and matches in place. Variables are those of
 * `docs/policy.md`; fields of `call`, `caller`, `server` and of guard findings are known too, so that a misspelt one is
 * refused here and not an error in every call.
 */
export function checkExpression(root: CelExpr): readonly ExpressionFault[] {
  const faults: ExpressionFault[] = [];
  if (isNeverBoolean(root)) faults.push({ expr: root, message: 'is never true or false' });
  walk(root, { depth: 0, loops: 0, locals: new Map() }, faults);
  return faults;
}

function isNeverBoolean({ exprKind: { case: kind, value } }: CelExpr): boolean {
  if (kind === 'constExpr') return value.constantKind.case !== 'boolValue';
  return kind === 'listExpr' || kind === 'structExpr';
}

function walk(expr: CelExpr, outer: Scope, faults: ExpressionFault[]): void {
  const scope = { ...outer, depth: outer.depth + 1 };
  if (scope.depth > maxDepth) {
    if (scope.depth === maxDepth + 1) faults.push({ expr, message: `nested more than ${maxDepth} levels deep` });
    return;
  }
  walkForm(expr, scope, faults);
}

function walkForm(expr: CelExpr, scope: Scope, faults: ExpressionFault[]): void {
  const { exprKind } = expr;
  switch (exprKind.case) {
    case 'identExpr':
      return walkName(expr, exprKind.value.name, scope, faults);
    case 'selectExpr':
      return walkSelect(expr, exprKind.value, scope, faults);
    case 'callExpr':
      return walkCall(expr, exprKind.value, scope, faults);
    case 'comprehensionExpr':
      return walkLoop(expr, exprKind.value, scope, faults);
    case 'listExpr':
      return exprKind.value.elements.forEach((element) => walk(element, scope, faults));
    case 'structExpr':
      return walkStruct(expr, exprKind.value, scope, faults);
    case 'constExpr':
      return undefined;
    case undefined:
      faults.push({ expr, message: 'an empty expression' });
      return undefined;
  }
}

function walkName(expr: CelExpr, name: string, { locals }: Scope, faults: ExpressionFault[]): void {
  if (locals.has(name) || variables.has(name) || types.has(name)) return;
  faults.push({ expr, message: `unknown variable ${name}` });
}

function walkSelect(
  expr: CelExpr,
  { operand, field }: ExprOf<'selectExpr'>,
  scope: Scope,
  faults: ExpressionFault[],
): void {
  if (operand === undefined) return;
  checkField({ expr, operand, field }, scope, faults);
  walk(operand, scope, faults);
}

function checkField(
  { expr, operand, field }: { readonly expr: CelExpr; readonly operand: CelExpr; readonly field: string },
  { locals }: Scope,
  faults: ExpressionFault[],
): void {
  if (operand.exprKind.case !== 'identExpr') return;
  const { name } = operand.exprKind.value;
  const fields = locals.has(name) ? locals.get(name) : variables.get(name);
  if (fields === undefined || fields.has(field)) return;
  faults.push({ expr, message: `unknown field ${name}.${field}; there are ${[...fields].join(', ')}` });
}

function walkCall(expr: CelExpr, call: ExprOf<'callExpr'>, scope: Scope, faults: ExpressionFault[]): void {
  const { target, args } = call;
  if (!isCelFunction(call.function)) {
    faults.push({
      expr,
      message: call.function === 'has' ? 'has() takes a field, as has(a.b)' : `unknown function ${call.function}`,
    });
  }
  const [operand, key] = args;
  if (call.function === '_[_]' && operand !== undefined && key !== undefined) {
    const field = textOf(key);
    if (field !== undefined) checkField({ expr, operand, field }, scope, faults);
  }
  if (target !== undefined) walk(target, scope, faults);
  for (const argument of args) walk(argument, scope, faults);
  if (call.function === 'matches') boundMatch(expr, call, faults);
}

/** A pattern that comes from the call could be any pattern: only literal ones, and tried once here. */
function boundMatch(expr: CelExpr, call: ExprOf<'callExpr'>, faults: ExpressionFault[]): void {
  const [first, second] = call.args;
  const pattern = call.target === undefined ? second : first;
  const literal = pattern === undefined ? undefined : textOf(pattern);
  const fault = literal === undefined ? 'expected a literal pattern in matches()' : patternFault(literal);
  if (fault !== undefined) faults.push({ expr, message: fault });
  if (call.target !== undefined) call.target = boundText(call.target);
  else if (first !== undefined) call.args[0] = boundText(first);
}

function textOf({ exprKind }: CelExpr): string | undefined {
  if (exprKind.case !== 'constExpr') return undefined;
  const { constantKind } = exprKind.value;
  return constantKind.case === 'stringValue' ? constantKind.value : undefined;
}

function walkLoop(expr: CelExpr, loop: ExprOf<'comprehensionExpr'>, scope: Scope, faults: ExpressionFault[]): void {
  const loops = scope.loops + 1;
  if (loops > maxLoops) faults.push({ expr, message: `more than ${maxLoops} loops inside one another` });
  const { iterRange, accuInit, loopCondition, loopStep, result } = loop;
  if (iterRange !== undefined) {
    walk(iterRange, scope, faults);
    loop.iterRange = boundRange(iterRange);
  }
  const isGuards = iterRange?.exprKind.case === 'identExpr' && iterRange.exprKind.value.name === 'guard';
  const fields = isGuards && !scope.locals.has('guard') ? guardFields : undefined;
  const locals = new Map([...scope.locals, [loop.iterVar, fields], [loop.accuVar, undefined]]);
  for (const part of [accuInit, loopCondition, loopStep, result]) {
    if (part !== undefined) walk(part, { ...scope, loops, locals }, faults);
  }
}

function walkStruct(expr: CelExpr, struct: ExprOf<'structExpr'>, scope: Scope, faults: ExpressionFault[]): void {
  if (struct.messageName !== '') faults.push({ expr, message: `unknown type ${struct.messageName}` });
  for (const { keyKind, value } of struct.entries) {
    if (keyKind.case === 'mapKey') walk(keyKind.value, scope, faults);
    if (value !== undefined) walk(value, scope, faults);
  }
}
