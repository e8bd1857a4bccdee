/** `POST /internal/break-glass`, of the injector: somebody was let into a recorded pod's container. 204 once the leaf stands. */
import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1), z.maxLength(512));

/** `user`: as the API server knows them. `at`: RFC 3339; the same report twice is one leaf. */
export const breakGlassReport = z.object({
  namespace: name,
  pod: name,
  podUid: name,
  subResource: z.enum(['exec', 'attach']),
  container: z.optional(name),
  user: name,
  at: name,
});
export type BreakGlassReport = z.infer<typeof breakGlassReport>;
