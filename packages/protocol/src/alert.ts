/** What a sidecar tells the controller of an alert rule that was met (`docs/limits.md`, Alerts). The record stands in its stream. */
import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1), z.maxLength(64));

/** `POST /v1/alerts`; 204. Everything in it has passed the masker. */
export const alertReport = z.object({
  alert: name,
  /** The policy of the rule. */
  policy: z.string().check(z.maxLength(512)),
  kind: z.enum(['surge', 'denials', 'credential_probing']),
  /** Who: `<sub> of <iss>`, or `address <source>` where nobody was identified. */
  subject: z.string().check(z.maxLength(1024)),
  tool: z.optional(z.string().check(z.maxLength(512))),
  /** What was counted within `seconds`. */
  count: z.int(),
  seconds: z.int(),
  /** Of a surge: calls in as long a time before. */
  baseline: z.optional(z.number()),
});
export type AlertReport = z.infer<typeof alertReport>;
