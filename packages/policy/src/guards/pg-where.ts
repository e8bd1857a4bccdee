/** Which rows a WHERE picks: some, or every one (masking.md section 5: a constant-true WHERE is no WHERE). */
import { constantOf, operatorOf, type Constant } from './pg-constant.ts';
import { coversEveryValue } from './pg-cover.ts';
import { isSameTree, listAt, namesOf, nodeAt, tagged, textAt, visitTags, type PgNode } from './pg-node.ts';

/**
 * `every`: true for each row. `none`: for no row. `same`: not about the rows at all, so all of them or none. `some`:
 * anything else.
 */
export type RowChoice = 'every' | 'none' | 'same' | 'some';

/** The names under which the statement's condition may speak of the rows that it changes; empty: any name. */
export type TargetNames = ReadonlySet<string>;

const opposite: Readonly<Record<RowChoice, RowChoice>> = { every: 'none', none: 'every', same: 'same', some: 'some' };

export function rowsOf(condition: unknown, targets: TargetNames): RowChoice {
  const { tag, body } = tagged(condition);
  const judge = judges[tag];
  const choice = judge?.(body, targets) ?? 'some';
  return choice === 'some' && !speaksOfTarget(condition, targets) ? 'same' : choice;
}

/** Whether the statement that has this WHERE may change every row of its table. */
export function isUnbounded(condition: unknown, targets: TargetNames): boolean {
  if (condition === undefined) return true;
  const rows = rowsOf(condition, targets);
  return rows === 'every' || rows === 'same';
}

const judges: Readonly<Record<string, (body: PgNode, targets: TargetNames) => RowChoice>> = {
  A_Const: (body) => rowsOfConstant(constantOf({ A_Const: body })),
  TypeCast: (body, targets) => rowsOf(body['arg'], targets),
  CurrentOfExpr: () => 'some',
  // MySQL and SQLite take any number but 0 for true.
  ColumnRef: (body) => (keyColumn.test(columnOf({ ColumnRef: body })) ? 'every' : 'some'),
  BoolExpr: rowsOfBoolean,
  BooleanTest: rowsOfBooleanTest,
  NullTest: rowsOfNullTest,
  A_Expr: rowsOfOperator,
  SubLink: rowsOfSubquery,
  CaseExpr: rowsOfCase,
  CoalesceExpr: (body, targets) => rowsOf(listAt(body, 'args')[0], targets),
};

function rowsOfConstant(value: Constant | undefined): RowChoice {
  if (value === undefined) return 'same';
  if (typeof value === 'string') return /^\s*(f|false|n|no|off|0)\s*$/i.test(value) ? 'none' : 'every';
  return value === null || value === false || value === 0 ? 'none' : 'every';
}

function rowsOfBoolean(body: PgNode, targets: TargetNames): RowChoice {
  const args = listAt(body, 'args');
  const choices = args.map((arg) => rowsOf(arg, targets));
  const operator = textAt(body, 'boolop');
  if (operator === 'NOT_EXPR') return opposite[choices[0] ?? 'some'];
  if (operator === 'AND_EXPR') {
    if (choices.includes('none')) return 'none';
    return choices.includes('some') ? 'some' : 'every';
  }
  if (choices.includes('every') || choices.includes('same') || coversEveryValue(args)) return 'every';
  return choices.every((choice) => choice === 'none') ? 'none' : 'some';
}

function rowsOfBooleanTest(body: PgNode, targets: TargetNames): RowChoice {
  const inner = rowsOf(body['arg'], targets);
  const type = textAt(body, 'booltesttype');
  if (type === 'IS_TRUE' || type === 'IS_NOT_FALSE') return inner;
  if (type === 'IS_FALSE' || type === 'IS_NOT_TRUE') return opposite[inner];
  return 'some';
}

/** Columns that hold a value in every row by their nature. */
const keyColumn = /^(id|uid|uuid|guid|pk|key|ctid|rowid|_rowid_|oid|.*_(id|uuid|key|pk))$/i;

function rowsOfNullTest(body: PgNode): RowChoice {
  const isNotNull = textAt(body, 'nulltesttype') === 'IS_NOT_NULL';
  const value = constantOf(body['arg']);
  if (value !== undefined) return (value !== null) === isNotNull ? 'every' : 'none';
  if (!keyColumn.test(columnOf(body['arg']))) return 'some';
  return isNotNull ? 'every' : 'none';
}

