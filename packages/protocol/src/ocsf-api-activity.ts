/** OCSF 1.8.0, class API Activity (6003) with the profile `ai_operation`: as much of it as an exported call fills in. */
import * as z from 'zod/mini';

const text = z.string();
const count = z.int().check(z.gte(0));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const named = z.object({ name: text });

/** The version of OCSF that `apiActivity` describes. */
export const ocsfVersion = '1.8.0';

/** Where the call stands in the archive. OCSF has no place for it before 1.9, so it is under `unmapped`. */
export const recordIntegrity = z.object({
  /** The stream: a chain of lines by hash. */
  chain_uid: text,
  sequence: count,
  /** Line hash of the line before. */
  prev_event: sha256,
  fingerprint: z.object({ algorithm_id: z.literal(3), algorithm: z.literal('SHA-256'), value: sha256 }),
  object: text,
  /** 1-based. */
  line: count,
  /** Index of the segment's leaf in the log. */
  log_index: count,
});

/** One event. `time`: milliseconds since 1970. Every constraint of the class that JSON can break is checked here. */
export const apiActivity = z.object({
  class_uid: z.literal(6003),
  class_name: z.literal('API Activity'),
  category_uid: z.literal(6),
  category_name: z.literal('Application Activity'),
  activity_id: z.union([z.literal(2), z.literal(99)]),
  activity_name: text,
  type_uid: z.union([z.literal(600302), z.literal(600399)]),
  severity_id: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  severity: text,
  status_id: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  status: text,
  status_code: z.optional(text),
  status_detail: z.optional(text),
  time: z.int(),
  duration: z.optional(count),
  message: text,
  actor: z.object({
    user: z.object({
      uid: text,
      name: text,
      type: text,
      type_id: z.union([z.literal(0), z.literal(1), z.literal(4), z.literal(99)]),
      groups: z.optional(z.array(named)),
    }),
    session: z.optional(z.object({ uid: text, issuer: text })),
    app_name: z.optional(text),
    app_uid: z.optional(text),
  }),
  api: z.object({
    operation: text,
    version: z.optional(text),
    service: z.object({ name: text, uid: text }),
    request: z.object({ uid: text }),
    response: z.optional(z.object({ code: z.optional(z.int()), error: z.optional(text) })),
  }),
  resources: z.optional(z.array(z.object({ name: text, type: text }))),
  src_endpoint: z.object({ name: text, svc_name: z.optional(text) }),
  dst_endpoint: z.object({ name: text, svc_name: text }),
  http_request: z.optional(z.object({ http_method: z.optional(text), url: z.optional(z.object({ path: text })) })),
  http_response: z.optional(z.object({ code: z.int() })),
  message_context: z.object({ ai_role_id: z.literal(3), application: named, service: named, uid: z.optional(text) }),
  metadata: z.object({
    version: z.literal(ocsfVersion),
    profiles: z.array(z.literal('ai_operation')),
    product: z.object({ name: text, vendor_name: text, version: text }),
    uid: text,
    sequence: z.optional(count),
    original_time: text,
    log_name: text,
  }),
  unmapped: z.record(text, z.unknown()),
});

export type ApiActivity = z.infer<typeof apiActivity>;
export type RecordIntegrity = z.infer<typeof recordIntegrity>;
