/** The session manifest: what one session holds and where (`archive-format.md`, Sessions). */
import * as z from 'zod/mini';
import { decodeUtf8, parseJson } from './json.ts';

/** Why a recorder ended a session (`contracts.md`, Bytes). `404`: the server no longer knew it. */
export const sessionCloseReasons = ['delete', 'idle', '404', 'shutdown', 'recovered'] as const;

/** `detail` of a `session.close` record. `root`: RFC 6962 root over the session's line hashes (32 raw bytes a leaf), the close record excluded. */
export const sessionCloseDetail = z.object({
  closed: z.enum(sessionCloseReasons),
  /** Records of the session, `session.open` included, this record excluded. */
  count: z.int(),
  first: z.int(),
  last: z.int(),
  root: z.string(),
});
export type SessionCloseDetail = z.infer<typeof sessionCloseDetail>;

/** One session, derived: everything in it can be recomputed from the records. `lost`: no `session.close` came. */
export const sessionManifest = z.object({
  v: z.literal(1),
  session: z.string(),
  rev: z.int(),
  stream: z.string(),
  cluster: z.string(),
  namespace: z.string(),
  workload: z.string(),
  pod: z.string(),
  principal: z.optional(
    z.object({
      iss: z.string(),
      sub: z.string(),
      type: z.string(),
      client_id: z.optional(z.string()),
      /** As when the session opened. */
      groups: z.optional(z.array(z.string())),
    }),
  ),
  client: z.optional(z.object({ name: z.string(), version: z.optional(z.string()) })),
  correlation: z.optional(z.string()),
  opened: z.string(),
  ended: z.string(),
  closed: z.enum([...sessionCloseReasons, 'lost']),
  count: z.int(),
  first: z.int(),
  last: z.int(),
  root: z.string(),
  /** Segments of the stream that hold its records, in order. */
  segments: z.array(z.object({ object: z.string(), generation: z.string(), sha256: z.string() })),
});
export type SessionManifest = z.infer<typeof sessionManifest>;

/** Reads a manifest object's bytes; `undefined` when they are none that this version knows. Any input is safe. */
export function parseSessionManifest(bytes: Uint8Array): SessionManifest | undefined {
  const parsed = sessionManifest.safeParse(parseJson(decodeUtf8(bytes) ?? ''));
  return parsed.success ? parsed.data : undefined;
}
