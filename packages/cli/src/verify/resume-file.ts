/**
 * Where a verification stands, for `--resume FILE`: a line that says of what, then lines of stream states; of a stream
 * the last one counts. Whoever can write the file can forge the verdict: it belongs to the verifier.
 */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ResumePoint, StreamState } from '@tachograph/archive';
import { CliError } from '../cli-error.ts';
import { readIfThere } from './read-if-there.ts';
import { parseObject } from '../trust/state-dir.ts';

/** What a state is of: another archive, policy or program has no use for it. */
export interface ResumeSubject {
  readonly archive: string;
  /** SHA-256 of what the verdict depends on beside the archive. */
  readonly policy: string;
  readonly version: string;
}

/** A run's own file. */
export interface ResumeWriter {
  /** The log as it was rebuilt: the file begins with it. Without `resumed`, what an earlier run left is dropped. */
  begin(log: { readonly size: number; readonly root: string; readonly resumed: boolean }): void;
  save(state: StreamState): void;
  /** The run came to its end: nothing is left to go on with. */
  finish(): Promise<void>;
  close(): void;
}

/** What an earlier run left; `mismatch`: it was of something else. */
export type ReadResume =
  | { readonly kind: 'none' }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'ok'; readonly point: ResumePoint; readonly streams: number; readonly kept: string };

const magic = 'tacho.verify.resume';

/** Reads the file; one that is not there is a run that begins. Throws `state` when it is something else. */
export async function readResumeFile(file: string, subject: ResumeSubject): Promise<ReadResume> {
  const text = await readIfThere(file);
  if (text === undefined || text === '') return { kind: 'none' };
  // A line that a crash tore is not there.
  const lines = text.split('\n').slice(0, -1);
  const { kind, size, root, ...stated } = parseObject(lines[0] ?? '');
  if (kind !== magic) throw new CliError('state', `${file} is not what tacho verify --resume writes`);
  const same = stated['archive'] === subject.archive && stated['policy'] === subject.policy;
  if (!same || stated['version'] !== subject.version || typeof size !== 'number' || typeof root !== 'string') {
    return { kind: 'mismatch' };
  }
  const states = new Map(
    lines
      .slice(1)
      .map((line) => toState(file, line))
      .map((state) => [state.stream, state]),
  );
  const kept = lines
    .slice(1)
    .map((line) => `${line}\n`)
    .join('');
  return { kind: 'ok', point: { size, root, stateOf: (stream) => states.get(stream) }, streams: states.size, kept };
}

/** Our own lines, written by `save`. */
function toState(file: string, line: string): StreamState {
  const value: unknown = parseObject(line);
  if (isState(value)) return value;
  throw new CliError('state', `${file} is not what tacho verify --resume writes`);
}

function isState(value: unknown): value is StreamState {
  if (typeof value !== 'object' || value === null) return false;
  const { stream, walk, outcome } = Object.fromEntries(Object.entries(value));
  return typeof stream === 'string' && typeof walk === 'object' && typeof outcome === 'object';
}

/** Writes the file as the run goes on. `kept`: the states of an earlier run, written again when they hold. */
export function createResumeWriter(file: string, subject: ResumeSubject, kept: string | undefined): ResumeWriter {
  let handle: number | undefined;
  const write = (value: unknown): void => {
    if (handle !== undefined) writeSync(handle, `${JSON.stringify(value)}\n`);
  };
  return {
    begin({ size, root, resumed }) {
      // Whatever happens now, one of the two files is whole.
      const pending = `${file}.part`;
      handle = openSync(pending, 'w', 0o600);
      write({ kind: magic, size, root, ...subject });
      if (resumed && kept !== undefined) writeSync(handle, kept);
      renameSync(pending, file);
    },
    save: write,
    async finish() {
      await rm(file, { force: true });
    },
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}