function rowsOfOperator(body: PgNode, targets: TargetNames): RowChoice {
  const kind = textAt(body, 'kind');
  const { lexpr: left, rexpr: right } = body;
  switch (kind) {
    case 'AEXPR_OP':
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT':
      return rowsOfComparison(comparisonOf(kind, body), left, right);
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
      return rowsOfPattern(operatorOf(body), right);
    case 'AEXPR_IN':
      return rowsOfList(body);
    case 'AEXPR_SIMILAR':
      return rowsOfPattern('~~', similarPattern(right));
    case 'AEXPR_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
      return rowsOf(bothOf(left, itemsOf(right)), targets);
    default:
      return 'some';
  }
}

/** PostgreSQL reads `SIMILAR TO x` as a call with `x`. */
function similarPattern(right: unknown): unknown {
  const { tag, body } = tagged(right);
  return tag === 'FuncCall' ? listAt(body, 'args')[0] : right;
}

function rowsOfList(body: PgNode): RowChoice {
  const choices = itemsOf(body['rexpr']).map((item) => rowsOfComparison('=', body['lexpr'], item));
  const isNone = choices.every((one) => one === 'none');
  const any = choices.includes('every') ? 'every' : isNone ? 'none' : 'some';
  return operatorOf(body) === '=' ? any : opposite[any];
}

function comparisonOf(kind: string, body: PgNode): string {
  if (kind === 'AEXPR_DISTINCT') return '<>';
  return kind === 'AEXPR_NOT_DISTINCT' ? '=' : operatorOf(body);
}

function bothOf(value: unknown, [low, high]: readonly PgNode[]): PgNode {
  const compare = (operator: string, bound: unknown): PgNode => ({
    A_Expr: { kind: 'AEXPR_OP', name: [{ String: { sval: operator } }], lexpr: value, rexpr: bound },
  });
  return { BoolExpr: { boolop: 'AND_EXPR', args: [compare('>=', low), compare('<=', high)] } };
}

function itemsOf(value: unknown): readonly PgNode[] {
  const list = Array.isArray(value) ? { items: value } : nodeAt({ value }, 'value')['List'];
  const node = nodeAt({ list }, 'list');
  return node['items'] === undefined ? [] : listAt(node, 'items');
}

function rowsOfComparison(operator: string, left: unknown, right: unknown): RowChoice {
  const [a, b] = [constantOf(left), constantOf(right)];
  if (a !== undefined && b !== undefined) return compareConstants(operator, a, b);
  if (/^(~\*?)$/.test(operator)) return rowsOfPattern(operator, right);
  if (isSelfComparison(left, right)) {
    if (/^(=|>=|<=)$/.test(operator)) return 'every';
    return /^(<>|!=|<|>)$/.test(operator) && isSameTree(left, right) ? 'none' : 'some';
  }
  return isEveryKey(operator, columnOf(left), b) ? 'every' : 'some';
}

function isEveryKey(operator: string, column: string, bound: Constant | undefined): boolean {
  return keyColumn.test(column) && (isBelowKeys(operator, bound) || isAboveKeys(operator, bound));
}

/** The greatest integer of four bytes: few tables count further. */
const greatestKey = 2_147_483_647;

function isAboveKeys(operator: string, bound: Constant | undefined): boolean {
  const value = typeof bound === 'string' && bound !== '' ? Number(bound) : bound;
  return /^<=?$/.test(operator) && typeof value === 'number' && value >= greatestKey;
}

/** `id > 0`, `id <> 0`: keys are counted from one, so these pick every row. */
function isBelowKeys(operator: string, bound: Constant | undefined): boolean {
  const value = bound === '' ? 0 : typeof bound === 'string' ? Number(bound) : bound;
  if (typeof value !== 'number' || Number.isNaN(value)) return false;
  if (operator === '>') return value <= 0;
  if (operator === '>=') return value <= 1;
  return (operator === '<>' || operator === '!=') && value <= 0;
}

/** `id = id`, `id = id + 0`, `name = name || ''`: a column against itself. */
function isSelfComparison(left: unknown, right: unknown): boolean {
  if (isSameTree(left, right)) return true;
  const [a, b] = [columnsIn(left), columnsIn(right)];
  return a.size === 1 && b.size === 1 && [...a][0] === [...b][0];
}

