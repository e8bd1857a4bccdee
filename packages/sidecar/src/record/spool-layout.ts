/**
 * Names in the spool directory:
 *
 *     <spool>/<stream>/stream.json                       who wrote the stream, its public key, its signed first line
 *     <spool>/<stream>/<first12>.<try>.open.jsonl        the raw open segment
 *     <spool>/<stream>/<first12>.<try>.heads             signed heads, one JSON line each, the first of them its predecessor's
 *     <spool>/<stream>/<first12>.<try>.state.json        requests and sessions that were open when the segment began
 *     <spool>/<stream>/<segment name>.jsonl.gz           sealed, never changed
 *     <spool>/<stream>/<segment name>.jsonl.gz.sig       its signature and its blobs
 *     <spool>/<stream>/archived.json                     how far the controller has archived it
 *     <spool>/<stream>/resumed                           a later stream has recorded how this one ended
 *     <spool>/<stream>/registered                        the controller knows the stream
 *     <spool>/blobs/<sha256>
 *     <spool>/keys/<session>.key.json                    keys of sealed bodies that the controller does not have yet
 *     <spool>/receipts.json                              promises that no checkpoint covers yet
 *     <spool>/trust.json, bundle.json, jwks.json         last good statements
 *
 * `<try>` rises when a segment file had to be given up after an I/O error before it held a durable line.
 */
import { join } from 'node:path';
import { isUuidV7, pad12 } from '@tachograph/protocol';

const openPattern = /^(\d{12})\.(\d{1,9})\.open\.jsonl$/;

export function isStreamName(name: string): boolean {
  return isUuidV7(name);
}

/** Files of one raw segment. */
export interface RawNames {
  readonly first: number;
  readonly attempt: number;
  readonly lines: string;
  readonly heads: string;
  readonly state: string;
}

export function rawNames(dir: string, first: number, attempt: number): RawNames {
  const base = join(dir, `${pad12(first)}.${attempt}`);
  return { first, attempt, lines: `${base}.open.jsonl`, heads: `${base}.heads`, state: `${base}.state.json` };
}

/** Reads a raw segment's file name; `undefined` when it is none. */
export function parseRawName(dir: string, name: string): RawNames | undefined {
  const [, first, attempt] = openPattern.exec(name) ?? [];
  return first === undefined || attempt === undefined ? undefined : rawNames(dir, Number(first), Number(attempt));
}

export const streamFile = (dir: string): string => join(dir, 'stream.json');
export const archivedFile = (dir: string): string => join(dir, 'archived.json');
export const resumedFile = (dir: string): string => join(dir, 'resumed');
export const registeredFile = (dir: string): string => join(dir, 'registered');
export const blobsDir = (spoolDir: string): string => join(spoolDir, 'blobs');
export const keysDir = (spoolDir: string): string => join(spoolDir, 'keys');
