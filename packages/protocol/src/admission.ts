/** `admission.k8s.io/v1` AdmissionReview, as much of it as the webhooks use. Strict where they decide, loose where Kubernetes may add fields. */
import * as z from 'zod/mini';

const groupVersionKind = z.object({ group: z.string(), version: z.string(), kind: z.string() });
const groupVersionResource = z.object({ group: z.string(), version: z.string(), resource: z.string() });

/** What the API server asks. `object` and `oldObject` are unchecked: their reader parses them. */
export const admissionRequest = z.object({
  uid: z.string().check(z.minLength(1), z.maxLength(128)),
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: z.optional(z.string()),
  /** Empty for a Pod that gets its name generated. */
  name: z.optional(z.string()),
  namespace: z.optional(z.string()),
  operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
  userInfo: z.object({
    username: z.optional(z.string()),
    uid: z.optional(z.string()),
    groups: z.optional(z.array(z.string())),
    extra: z.optional(z.record(z.string(), z.array(z.string()))),
  }),
  object: z.optional(z.unknown()),
  oldObject: z.optional(z.unknown()),
  options: z.optional(z.unknown()),
  dryRun: z.optional(z.boolean()),
});
export type AdmissionRequest = z.infer<typeof admissionRequest>;

/** The body that the API server posts to a webhook; any other version is refused. */
export const admissionReview = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: admissionRequest,
});

/** Reads a review; a text says what is wrong with it. */
export function parseAdmissionReview(value: unknown): AdmissionRequest | string {
  const result = admissionReview.safeParse(value);
  if (result.success) return result.data.request;
  const [issue] = result.error.issues;
  return `${(issue?.path ?? []).join('.')}: ${issue?.message ?? 'invalid'}`;
}

/** RFC 6902, the three operations that injection needs. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** A verdict. `uid` repeats the request's; `status` is what the user reads on refusal, `warnings` what kubectl prints. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly patchType?: 'JSONPatch';
  /** Base64 of the operations' JSON. */
  readonly patch?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** The body that a webhook answers. */
export interface AdmissionAnswer {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}

/** Wraps a response for the API server. */
export function toAdmissionAnswer(response: AdmissionResponse): AdmissionAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
