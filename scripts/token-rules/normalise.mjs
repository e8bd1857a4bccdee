/** What stands for the operator between a name and its value in the sources; here it is one item. */
const operator = String.raw`(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}`;
const gaps = [String.raw`(?:[ \t\w.-]{0,20})[\s'"]{0,3}`, String.raw`(?:[ \t\w.-]{0,20})[\s'"]{0,3})`];
const endings = [
  String.raw`(?:\\?['"\x60]|[\s;]|\\[nr]|$)`,
  String.raw`(?:[\x60'"\s;]|\\[nr]|$)`,
  String.raw`(?:['|\"|\n|\r|\s|\x60|;]|$)`,
];
/** Writes the parts that nearly all rules share as one item each: `\=` before a value, `\;` and `\>` behind one. */
export function shorten(regex) {
  // A dot between letters is a dot, though the sources forget to say so.
  let text = regex.replaceAll(/(?<=[a-z])\.(?=[a-z])/g, String.raw`\.`);
  const [plain, closing] = gaps;
  const isAssigned = text.includes(operator);
  // A name may be preceded by anything, so what gitleaks reads before a service's name changes nothing.
  text = text.replaceAll(String.raw`[\w.-]{0,50}?`, '');
  text = text.replaceAll(closing + operator, String.raw`)\=`).replaceAll(plain + operator, String.raw`\=`);
  for (const ending of endings) text = text.replaceAll(ending, isAssigned ? String.raw`\;` : String.raw`\>`);
  return text;
}

/** Keeps one mark of the secret: the group that the rule names, else the outermost of the first that take part. */
export function withOneSecret(node, group, dropAll) {
  let count = 0;
  const visit = (part, isInside) => {
    if (part.kind === 'secret') {
      count += 1;
      const isIt = !dropAll && !isInside && (group === undefined || count === group);
      const item = visit(part.item, isInside || isIt);
      return isIt ? { ...part, item } : item;
    }
    if (part.kind === 'repeat') return { ...part, item: visit(part.item, true) };
    if (part.kind === 'choice') return { ...part, options: part.options.map((option) => visit(option, isInside)) };
    if (part.kind === 'sequence') return { ...part, items: part.items.map((item) => visit(item, isInside)) };
    return part;
  };
  return flatten(visit(node, false));
}

function flatten(node) {
  if (node.kind === 'sequence') {
    const items = node.items.map(flatten).flatMap((item) => (item.kind === 'sequence' ? item.items : [item]));
    return items.length === 1 ? items[0] : { kind: 'sequence', items };
  }
  if (node.kind === 'choice') return { kind: 'choice', options: node.options.map(flatten) };
  if (node.kind === 'repeat' || node.kind === 'secret') return { ...node, item: flatten(node.item) };
  return node;
}

/** A character before or behind a token that is read only to see that it is none of the token's is a border. */
export function withBorders(node) {
  if (node.kind !== 'sequence') return node;
  const items = [...node.items];
  if (isEdge(items[0], 'text-start')) items[0] = { kind: 'border', at: 'open' };
  if (isEdge(items.at(-1), 'text-end'))
    items[items.length - 1] = { kind: 'border', at: isNegative(items.at(-1)) ? 'close' : 'value-end' };
  return { kind: 'sequence', items };
}

function isEdge(node, at) {
  if (node?.kind !== 'choice') return false;
  return node.options.every((option) => option.kind === 'chars' || (option.kind === 'border' && option.at === at));
}

/** True where the character is any but a few. */
function isNegative({ options }) {
  return options.some((option) => option.kind === 'chars' && option.set.at(-1) === 1);
}

/** One pattern for each option of a choice at the given place. */
export function distribute(node) {
  if (node.kind === 'choice') return node.options.flatMap(distribute);
  if (node.kind === 'secret') return distribute(node.item).map((item) => ({ ...node, item }));
  if (node.kind !== 'sequence') return [node];
  const index = node.items.findIndex(
    (item) => item.kind === 'choice' || (item.kind === 'secret' && item.item.kind === 'choice'),
  );
  if (index < 0) return [node];
  return distribute(node.items[index]).map((option) =>
    flatten({ kind: 'sequence', items: [...node.items.slice(0, index), option, ...node.items.slice(index + 1)] }),
  );
}
