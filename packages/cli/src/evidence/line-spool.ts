/** Lines kept on disk until what must stand before them is known: memory holds a piece of them at most. */
import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Only LF ends a line; no line holds one. */
export interface LineSpool {
  readonly count: number;
  /** Writes to the file now and then, and waits for that: whoever adds need not. */
  add(line: string): void;
  /** All lines so far. */
  lines(): AsyncGenerator<string>;
  close(): void;
}

const heldChars = 256 * 1024;

/** Makes the file, and its directory. */
export function createLineSpool(path: string): LineSpool {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'w', 0o600);
  let count = 0;
  let held = '';
  const flush = (): void => {
    writeAll(file, Buffer.from(held));
    held = '';
  };
  return {
    get count() {
      return count;
    },
    add(line) {
      count += 1;
      held += `${line}\n`;
      if (held.length > heldChars) flush();
    },
    async *lines() {
      flush();
      yield* splitLf(createReadStream(path, 'utf8'));
    },
    close: () => closeSync(file),
  };
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** Node's own line reader also splits at U+2028, which recorded texts may hold. */
async function* splitLf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const pieces = (rest + chunk).split('\n');
    rest = pieces.pop() ?? '';
    yield* pieces;
  }
}
