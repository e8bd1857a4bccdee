/** Code within statements: DO blocks and the bodies of functions. */
import { constantTextOf } from './pg-constant.ts';
import type { PgContext } from './pg-context.ts';
import { isNode, listAt, namesOf, nodeAt, textAt, visitTags, type PgNode } from './pg-node.ts';

interface Body {
  readonly language: string;
  readonly texts: readonly string[];
}

export function judgeBodies(text: string, statements: readonly PgNode[], context: PgContext): void {
  const inner = { ...context, depth: context.depth + 1, prepared: new Set<string>() };
  let hasPlPgSql = false;
  visitTags(statements, (tag, node) => {
    if (tag !== 'DoStmt' && tag !== 'CreateFunctionStmt') return true;
    const body = tag === 'DoStmt' ? bodyOf(listAt(node, 'args'), 'plpgsql') : bodyOf(listAt(node, 'options'), 'sql');
    if (listAt(node, 'options').some(isSecurityDefiner))
      context.findings.add('privilege', 'a function runs as its owner');
    if (body.language === 'plpgsql') hasPlPgSql = true;
    else judgeBody(body, inner);
    return true;
  });
  if (hasPlPgSql) judgePlPgSql(text, inner);
}

function bodyOf(elements: readonly PgNode[], defaultLanguage: string): Body {
  const options = new Map(
    elements.map((element) => {
      const { defname, arg } = nodeAt(element, 'DefElem');
      return [String(defname), arg] as const;
    }),
  );
  const language = stringsIn(options.get('language'))[0] ?? defaultLanguage;
  return { language: language.toLowerCase(), texts: stringsIn(options.get('as')) };
}

function stringsIn(node: unknown): readonly string[] {
  if (!isNode(node)) return [];
  const list = nodeAt(node, 'List');
  return list['items'] === undefined ? namesOf([node]) : namesOf(listAt(list, 'items'));
}

function isSecurityDefiner(option: PgNode): boolean {
  const { defname, arg } = nodeAt(option, 'DefElem');
  return defname === 'security' && isNode(arg) && nodeAt(arg, 'Boolean')['boolval'] === true;
}

function judgeBody({ language, texts }: Body, context: PgContext): void {
  if (language === 'sql') {
    for (const text of texts) {
      if (!context.judgeText(text, context)) context.findings.add('opaque', 'a body that does not parse');
    }
  } else if (/^(c|internal|plpython\w*|plperlu|pltclu|plsh|pljavau?|plr)$/.test(language)) {
    context.findings.add('host', 'a body in a language that reaches the server');
  } else context.findings.add('opaque', 'a body in a language that is not judged');
}

function judgePlPgSql(text: string, context: PgContext): void {
  let functions: unknown;
  try {
    functions = context.parser.parsePlPgSQLSync(text);
  } catch {
    context.findings.add('opaque', 'a body that does not parse');
    return;
  }
  visitTags(functions, (tag, node) => {
    if (tag === 'PLpgSQL_stmt_dynexecute' || tag === 'PLpgSQL_stmt_dynfors') return judgeDynamic(node, context);
    if (tag === 'PLpgSQL_stmt_open' || tag === 'PLpgSQL_stmt_return_query') return judgeQuery(node, context);
    if (tag === 'PLpgSQL_expr') judgeExpression(node, context);
    if (tag === 'PLpgSQL_stmt_call') context.findings.add('opaque', 'CALL of a procedure');
    return true;
  });
}

/** EXECUTE of a text: judged where the text stands there whole. The parts below are expressions. */
function judgeDynamic(node: PgNode, context: PgContext): boolean {
  judgeDynamicText(nodeAt(nodeAt(node, 'query'), 'PLpgSQL_expr'), context);
  return true;
}

function judgeQuery(node: PgNode, context: PgContext): boolean {
  const dynamic = nodeAt(nodeAt(node, 'dynquery'), 'PLpgSQL_expr');
  if (node['dynquery'] !== undefined) judgeDynamicText(dynamic, context);
  return true;
}

function judgeDynamicText(expression: PgNode, context: PgContext): void {
  const text = constantTextOf(valueOf(textAt(expression, 'query'), context));
  if (text === undefined) context.findings.add('opaque', 'EXECUTE of a text that is built when it runs');
  else if (!context.judgeText(text, { ...context, depth: context.depth + 1 })) {
    context.findings.add('opaque', 'EXECUTE of a text that does not parse');
  }
}

function valueOf(expression: string, { parser }: PgContext): unknown {
  try {
    const tree = parser.parseSync(`SELECT (${expression})`);
    const [statement] = listAt(isNode(tree) ? tree : {}, 'stmts');
    const [column] = listAt(nodeAt(nodeAt(statement ?? {}, 'stmt'), 'SelectStmt'), 'targetList');
    return nodeAt(column ?? {}, 'ResTarget')['val'];
  } catch {
    return undefined;
  }
}

const expressionMode = 2;

function judgeExpression(node: PgNode, context: PgContext): void {
  const text = textAt(node, 'query');
  const mode = typeof node['parseMode'] === 'number' ? node['parseMode'] : 0;
  if (text === '') return;
  // "x := value": the value alone. PostgreSQL takes "=" for ":=".
  const value = mode > expressionMode ? text.replace(/^[^=]*?:?=/, '') : text;
  const statement = mode === 0 ? text : `SELECT (${value})`;
  const isJudged =
    context.judgeText(statement, context) || (mode !== 0 && context.judgeText(`SELECT ${value}`, context));
  if (!isJudged) context.findings.add('opaque', 'a part of a body that does not parse');
}
