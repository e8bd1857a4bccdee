/** What PostgreSQL would do with a text, by its own grammar. */
import { listAt, namesOf, nodeAt, tagged, textAt, visitTags, isNode, type PgNode } from './pg-node.ts';
import { constantOf, operatorOf } from './pg-constant.ts';
import { judgeBodies } from './pg-bodies.ts';
import type { PgContext, PgParser } from './pg-context.ts';
import { fixedVerdicts, harmlessSetting, privilegeSetting } from './pg-statements.ts';
import { columnOf, isUnbounded, type TargetNames } from './pg-where.ts';
import { judgeFunction } from './sql-functions.ts';
import { SqlFindings, type SqlFinding } from './sql-findings.ts';

const maxDepth = 8;

/** What the text does, or undefined where PostgreSQL would refuse it whole. */
export function judgePg(text: string, parser: PgParser, isPgOnly: boolean): readonly SqlFinding[] | undefined {
  const findings = new SqlFindings();
  const isParsed = judgePgText(text, {
    parser,
    isPgOnly,
    depth: 0,
    findings,
    prepared: new Set(),
    judgeText: judgePgText,
  });
  return isParsed ? findings.list : undefined;
}

/** False: it does not parse. */
function judgePgText(text: string, context: PgContext): boolean {
  if (context.depth > maxDepth) {
    context.findings.add('opaque', 'texts within texts, too deep');
    return true;
  }
  let tree: unknown;
  try {
    tree = context.parser.parseSync(text);
  } catch {
    return false;
  }
  const statements = listAt(isNode(tree) ? tree : {}, 'stmts').map((statement) => nodeAt(statement, 'stmt'));
  let hasBodies = false;
  visitTags(statements, (tag, body) => {
    hasBodies ||= tag === 'DoStmt' || tag === 'CreateFunctionStmt';
    return judgeTag(tag, body, context);
  });
  if (hasBodies) judgeBodies(text, statements, context);
  return true;
}

/** Whether to look below. */
function judgeTag(tag: string, body: PgNode, context: PgContext): boolean {
  const special = specials[tag];
  if (special !== undefined) return special(body, context);
  if (!tag.endsWith('Stmt')) return true;
  const verdict = fixedVerdicts.get(tag);
  if (verdict === undefined) context.findings.add('opaque', 'a statement that is not known');
  else if (verdict !== 'read') context.findings.add(verdict, `the statement ${tag.replace(/Stmt$/, '')}`);
  return true;
}

const specials: Readonly<Record<string, (body: PgNode, context: PgContext) => boolean>> = {
  FuncCall: judgeCall,
  IntoClause: (_, { findings }) => {
    findings.add('ddl', 'the statement makes a table of its rows');
    return true;
  },
  SelectStmt: (body, { findings }) => {
    if (body['intoClause'] !== undefined) findings.add('ddl', 'SELECT INTO makes a table');
    return true;
  },
  DeleteStmt: (body, context) => judgeChange('DELETE', body, context),
  UpdateStmt: (body, context) => judgeChange('UPDATE', body, context),
  MergeStmt: judgeMerge,
  ExplainStmt: judgeExplain,
  CopyStmt: judgeCopy,
  VariableSetStmt: judgeSetting,
  DiscardStmt: (body, { findings }) => {
    if (textAt(body, 'target') === 'DISCARD_ALL') findings.add('privilege', 'DISCARD ALL goes back to the login role');
    return false;
  },
  TransactionStmt: (body, { findings }) => {
    if (/PREPARE/.test(textAt(body, 'kind'))) findings.add('bounded_write', 'a two-phase transaction');
    return false;
  },
  PrepareStmt: (body, { prepared }) => {
    prepared.add(textAt(body, 'name'));
    return true;
  },
  ExecuteStmt: (body, { findings, prepared }) => {
    if (!prepared.has(textAt(body, 'name'))) findings.add('opaque', 'EXECUTE of what another text prepared');
    return true;
  },
  RangeTableFunc: () => true,
  // Their bodies: see pg-bodies.ts.
  DoStmt: () => false,
};

function judgeCall(body: PgNode, { findings, isPgOnly }: PgContext): boolean {
  const names = namesOf(listAt(body, 'funcname'));
  findings.take(judgeFunction((names.at(-1) ?? '').toLowerCase(), names.at(-2)?.toLowerCase(), isPgOnly));
  return true;
}

