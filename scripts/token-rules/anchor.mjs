import { membersOf } from './pattern-text.mjs';

const maxStrings = 40;
/** Longer keywords would only make the automaton larger. */
const maxLength = 8;
const maxBack = 128;
const other = 128;
const blobChars = /[A-Za-z0-9+/_=-]/;

/** The items of a pattern in order, groups without a choice dissolved. */
export function itemsOf(node) {
  if (node.kind === 'sequence') return node.items.flatMap(itemsOf);
  if (node.kind === 'secret') return itemsOf(node.item);
  return [node];
}

/**
 * Where a scan finds the pattern: the keywords, one of which every match holds, and how many characters lie between the
 * match's start and the keyword. Where no part is marked enough, the run of characters `@blob` or `@digits`.
 */
export function anchorOf(node, keywords) {
  const items = itemsOf(node);
  const candidates = [];
  for (let index = 0; index < items.length; index += 1) {
    const back = widthOf({ kind: 'sequence', items: items.slice(0, index) });
    if (back.max > maxBack) break;
    const strings = literalsFrom(items, index);
    const length = Math.min(...strings.map((text) => text.length));
    if (length >= 3) candidates.push({ strings, back, length });
  }
  const isNamed = ({ strings }) => strings.every((text) => keywords.some((keyword) => text.includes(keyword)));
  const best =
    candidates.find((candidate) => candidate.back.max === 0 && (isNamed(candidate) || candidate.length > 3)) ??
    candidates.find((candidate) => isNamed(candidate)) ??
    candidates.find((candidate) => candidate.back.max === 0) ??
    candidates.toSorted((a, b) => b.length - a.length)[0];
  if (best !== undefined) return { keywords: prune(best.strings), min: best.back.min, max: best.back.max };
  return runAnchor(items);
}

/** A string that holds another of them need not be a keyword itself. */
function prune(strings) {
  const cut = [...new Set(strings.map((text) => text.slice(0, maxLength)))];
  return cut
    .filter((text) => !cut.some((shorter) => shorter !== text && text.startsWith(shorter)))
    .toSorted(byCodeUnits);
}

function byCodeUnits(a, b) {
  return a < b ? -1 : Number(a > b);
}

function isRun(item, pattern, min) {
  return item.kind === 'repeat' && item.item.kind === 'chars' && item.min >= min && isWithin(item.item, pattern);
}

function runAnchor(items) {
  const [first] = items.filter(({ kind }) => kind !== 'border');
  if (first !== undefined && isRun(first, /\d/, 4)) return { keywords: ['@digits'], min: 0, max: 0 };
  const index = items.findIndex((item) => isRun(item, blobChars, 18));
  if (index < 0) return undefined;
  let start = index;
  while (start > 0 && isBlobLike(items[start - 1])) start -= 1;
  const back = widthOf({ kind: 'sequence', items: items.slice(0, start) });
  return back.max > maxBack ? undefined : { keywords: ['@blob'], min: back.min, max: back.max };
}

function isBlobLike(item) {
  if (item.kind === 'border') return true;
  return item.kind === 'chars' ? isWithin(item, blobChars) : item.kind === 'repeat' && isWithin(item.item, blobChars);
}

function isWithin(node, pattern) {
  return node.kind === 'chars' && node.set[other] !== 1 && membersOf(node.set).every((char) => pattern.test(char));
}

export function widthOf(node) {
  if (node.kind === 'chars') return { min: 1, max: 1 };
  if (node.kind === 'border') return { min: 0, max: 0 };
  if (node.kind === 'operator') return { min: 1, max: 32 };
  if (node.kind === 'secret') return widthOf(node.item);
  if (node.kind === 'repeat') {
    const inner = widthOf(node.item);
    return { min: inner.min * node.min, max: inner.max * node.max };
  }
  const widths = (node.kind === 'choice' ? node.options : node.items).map(widthOf);
  if (node.kind === 'choice')
    return { min: Math.min(...widths.map(({ min }) => min)), max: Math.max(...widths.map(({ max }) => max)) };
  return { min: sum(widths.map(({ min }) => min)), max: sum(widths.map(({ max }) => max)) };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function literalsFrom(items, index) {
  return expand({ kind: 'sequence', items: items.slice(index) }).strings;
}

/** Lower-case strings, one of which every match of the node begins with; `isWhole` where the strings are all of it. */
function expand(node) {
  if (node.kind === 'chars') return expandChars(node);
  if (node.kind === 'border') return { strings: [''], isWhole: true };
  if (node.kind === 'secret') return expand(node.item);
  if (node.kind === 'choice') return expandChoice(node.options.map(expand));
  if (node.kind === 'sequence') return expandSequence(node.items);
  if (node.kind === 'operator') return { strings: [''], isWhole: false };
  return expandRepeat(node);
}

function expandChars({ set }) {
  const letters = [...new Set(membersOf(set).map((char) => char.toLowerCase()))];
  const isPlain =
    set[other] !== 1 && letters.length <= 3 && letters.every((char) => char >= ' ' && char !== '"' && char !== '\\');
  return isPlain ? { strings: letters, isWhole: true } : { strings: [''], isWhole: false };
}

function expandChoice(options) {
  const strings = [...new Set(options.flatMap((option) => option.strings))];
  if (strings.length > maxStrings) return { strings: [''], isWhole: false };
  return { strings, isWhole: options.every(({ isWhole }) => isWhole) };
}

function expandRepeat({ item, min, max }) {
  const inner = expand(item);
  if (min === 0 && max === 1) return expandChoice([inner, { strings: [''], isWhole: true }]);
  if (min === 0) return { strings: [''], isWhole: false };
  const copies = expandSequence(Array.from({ length: Math.min(min, 8) }, () => item));
  return { strings: copies.strings, isWhole: copies.isWhole && min === max && min <= 8 };
}

function expandSequence(items) {
  let strings = [''];
  for (const item of items) {
    const next = expand(item);
    const joined = [...new Set(strings.flatMap((text) => next.strings.map((more) => text + more)))];
    if (joined.length > maxStrings || Math.min(...strings.map(({ length }) => length)) >= maxLength)
      return { strings, isWhole: false };
    strings = joined;
    if (!next.isWhole) return { strings, isWhole: false };
  }
  return { strings, isWhole: true };
}
