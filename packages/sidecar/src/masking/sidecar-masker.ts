/** The masker of one rule set, as calls use it: short messages at once, long ones in the masking thread. */
import type { Masker, MessageContext } from '@tachograph/masking';
import type { MaskerPort } from '../call/ports.ts';
import { longMessage, longMessageWithPatterns } from './long-message.ts';
import { toLong } from './long-masking.ts';
import type { MaskForm, MaskRules } from './mask-job.ts';
import type { MaskOutcome, MaskRefused } from './mask-outcome.ts';
import type { IsWanted, MaskJob, MaskThread, ThreadOutcome } from './mask-thread.ts';
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
    readLong: async (text) => inThread(options, { form: 'content', text }, ['content']),
    readAnswer: async (body) => inThread(options, { form: 'content', body }, ['content']),
    readRequest: async (body, wants, isWanted) =>
      inThread(options, { form: 'request', body, wants }, ['request'], isWanted),
    async maskBytes(form, body, context, isWanted) {
      await masker.ready;
      if (recognizer !== undefined) return toLong(await mask(form, body.text(), context), body.buffer);
      return inThread(options, { form, body, context }, ['long-clean', 'long-masked'], isWanted);
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
    if (text.length > long) return inThread(options, { form, text, context }, ['clean', 'masked']);
    return guarded(() => (form === 'json' ? masker.maskJson(text, context) : masker.maskText(text, context)));
  };
}

type Outcome<Kind extends ThreadOutcome['kind']> = Extract<ThreadOutcome, { kind: Kind }>;

/** What the thread makes of a job, which gives one of `kinds`; anything else is a refusal. */
async function inThread<Kind extends ThreadOutcome['kind']>(
  { masker, rules, thread }: SidecarMaskerOptions,
  job: MaskJob,
  kinds: readonly Kind[],
  isWanted?: IsWanted,
): Promise<Outcome<Kind> | MaskRefused> {
  const outcome = await thread.mask(rules, masker.rulesHash, job, isWanted);
  return isOneOf(outcome, kinds) || isOneOf(outcome, ['refused']) ? outcome : refused('mask_error');
}

function isOneOf<Kind extends ThreadOutcome['kind']>(
  outcome: ThreadOutcome,
  kinds: readonly Kind[],
): outcome is Outcome<Kind> {
  return kinds.some((kind) => kind === outcome.kind);
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
