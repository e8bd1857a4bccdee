/** `spec.masking` of an `McpPolicy`, and of the bundle that a sidecar gets (`masking.md` §3). Unknown fields are refused with their path. */
import * as z from 'zod/mini';

/** What stands where a value was. */
export const maskTransform = z.enum(['redact', 'partial', 'token', 'fpe', 'drop']);
export type MaskTransform = z.infer<typeof maskTransform>;

/** A customer's pattern: RE2 syntax, tried near its keywords only. */
export const maskingPattern = z.strictObject({
  /** Named in evidence and in what is written: `[REDACTED:<id>]`. */
  id: z.string().check(z.maxLength(48)),
  /** Any case; the pattern is tried within 512 characters of one. */
  keywords: z.array(z.string().check(z.maxLength(64))).check(z.maxLength(16)),
  pattern: z.string().check(z.maxLength(1024)),
  /** The group that is masked; absent: the whole match. */
  group: z.optional(z.int().check(z.gte(0), z.lte(32))),
});
export type MaskingPattern = z.infer<typeof maskingPattern>;

/** What happens to the values at a place of a message, whatever they are. */
export const maskingPathRule = z.strictObject({
  /** Glob over the tool's name; absent: every message. */
  tool: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  /** From the root of the message: `$.params.arguments.x`, `$.a['b c'][*]`, `$..name`. No filters, no scripts. */
  path: z.string().check(z.minLength(1), z.maxLength(512)),
  /** `keep`: no detector looks at the place. */
  transform: z.enum(['redact', 'partial', 'token', 'fpe', 'drop', 'keep']),
});
export type MaskingPathRule = z.infer<typeof maskingPathRule>;

/** A value that is no secret: exactly this text, or, beginning with `@`, every address of a domain. */
export const maskingAllowance = z.strictObject({
  /** For this rule's findings only; absent: for every rule's. */
  rule: z.optional(z.string().check(z.maxLength(64))),
  value: z.string().check(z.minLength(1), z.maxLength(256)),
});
export type MaskingAllowance = z.infer<typeof maskingAllowance>;

/** A service beside the sidecar that finds names and addresses in prose (Presidio's analyzer HTTP API). */
export const recognizerSpec = z.strictObject({
  url: z.string().check(z.minLength(1), z.maxLength(1024)),
  language: z.optional(z.string().check(z.minLength(2), z.maxLength(8))),
  /** Entity types to ask for; absent: those that the service has. */
  entities: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(64))),
  /** 0 to 1. */
  minScore: z.optional(z.number().check(z.gte(0), z.lte(1))),
  timeoutMs: z.optional(z.int().check(z.gte(1), z.lte(60000))),
});
export type RecognizerSpec = z.infer<typeof recognizerSpec>;

const operatingMode = z.enum(['balanced', 'recall']);

/** What a policy changes about masking; all other rules are fixed. */
export const maskingSpec = z.strictObject({
  /** Detectors switched off, by rule id. */
  off: z.optional(z.array(z.string())),
  /** Extra key names whose values are masked whatever their shape. */
  keys: z.optional(z.array(z.string())),
  patterns: z.optional(z.array(maskingPattern).check(z.maxLength(100))),
  rules: z.optional(z.array(maskingPathRule).check(z.maxLength(200))),
  /** By rule id; `default` for all others. */
  transforms: z.optional(z.record(z.string().check(z.maxLength(64)), maskTransform)),
  allow: z.optional(z.array(maskingAllowance).check(z.maxLength(1000))),
  /** What is believed where: `recall` takes what may be a secret too. Client: `balanced`, record: `recall` if not said. */
  points: z.optional(z.strictObject({ client: z.optional(operatingMode), record: z.optional(operatingMode) })),
  /** Images, sound and other bytes that are no text. `allow` (if not said): they pass, recorded as not inspected. */
  blobs: z.optional(z.enum(['allow', 'drop'])),
  recognizer: z.optional(recognizerSpec),
});
export type MaskingSpec = z.infer<typeof maskingSpec>;
