import { createOffsetMap } from './offset-map.ts';
import type { TextView } from './text-view.ts';

const lineEnd = /[\r\n]/;
const minDoubled = 2;

/**
 * The quoted cells of comma-, semicolon- or tab-separated values whose own quotes stand doubled, each as it reads. A cell
 * begins behind a separator or a line end and ends before one; a place is read once.
 */
export function readQuotedCells(text: string): readonly TextView[] {
  const views: TextView[] = [];
  let at = text.includes('""') ? text.indexOf('"') : -1;
  while (at >= 0) {
    const end = isCellStart(text, at) ? cellEnd(text, at + 1) : at;
    if (end > at + 1 && isCellEnd(text, end + 1)) {
      const view = toView(text, at + 1, end);
      if (view !== undefined) views.push(view);
    }
    at = text.indexOf('"', end + 1);
  }
  return views;
}

function isCellStart(text: string, at: number): boolean {
  return at === 0 || /[,;\t\n]/.test(text.charAt(at - 1));
}

function isCellEnd(text: string, at: number): boolean {
  return at >= text.length || /[,;\t]/.test(text.charAt(at)) || lineEnd.test(text.charAt(at));
}

/** The quote that is not doubled, or the text's end. */
function cellEnd(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charAt(at + 1) === '"') at = text.indexOf('"', at + 2);
  return at < 0 ? text.length : at;
}

function toView(text: string, start: number, end: number): TextView | undefined {
  const parts = text.slice(start, end).split('""');
  if (parts.length <= minDoubled) return undefined;
  const units = { viewFrom: [] as number[], viewTo: [] as number[], from: [] as number[], to: [] as number[] };
  let view = 0;
  let source = start;
  for (const part of parts.slice(0, -1)) {
    view += part.length + 1;
    source += part.length + 2;
    units.viewFrom.push(view - 1);
    units.viewTo.push(view);
    units.from.push(source - 2);
    units.to.push(source);
  }
  return { text: parts.join('"'), map: createOffsetMap(units, start) };
}
