/** The newest checkpoint that this verifier saw of each log: a later run refuses a history that does not extend it. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  formatVkey,
  type KeptCheckpoint,
  type LogPolicy,
  parseCheckpointNote,
  type VerifyReport,
} from '@tachograph/archive';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { readIfThere } from './read-if-there.ts';
import { parseObject } from '../trust/state-dir.ts';

/** What is remembered of one log. */
export interface CheckpointMemory {
  /** `undefined`: this log was never seen. */
  readonly remembered: KeptCheckpoint | undefined;
  /** Keeps the run's newest checkpoint if it is larger. The warning to print where that failed. */
  readonly remember: (report: VerifyReport, seenAt: string) => Promise<string | undefined>;
}

type Logs = Readonly<Record<string, { readonly note: string; readonly seenAt: string }>>;

/** `$XDG_STATE_HOME/tachograph/checkpoints.json`, else below `~/.local/state`; `undefined` without a home. */
export function defaultStateFile({ env }: CliContext): string | undefined {
  const { XDG_STATE_HOME: state = '', HOME: home = '' } = env;
  if (state.startsWith('/')) return join(state, 'tachograph', 'checkpoints.json');
  return home === '' ? undefined : join(home, '.local', 'state', 'tachograph', 'checkpoints.json');
}

/** Opens the memory. Throws `state` when the file is there and cannot be read: then it would not protect. */
export async function openCheckpointMemory(file: string, policy: LogPolicy): Promise<CheckpointMemory> {
  const log = logName(policy);
  const known = (await readLogs(file))[log];
  return {
    remembered: known === undefined ? undefined : { kind: 'remembered', ...known },
    async remember({ checkpoint, verdict }, seenAt) {
      const size = known === undefined ? -1 : (parseCheckpointNote(known.note)?.size ?? -1);
      if (checkpoint === undefined || verdict === 'tampered' || checkpoint.size <= size) return undefined;
      try {
        await writeLogs(file, { ...(await readLogs(file)), [log]: { note: checkpoint.note, seenAt } });
        return undefined;
      } catch {
        return `cannot write ${file}: the checkpoint is not remembered`;
      }
    },
  };
}

/** By origin and first key: another installation of the same name is another log. */
function logName({ logs: [first] }: LogPolicy): string {
  return first === undefined ? '' : formatVkey(first);
}

async function readLogs(file: string): Promise<Logs> {
  const text = await readIfThere(file);
  if (text === undefined) return {};
  const { v, logs } = parseObject(text);
  if (v !== 1 || typeof logs !== 'object' || logs === null) {
    throw new CliError('state', `${file} is not a list of remembered checkpoints`);
  }
  return Object.fromEntries(Object.entries(logs).map(([log, entry]) => [log, toEntry(file, entry)]));
}

function toEntry(file: string, entry: unknown): Logs[string] {
  const { note, seenAt } = parseObject(JSON.stringify(entry));
  if (typeof note === 'string' && typeof seenAt === 'string') return { note, seenAt };
  throw new CliError('state', `${file} is not a list of remembered checkpoints`);
}

async function writeLogs(file: string, logs: Logs): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const pending = `${file}.${randomUUID()}`;
  await writeFile(pending, `${JSON.stringify({ v: 1, logs }, null, 1)}\n`, { mode: 0o600 });
  await rename(pending, file);
}
