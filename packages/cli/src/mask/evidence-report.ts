import { closeSync, openSync, writeSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { refusalText, type MaskNote } from './mask-run.ts';

/** Where evidence goes, one JSON object a line. */
export interface EvidenceReport {
  readonly write: (note: MaskNote) => void;
  readonly close: () => void;
}

/** Evidence into a file, or to `err` where `file` is `-`. `rules` is the hash of the rule set. */
export function openReport(file: string, rules: string, err: (text: string) => void): EvidenceReport {
  if (file === '-') return { write: (note) => err(toLines(note, rules)), close: () => undefined };
  const handle = open(file);
  return {
    write: (note) => void writeSync(handle, toLines(note, rules)),
    close: () => closeSync(handle),
  };
}

function open(file: string): number {
  try {
    return openSync(file, 'w', 0o600);
  } catch (cause) {
    throw new CliError('not_found', `cannot write ${file}`, { cause });
  }
}

function toLines(note: MaskNote, rules: string): string {
  const { line } = note;
  const entries =
    note.kind === 'refused'
      ? [{ line, refused: note.reason, message: refusalText(note.reason) }]
      : note.spans.map((span) => ({ line, rules, ...span }));
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
