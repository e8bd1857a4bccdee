/** `matchesAny` of the secret and a list of strings, perhaps negated. */
const listPattern = /(!?)matchesAny\(finding\["secret"\],\s*\[\s*((?:(?:`[^`]*`|"(?:[^"\\]|\\.)*")\s*,?\s*)*)\]\)/g;

/** What a rule demands of a secret beyond its pattern: the entropy, patterns that it must and must not match. */
export function filtersOf(rule) {
  const own = (rule.filter ?? '').replaceAll('filter.', '');
  const lists = [...own.matchAll(listPattern)];
  const listed = (mark) => lists.filter(([, not]) => not === mark).flatMap(([, , list]) => stringsOf(list));
  const allowed = (rule.allowlists ?? []).filter(({ regexTarget }) => regexTarget === undefined);
  return {
    ...entropyOf(rule, own),
    needs: [...(rule.needs ?? []), ...listed('!')],
    rejects: [...listed(''), ...allowed.flatMap(({ regexes = [] }) => regexes)].filter((pattern) => !isValue(pattern)),
  };
}

function entropyOf(rule, filter) {
  const found = /^\s*(?:\|\|\s*)?entropy\(finding\["secret"\]\) (<=?) ([\d.]+)/m.exec(filter);
  if (found === null) return { minEntropy: rule.entropy ?? 0, isExclusive: true };
  return { minEntropy: Number(found[2]), isExclusive: found[1] === '<=' };
}

function stringsOf(list) {
  return [...list.matchAll(/`([^`]*)`|"((?:[^"\\]|\\.)*)"/g)].map(([, raw, text]) => raw ?? JSON.parse(`"${text}"`));
}

/** A published value that a rule lets pass: values do not become rules here. */
function isValue(pattern) {
  return !/[.^$*+?()[\]{}|]/.test(pattern.replaceAll(/\\[^A-Za-z]/g, '').replace(/^\^/, ''));
}
