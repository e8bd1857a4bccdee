/** The masker of one rule set, as calls use it: short messages at once, long ones in the masking thread. */
import type { Masker, MaskResult, MessageContext } from '@tachograph/masking';
import type { MaskerPort } from '../call/ports.ts';
import { longMessage, longMessageWithPatterns } from './long-message.ts';
import type { MaskForm, MaskRules } from './mask-job.ts';
import type { MaskOutcome } from './mask-outcome.ts';
import type { MaskThread } from './mask-thread.ts';

export interface SidecarMaskerOptions {
  readonly masker: Masker;
  /** What `masker` was compiled from. */
  readonly rules: MaskRules;
  readonly thread: MaskThread;
}

/** Never throws: a masker that fails refuses. */
export function createSidecarMasker({ masker, rules, thread }: SidecarMaskerOptions): MaskerPort {
  const { rulesHash } = masker;
  const long = (rules.spec.patterns ?? []).length === 0 ? longMessage : longMessageWithPatterns;
  const mask = (form: MaskForm, text: string, context?: MessageContext): MaskOutcome | Promise<MaskOutcome> => {
    if (text.length > long) return thread.mask(rules, rulesHash, { form, text, context });
    return guarded(() => (form === 'json' ? masker.maskJson(text, context) : masker.maskText(text, context)));
  };
  return {
    rulesHash,
    maskShort: (text) => guarded(() => masker.maskText(text)),
    maskJson: (text, context) => mask('json', text, context),
    maskText: (text, context) => mask('text', text, context),
  };
}

function guarded(mask: () => MaskResult): MaskOutcome {
  try {
    return mask();
  } catch {
    // The error may quote what was being masked.
    return { kind: 'refused', reason: 'mask_error' };
  }
}
