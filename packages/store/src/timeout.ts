/** Rejects when `work` has not settled in time; its later result is ignored. */
export async function withTimeout<Result>(work: Promise<Result>, limitMs: number): Promise<Result> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
