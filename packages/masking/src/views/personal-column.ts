import { numberLabels, phoneWords } from '../personal/labels.ts';

const maxName = 64;
const labels = [...numberLabels.flatMap(({ words }) => words), ...phoneWords, 'number', 'email', 'ip'];
const compactLabels: ReadonlySet<string> = new Set(labels.map(compact));
const maxWords = 4;

/** True for a column's name that has a word for a personal number in it: `customer_ssn`, `Card number`, `phone2`. */
export function isPersonalName(name: string): boolean {
  if (name.length > maxName) return false;
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z']+/)
    .filter((word) => word !== '');
  return words.some((_, at) => {
    const ends = Array.from({ length: maxWords }, (__, length) => at + length + 1);
    return ends.some((end) => end <= words.length && compactLabels.has(compact(words.slice(at, end).join(''))));
  });
}

function compact(words: string): string {
  return words.toLowerCase().replaceAll(/[^a-z]+/g, '');
}
