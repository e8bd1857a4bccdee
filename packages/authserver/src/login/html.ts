/** Escaped by construction: text put into a template becomes text on the page, whatever it holds. */
export interface Html {
  readonly kind: 'html';
  readonly text: string;
}

type Value = string | number | Html | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** A template whose values are escaped, unless they are templates themselves. Attributes must be quoted. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const text = parts.map((part, index) => part + toText(values[index] ?? '')).join('');
  return { kind: 'html', text };
}

function toText(value: Value): string {
  if (typeof value === 'object') return 'kind' in value ? value.text : value.map(({ text }) => text).join('');
  return String(value).replace(/[&<>"'`]/g, (char) => entities[char] ?? '');
}

/** Foreign text fit to be shown in a line: without control and direction characters, cut at `maxLength`. */
export function toShown(text: string, maxLength: number): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean;
}
