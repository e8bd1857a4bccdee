const lf = 0x0a;

/** One line, without its LF. `terminated`: false for a last line that lacks it. */
export interface Line {
  /** 1-based. */
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly terminated: boolean;
}

/** As `splitLines`, without a generator's turns: for the many lines of a segment. Ends, with `false`, where `take` says so. */
export function forEachLine(whole: Uint8Array, take: (line: Line) => boolean): boolean {
  const { buffer, byteOffset, byteLength } = whole;
  // Views of a plain array are made several times as fast as those of a platform's subclass, and so by `new`.
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let start = 0;
  for (let number = 1; start < byteLength; number += 1) {
    const found = bytes.indexOf(lf, start);
    const terminated = found >= 0;
    const end = terminated ? found : byteLength;
    if (!take({ number, bytes: new Uint8Array(buffer, byteOffset + start, end - start), terminated })) return false;
    start = end + 1;
  }
  return true;
}

/** The lines of a text, as views: nothing is copied. */
export function* splitLines(whole: Uint8Array): Generator<Line> {
  const bytes = new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
  let start = 0;
  for (let number = 1; start < bytes.length; number += 1) {
    const end = bytes.indexOf(lf, start);
    if (end < 0) {
      yield { number, bytes: bytes.subarray(start), terminated: false };
      return;
    }
    yield { number, bytes: bytes.subarray(start, end), terminated: true };
    start = end + 1;
  }
}
