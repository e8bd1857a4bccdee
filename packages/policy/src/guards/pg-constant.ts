/** Constants of the PostgreSQL syntax tree. */
import { isNode, listAt, namesOf, nodeAt, tagged, textAt, type PgNode } from './pg-node.ts';

export type Constant = string | number | boolean | null;

/** The value of a literal, also of a cast or negated one, or undefined. */
export function constantOf(node: unknown): Constant | undefined {
  const { tag, body } = tagged(node);
  if (tag === 'TypeCast') return constantOf(body['arg']);
  if (tag === 'A_Const') return literalOf(body);
  if (tag === 'A_Expr' && body['lexpr'] === undefined && operatorOf(body) === '-') {
    const value = constantOf(body['rexpr']);
    return typeof value === 'number' ? -value : undefined;
  }
  return undefined;
}

function literalOf(body: PgNode): Constant | undefined {
  if (body['isnull'] === true) return null;
  if (isNode(body['sval'])) return textAt(nodeAt(body, 'sval'), 'sval');
  if (isNode(body['boolval'])) return nodeAt(body, 'boolval')['boolval'] === true;
  if (isNode(body['fval'])) return Number(textAt(nodeAt(body, 'fval'), 'fval'));
  if (!isNode(body['ival'])) return undefined;
  const value = nodeAt(body, 'ival')['ival'];
  return typeof value === 'number' ? value : 0;
}

export function operatorOf(expression: PgNode): string {
  return namesOf(listAt(expression, 'name')).at(-1) ?? '';
}

/** The text that an expression of literals builds (`'a' || 'b'`, `concat('a', 'b')`), or undefined. */
export function constantTextOf(node: unknown): string | undefined {
  const value = constantOf(node);
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const { tag, body } = tagged(node);
  if (tag === 'A_Expr' && operatorOf(body) === '||') return joined([body['lexpr'], body['rexpr']]);
  const isConcat = tag === 'FuncCall' && namesOf(listAt(body, 'funcname')).at(-1) === 'concat';
  return isConcat ? joined(listAt(body, 'args')) : undefined;
}

function joined(nodes: readonly unknown[]): string | undefined {
  const texts = nodes.map(constantTextOf);
  return texts.some((text) => text === undefined) ? undefined : texts.join('');
}
