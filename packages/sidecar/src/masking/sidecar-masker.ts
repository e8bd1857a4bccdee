/** The masker of one rule set, as calls use it: short messages at once, long ones in the masking thread. */
import type { Masker, MessageContext } from '@tachograph/masking';
import type { MaskerPort } from '../call/ports.ts';
import { longMessage, longMessageWithPatterns } from './long-message.ts';
import { toLong } from './long-masking.ts';
import type { LongRequest } from './long-request.ts';
import type { LongMasked, MaskForm, MaskRules, TextJob } from './mask-job.ts';
import type { MaskOutcome, MaskRefused } from './mask-outcome.ts';
import type { IsWanted, MaskJob, MaskThread, ThreadOutcome } from './mask-thread.ts';
import type { ContentOf } from './message-content.ts';
import type { Recognizer } from './recognizer.ts';

export interface SidecarMaskerOptions {
  readonly masker: Masker;
  /** What `masker` was compiled from. */
  readonly rules: MaskRules;
  readonly thread: MaskThread;
  /** Where the policy declares one; then nothing passes that it has not answered for. */
  readonly recognizer?: Recognizer | undefined;
}

type FormStep = (form: MaskForm, text: string, context?: MessageContext) => MaskOutcome | Promise<MaskOutcome>;

/** Never throws: a masker that fails refuses. */
export function createSidecarMasker(options: SidecarMaskerOptions): MaskerPort {
  const { masker, recognizer } = options;
  const alone = createMaskStep(options);
  const mask = onceReady(masker, recognizer === undefined ? alone : createRecognizedStep(options, recognizer, alone));
  return {
    rulesHash: masker.rulesHash,
    maskShort: (text) => guarded(() => masker.maskText(text)),
    maskJson: (text, context) => mask('json', text, context),
    maskText: (text, context) => mask('text', text, context),
    readLong: async (text) => readLong(options, { form: 'content', text }),
    readAnswer: async (body) => readLong(options, { form: 'content', body }),
    readRequest: async (body, wants, isWanted) => readRequest(options, { form: 'request', body, wants }, isWanted),
    async maskBytes(form, body, context, isWanted) {
      await masker.ready;
      if (recognizer !== undefined) return toLong(await mask(form, body.text(), context), body.buffer);
      return maskBytes(options, { form, body, context }, isWanted);
    },
  };
}

/** Equal values get equal replacements: so nothing is masked before all is loaded that the rules ask for. */
function onceReady({ ready }: Masker, mask: FormStep): FormStep {
  let isReady = false;
  const load = async (): Promise<void> => {
    await ready;
    isReady = true;
  };
  const loaded = load();
  return (form, text, context) =>
    isReady ? mask(form, text, context) : loaded.then(async () => mask(form, text, context));
}

function createMaskStep(options: SidecarMaskerOptions): FormStep {
  const { masker } = options;
  const long = longFrom(options.rules);
  return (form, text, context) => {
    if (text.length > long) return maskLong(options, { form, text, context });
    return guarded(() => (form === 'json' ? masker.maskJson(text, context) : masker.maskText(text, context)));
  };
}

async function maskLong({ masker, rules, thread }: SidecarMaskerOptions, job: TextJob): Promise<MaskOutcome> {
  const outcome = await thread.mask(rules, masker.rulesHash, job);
  const isMasked = outcome.kind === 'clean' || outcome.kind === 'masked' || outcome.kind === 'refused';
  return isMasked ? outcome : refused('mask_error');
}

async function maskBytes(
  { masker, rules, thread }: SidecarMaskerOptions,
  job: MaskJob,
  isWanted: IsWanted | undefined,
): Promise<LongMasked | MaskRefused> {
  const outcome = await thread.mask(rules, masker.rulesHash, job, isWanted);
  const isMasked = outcome.kind === 'long-clean' || outcome.kind === 'long-masked' || outcome.kind === 'refused';
  return isMasked ? outcome : refused('mask_error');
}

async function readLong(
  { masker, rules, thread }: SidecarMaskerOptions,
  job: MaskJob,
): Promise<ContentOf | MaskRefused> {
  const outcome = await thread.mask(rules, masker.rulesHash, job);
  return outcome.kind === 'content' || outcome.kind === 'refused' ? outcome : refused('mask_error');
}

async function readRequest(
  { masker, rules, thread }: SidecarMaskerOptions,
  job: MaskJob,
  isWanted: IsWanted | undefined,
): Promise<LongRequest | MaskRefused> {
  const outcome = await thread.mask(rules, masker.rulesHash, job, isWanted);
  return outcome.kind === 'request' || outcome.kind === 'refused' ? outcome : refused('mask_error');
}

/** Takes the message apart, asks the recognizer about its texts, and masks with what it found. */
function createRecognizedStep(
  { masker, rules, thread }: SidecarMaskerOptions,
  recognizer: Recognizer,
  mask: FormStep,
): FormStep {
  const long = longFrom(rules);
  const textsOf = async (text: string): Promise<ThreadOutcome> =>
    text.length > long
      ? thread.mask(rules, masker.rulesHash, { form: 'texts', text })
      : guarded(() => ({ kind: 'texts', texts: masker.textsOf(text) }) as const);
  return async (form, text, context) => {
    const parts = await textsOf(text);
    if (parts.kind !== 'texts') return parts.kind === 'refused' ? parts : refused('mask_error');
    const recognized = await recognizer.recognize(parts.texts);
    return recognized === undefined ? refused('recognizer_failed') : mask(form, text, { ...context, recognized });
  };
}

function longFrom({ spec }: MaskRules): number {
  return (spec.patterns ?? []).length === 0 ? longMessage : longMessageWithPatterns;
}

function guarded<T>(mask: () => T): T | MaskRefused {
  try {
    return mask();
  } catch {
    // The error may quote what was being masked.
    return refused('mask_error');
  }
}

function refused(reason: MaskRefused['reason']): MaskRefused {
  return { kind: 'refused', reason };
}
