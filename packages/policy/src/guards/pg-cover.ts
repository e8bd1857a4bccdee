/** Alternatives that together let every value through: `a IS NULL OR a IS NOT NULL`, `a > 5 OR a < 10`. */
import { constantOf, operatorOf } from './pg-constant.ts';
import { isSameTree, tagged, textAt, type PgNode } from './pg-node.ts';

interface Test {
  readonly subject: unknown;
  readonly operator: string;
  readonly bound: unknown;
}

export function coversEveryValue(alternatives: readonly PgNode[]): boolean {
  const tests = alternatives.slice(0, 32).map(toTest);
  return tests.some((a, index) => tests.slice(index + 1).some((b) => isSameTree(a.subject, b.subject) && cover(a, b)));
}

function toTest(node: PgNode): Test {
  const { tag, body } = tagged(node);
  if (tag === 'NullTest') return { subject: body['arg'], operator: textAt(body, 'nulltesttype'), bound: undefined };
  if (tag === 'A_Expr' && textAt(body, 'kind') === 'AEXPR_OP') {
    return { subject: body['lexpr'], operator: operatorOf(body), bound: body['rexpr'] };
  }
  if (tag === 'BoolExpr' && textAt(body, 'boolop') === 'NOT_EXPR') {
    const args = body['args'];
    return { subject: Array.isArray(args) ? (args[0] as unknown) : undefined, operator: 'NOT', bound: undefined };
  }
  return { subject: node, operator: 'IS', bound: undefined };
}

const complements = new Set(['IS_NULL IS_NOT_NULL', 'IS NOT', '= <>', '= !=', '< >=', '> <=', '>= <=']);

function cover(a: Test, b: Test): boolean {
  if (isSameTree(a.bound, b.bound)) {
    return complements.has(`${a.operator} ${b.operator}`) || complements.has(`${b.operator} ${a.operator}`);
  }
  return (isUnequal(a) && isUnequal(b) && areConstant(a, b)) || overlap(a, b) || overlap(b, a);
}

function areConstant(a: Test, b: Test): boolean {
  return constantOf(a.bound) !== undefined && constantOf(b.bound) !== undefined;
}

/** `x > 5 OR x < 10` */
function overlap(above: Test, below: Test): boolean {
  const [low, high] = [constantOf(above.bound) ?? null, constantOf(below.bound) ?? null];
  return isAbove(above) && isBelow(below) && low !== null && high !== null && low <= high;
}

function isUnequal({ operator }: Test): boolean {
  return operator === '<>' || operator === '!=';
}

function isAbove({ operator }: Test): boolean {
  return operator === '>' || operator === '>=';
}

function isBelow({ operator }: Test): boolean {
  return operator === '<' || operator === '<=';
}
