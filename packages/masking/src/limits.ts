/** `masking.md` §4.9. A message over one of these is refused, never passed uninspected. */
export const maskLimits = {
  /** UTF-16 units; the bytes are bounded by the reader of the body. */
  maxLength: 16 * 1024 * 1024,
  maxDepth: 128,
  maxKeys: 100_000,
  /** JSON inside a string inside a string …: deeper ones are scanned as text. */
  maxNesting: 4,
  /** Evidence entries per message; `hits` counts all. */
  maxSpans: 256,
  maxPathLength: 512,
  /** Characters that verifiers may read of one leaf: so many, and so many for each of its own. */
  workPerLeaf: 65_536,
  workPerChar: 64,
} as const;
