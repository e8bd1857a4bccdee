import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirNow } from './durable-file.ts';
import { streamFile } from './spool-layout.ts';

/** What a later start needs in order to ship a stream whose keys are gone. */
export interface StreamFacts {
  readonly stream: string;
  readonly keyId: string;
  /** Base64 SPKI DER. */
  readonly publicKey: string;
  /** The `stream.open` line, exactly as stored. */
  readonly line: string;
  /** Base64 signature over its head. */
  readonly sig: string;
}

/** Durable before it returns: once a stream's life, before its first line. Throws Node's errors. */
export function writeStreamFile(dir: string, facts: StreamFacts): void {
  const path = streamFile(dir);
  const fd = openSync(`${path}.tmp`, 'w', 0o600);
  try {
    writeSync(fd, JSON.stringify(facts));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.tmp`, path);
  syncDirNow(dir);
  syncDirNow(dirname(dir));
}

/** `undefined` when missing or damaged: the stream never had a line, or the volume is broken. */
export function readStreamFile(dir: string): StreamFacts | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(streamFile(dir), 'utf8'));
    return isFacts(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFacts(value: unknown): value is StreamFacts {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return ['stream', 'keyId', 'publicKey', 'line', 'sig'].every((name) => typeof fields.get(name) === 'string');
}
