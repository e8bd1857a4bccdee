import type { AdmissionRequest, AdmissionResponse, JsonPatchOperation } from '@tachograph/protocol';

/** What a reviewer decides. `reason` is a short code for metrics; `message` is what the user reads. */
export type Verdict =
  | {
      readonly kind: 'allow';
      readonly reason: string;
      readonly patch?: readonly JsonPatchOperation[];
      readonly warnings?: readonly string[];
      readonly audit?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'deny'; readonly reason: string; readonly message: string };

/** Judges one kind of review. May throw: that is a denial. */
export type Reviewer = (request: AdmissionRequest) => Promise<Verdict>;

export function allow(reason: string): Verdict {
  return { kind: 'allow', reason };
}

export function deny(reason: string, message: string): Verdict {
  return { kind: 'deny', reason, message };
}

/** The API server cuts warnings at 256 characters each; longer ones would be dropped whole. */
const warningLength = 250;

export function toResponse(uid: string, verdict: Verdict): AdmissionResponse {
  if (verdict.kind === 'deny') {
    return {
      uid,
      allowed: false,
      status: { code: 403, reason: 'Forbidden', message: `tachograph: ${verdict.message}` },
    };
  }
  const { patch = [], warnings = [], audit } = verdict;
  return {
    uid,
    allowed: true,
    ...(patch.length === 0
      ? {}
      : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
    ...(warnings.length === 0 ? {} : { warnings: warnings.map((text) => text.slice(0, warningLength)) }),
    ...(audit === undefined ? {} : { auditAnnotations: audit }),
  };
}
