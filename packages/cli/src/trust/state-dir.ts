/** The state directory of an installation without a cluster (`contracts.md`, Without a cluster). Only the local commands read it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';

/** `TACHO_STATE`, or a refusal. */
export function stateDir(context: CliContext, what: string): string {
  const dir = context.env['TACHO_STATE'];
  if (dir === undefined || dir === '')
    throw new CliError('state', `${what} needs TACHO_STATE, the demo's state directory`);
  return dir;
}

/** A file of the state directory. */
export async function readStateFile(dir: string, name: string): Promise<string> {
  try {
    return await readFile(join(dir, name), 'utf8');
  } catch (cause) {
    throw new CliError('state', `cannot read ${name} in ${dir}: was the controller started with it?`, { cause });
  }
}

/** Text values of a JSON object file. */
export function parseTexts(text: string): Readonly<Record<string, string>> {
  const fields = Object.entries(parseObject(text));
  return Object.fromEntries(fields.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])));
}

/** A JSON object; empty when the text is none. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    return {};
  }
}