function compareConstants(operator: string, a: Constant, b: Constant): RowChoice {
  if (a === null || b === null) return 'none';
  const [x, y] = typeof a === typeof b ? [a, b] : [Number(a), Number(b)];
  const results: Readonly<Record<string, boolean>> = {
    '=': x === y,
    '<>': x !== y,
    '!=': x !== y,
    '<': x < y,
    '<=': x <= y,
    '>': x > y,
    '>=': x >= y,
  };
  const result = results[operator];
  return result === undefined ? 'same' : result ? 'every' : 'none';
}

/** `LIKE '%'` and `~ '.*'` match whatever there is. */
function rowsOfPattern(operator: string, pattern: unknown): RowChoice {
  const text = constantOf(pattern);
  if (typeof text !== 'string') return 'some';
  const matchesAll = operator.includes('~~') ? /^%+$/.test(text) : /^\^?(\.[*])?\$?$/.test(text);
  if (!matchesAll) return 'some';
  return operator.startsWith('!') ? 'none' : 'every';
}

function rowsOfSubquery(body: PgNode, targets: TargetNames): RowChoice {
  const select = nodeAt(nodeAt(body, 'subselect'), 'SelectStmt');
  if (textAt(body, 'subLinkType') !== 'ANY_SUBLINK') return 'some';
  const isWhole = select['whereClause'] === undefined && select['limitCount'] === undefined;
  const [from] = listAt(select, 'fromClause');
  const table = textAt(nodeAt(from ?? {}, 'RangeVar'), 'relname');
  const [column] = listAt(select, 'targetList');
  const picked = columnOf(nodeAt(column ?? {}, 'ResTarget')['val']);
  const isOwn = isWhole && targets.has(table) && picked !== '' && picked === columnOf(body['testexpr']);
  return isOwn ? 'every' : 'some';
}

function rowsOfCase(body: PgNode, targets: TargetNames): RowChoice {
  const results = listAt(body, 'args').map((arg) => rowsOf(nodeAt(arg, 'CaseWhen')['result'], targets));
  if (body['defresult'] === undefined) return 'some';
  results.push(rowsOf(body['defresult'], targets));
  const [first = 'some'] = results;
  return results.every((one) => one === first) ? first : 'some';
}

/** The last name of a column, or nothing. */
export function columnOf(node: unknown): string {
  const { tag, body } = tagged(node);
  return tag === 'ColumnRef' ? (namesOf(listAt(body, 'fields')).at(-1) ?? '') : '';
}

function columnsIn(node: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  visitTags(node, (tag, body) => {
    // What a subquery picks is not the row's own value.
    if (tag === 'SubLink') names.add('(');
    if (tag === 'SubLink') return false;
    if (tag === 'ColumnRef') names.add(namesOf(listAt(body, 'fields')).join('.'));
    return true;
  });
  return names;
}

/** A subquery speaks of the outer row only by that row's name, or where two bare columns are compared. */
function speaksOfTarget(condition: unknown, targets: TargetNames): boolean {
  let speaks = false;
  visitTags(condition, (tag, body) => {
    if (tag === 'SubLink') {
      speaks ||= speaksOfTarget(body['testexpr'], targets) || isCorrelated(body['subselect'], targets);
      return false;
    }
    if (tag === 'CurrentOfExpr') speaks = true;
    if (tag === 'ColumnRef') speaks ||= isOfTarget(namesOf(listAt(body, 'fields')), targets);
    return !speaks;
  });
  return speaks;
}

function isOfTarget(names: readonly string[], targets: TargetNames): boolean {
  const owner = names.at(-2);
  return owner === undefined || targets.size === 0 || targets.has(owner);
}

function isCorrelated(subquery: unknown, targets: TargetNames): boolean {
  let found = false;
  visitTags(subquery, (tag, body) => {
    if (tag === 'ColumnRef') {
      const owner = namesOf(listAt(body, 'fields')).at(-2);
      found ||= owner !== undefined && (targets.size === 0 || targets.has(owner));
    }
    if (tag === 'A_Expr') found ||= isBare(body['lexpr']) && isBare(body['rexpr']);
    return !found;
  });
  return found;
}

function isBare(node: unknown): boolean {
  const { tag, body } = tagged(node);
  return tag === 'ColumnRef' && listAt(body, 'fields').length === 1;
}
