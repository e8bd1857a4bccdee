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
  const pairs = [`${a.operator} ${b.operator}`, `${b.operator} ${a.operator}`];
  if (isSameTree(a.bound, b.bound)) return pairs.some((pair) => complements.has(pair));
  const [x, y] = [constantOf(a.bound), constantOf(b.bound)];
  if (x === undefined || y === undefined || x === null || y === null) return false;
  if (/^(<>|!=)$/.test(a.operator) && /^(<>|!=)$/.test(b.operator)) return true;
  if (a.operator.startsWith('>') && b.operator.startsWith('<')) return x <= y;
  return a.operator.startsWith('<') && b.operator.startsWith('>') ? y <= x : false;
}
