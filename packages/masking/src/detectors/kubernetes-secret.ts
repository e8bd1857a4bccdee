import { work } from '../scan/work.ts';
import type { Detector, Finding } from './detector.ts';

/** Manifests longer than this on either side of their kind are seen in part. */
const reach = 4096;
const minBase64 = 10;
const minPlain = 4;
const kindLine = /^[ \t]*["']?kind["']?:[ \t]*["']?secret["']?[ \t]*$/i;
const dataLine = /^([ \t]*)["']?(data|stringData)["']?:[ \t]*$/;
const entryLine = /^([ \t]*)(?:["']?[\w.-]{1,128}["']?:[ \t]*)(.*)$/;
const base64Value = /^["']?([A-Za-z0-9+/]+={0,3})["']?[ \t]*$/;

interface Line {
  readonly start: number;
  readonly text: string;
}

interface Block {
  readonly indent: number;
  readonly isPlain: boolean;
}

/** The values under `data` and `stringData` of a Secret in YAML, wherever in the document its kind is said. */
export const kubernetesSecretDetector: Detector = {
  id: 'kubernetes-secret',
  keywords: ['kind:'],
  verify: () => undefined,
  search: { reach, find: findSecrets },
  isPlausible: (text, _from, to) => /secret/i.test(text.slice(to, to + 16)),
};

function findSecrets(text: string, start: number, end: number): readonly Finding[] {
  work.read += end - start;
  const documents: Line[][] = [[]];
  for (const line of linesOf(text, start, end)) {
    if (line.text.startsWith('---')) documents.push([]);
    else documents.at(-1)?.push(line);
  }
  return documents.filter((lines) => lines.some((line) => kindLine.test(line.text))).flatMap(findInDocument);
}

function linesOf(text: string, start: number, end: number): readonly Line[] {
  const lines: Line[] = [];
  for (let at = start; at < end;) {
    const newline = text.indexOf('\n', at);
    const stop = newline < 0 || newline > end ? end : newline;
    lines.push({ start: at, text: text.slice(at, text.charAt(stop - 1) === '\r' ? stop - 1 : stop) });
    at = stop + 1;
  }
  return lines;
}

function findInDocument(lines: readonly Line[]): readonly Finding[] {
  const findings: Finding[] = [];
  let block: Block | undefined;
  for (const line of lines) {
    const heading = dataLine.exec(line.text);
    if (heading !== null) block = { indent: heading[1]?.length ?? 0, isPlain: heading[2] === 'stringData' };
    else if (block !== undefined && !isBlankOrComment(line) && indentOf(line) <= block.indent) block = undefined;
    else if (block !== undefined) findings.push(...findInLine(line, block));
  }
  return findings;
}

function indentOf({ text }: Line): number {
  return /^[ \t]*/.exec(text)?.[0].length ?? 0;
}

function isBlankOrComment({ text }: Line): boolean {
  return /^[ \t]*(?:#|$)/.test(text);
}

/** A value behind its key, or a line of one that a `|` or `>` opened. */
function findInLine(line: Line, { isPlain }: Block): readonly Finding[] {
  if (isBlankOrComment(line)) return [];
  const value = entryLine.exec(line.text)?.[2] ?? line.text.trimStart();
  const bare = value.replace(/^["']/, '').trimEnd().replace(/["']$/, '');
  const start = line.start + line.text.lastIndexOf(bare);
  const end = start + bare.length;
  if (!isSecret(value, bare, isPlain) || bare.includes('[REDACTED:')) return [];
  return [{ rule: 'kubernetes-secret', start, end }];
}

function isSecret(value: string, bare: string, isPlain: boolean): boolean {
  if (/^(?:[|>]|\{\{|\$\{|ENC\[|\*|&|<)/.test(bare)) return false;
  return isPlain ? bare.length >= minPlain : base64Value.test(value) && bare.replace(/={1,3}$/, '').length >= minBase64;
}