function judgeChange(verb: string, body: PgNode, { findings }: PgContext): boolean {
  const condition = body['whereClause'];
  const reason = condition === undefined ? `${verb} without WHERE` : `${verb} whose WHERE picks every row`;
  if (isUnbounded(condition, targetsOf(body)) || isJoinedWithItself(condition, body))
    findings.add('unbounded_write', reason);
  else findings.add('bounded_write', `${verb} of some rows`);
  return true;
}

/** `DELETE FROM t USING t AS u WHERE t.id = u.id` meets every row. */
function isJoinedWithItself(condition: unknown, body: PgNode): boolean {
  const table = textAt(nodeAt(body, 'relation'), 'relname');
  const others = [...listAt(body, 'usingClause'), ...listAt(body, 'fromClause')];
  const { tag, body: comparison } = tagged(condition);
  if (tag !== 'A_Expr' || operatorOf(comparison) !== '=') return false;
  const [one, other] = [columnOf(comparison['lexpr']), columnOf(comparison['rexpr'])];
  return one !== '' && one === other && others.some((from) => textAt(nodeAt(from, 'RangeVar'), 'relname') === table);
}

function targetsOf(body: PgNode): TargetNames {
  const relation = nodeAt(body, 'relation');
  const alias = textAt(nodeAt(relation, 'alias'), 'aliasname');
  return new Set([textAt(relation, 'relname'), alias].filter((name) => name !== ''));
}

function judgeMerge(body: PgNode, { findings }: PgContext): boolean {
  const clauses = listAt(body, 'mergeWhenClauses').map((clause) => nodeAt(clause, 'MergeWhenClause'));
  const changes = clauses.filter((clause) => /DELETE|UPDATE/.test(textAt(clause, 'commandType')));
  const source = textAt(nodeAt(nodeAt(body, 'sourceRelation'), 'RangeVar'), 'relname');
  const targets = targetsOf(body);
  const isWide = isUnbounded(body['joinCondition'], targets) || (source !== '' && targets.has(source));
  const isUnfenced = changes.some(
    (clause) =>
      isUnbounded(clause['condition'], targets) &&
      (isWide || /NOT_MATCHED_BY_SOURCE/.test(textAt(clause, 'matchKind'))),
  );
  if (isUnfenced) findings.add('unbounded_write', 'MERGE that changes every row');
  else findings.add('bounded_write', 'MERGE');
  return true;
}

/** Without ANALYZE nothing runs but what planning folds. */
function judgeExplain(body: PgNode, { findings, isPgOnly }: PgContext): boolean {
  const isRun = listAt(body, 'options').some((option) => {
    const { defname, arg } = nodeAt(option, 'DefElem');
    if (defname !== 'analyze') return false;
    const value = arg === undefined ? 'true' : settingText(arg);
    return !/^(false|off|0)$/i.test(value);
  });
  if (isRun) return true;
  visitTags(body['query'], (tag, inner) => {
    if (tag !== 'FuncCall') return true;
    const names = namesOf(listAt(inner, 'funcname'));
    findings.take(judgeFunction((names.at(-1) ?? '').toLowerCase(), names.at(-2)?.toLowerCase(), isPgOnly));
    return true;
  });
  return false;
}

function settingText(node: unknown): string {
  const { tag, body } = tagged(node);
  if (tag === 'String') return textAt(body, 'sval');
  if (tag === 'Boolean') return body['boolval'] === true ? 'true' : 'false';
  if (tag === 'Integer') return body['ival'] === undefined ? '0' : '1';
  const value = constantOf(node);
  return value === undefined ? '' : String(value);
}

function judgeCopy(body: PgNode, { findings }: PgContext): boolean {
  if (body['is_program'] === true) findings.add('host', 'COPY runs a program');
  else if (body['filename'] !== undefined) findings.add('host', 'COPY reads or writes a file of the server');
  else if (body['is_from'] === true) findings.add('bounded_write', 'COPY adds rows');
  return true;
}

function judgeSetting(body: PgNode, { findings }: PgContext): boolean {
  const name = textAt(body, 'name');
  const kind = textAt(body, 'kind');
  if (kind === 'VAR_RESET_ALL' || privilegeSetting.test(name))
    findings.add('privilege', 'SET changes who asks, or what holds');
  else if (!harmlessSetting.test(name)) findings.add('opaque', 'SET of a setting that is not known');
  return false;
}
