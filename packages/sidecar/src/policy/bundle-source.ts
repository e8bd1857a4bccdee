/** Where bundles come from. */
import { hash } from 'node:crypto';
import { bundlePayload, type BundlePayload } from '@tachograph/protocol';

/** Where the newest accepted bundle comes from; the payload object changes when the bundle does. */
export interface BundleSource {
  current(): { readonly payload: BundlePayload; readonly digest: string } | undefined;
  readonly kind: 'bundle' | 'file';
}

/** Reads a bundle payload; `undefined` when the text is none. */
export function parseBundle(json: string): BundlePayload | undefined {
  try {
    const result = bundlePayload.safeParse(JSON.parse(json));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** A bundle that never changes: `TACHO_POLICY`, or none at all with policy switched off. */
export function fixedBundle(payload: BundlePayload, text: string): BundleSource {
  const current = { payload, digest: hash('sha256', text) };
  return { kind: 'file', current: () => current };
}
