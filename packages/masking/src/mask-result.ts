import type { MaskEvidence } from '@tachograph/protocol';

/** Why a message was not inspected; the caller blocks it. */
export type RefusalReason = 'too_large' | 'too_deep' | 'too_many_keys' | 'invalid' | 'detector_failed';

/** What a masker may know of a message besides its text; all of it optional. */
export interface MessageContext {
  readonly leg?: 'request' | 'response';
  /** The tool that is called: rules of a policy may be for some tools only. */
  readonly tool?: string;
  /** JSON Schema of the tool's `structuredContent`, parsed: the masked content still satisfies it. */
  readonly outputSchema?: unknown;
  /** Scope of keyed tokens: equal values give equal tokens within a session. */
  readonly session?: string;
  /** What a recognizer found in texts of this message (`Masker.textsOf`), by text. */
  readonly recognized?: ReadonlyMap<string, readonly FoundSpan[]>;
  /** Raw end (at most 512 characters) of the text that came before in the same request or stream. */
  readonly before?: string;
}

/** A masked text. `hits` counts all replacements, `spans` says where they are, up to `maskLimits.maxSpans` entries. */
export interface MaskedText {
  readonly text: string;
  readonly hits: number;
  readonly spans: readonly MaskEvidence[];
}

/**
 * `clean`: nothing was found, the original bytes stand. `refused`: the message could not be inspected and must not pass.
 * `masked`: `record` is for the record, `client` for the client; `client` is undefined where the client gets the
 * original bytes, and the same object as `record` where both points found the same. `tail` is the next text's `before`.
 * `uninspected` counts blobs that are no text and stay. `unsafeForSchema`: the client's `structuredContent` may no longer
 * satisfy its output schema, so the client gets an error result in its place.
 */
export type MaskResult =
  | { readonly kind: 'clean'; readonly tail?: string; readonly uninspected?: number }
  | {
      readonly kind: 'masked';
      readonly record: MaskedText;
      readonly client: MaskedText | undefined;
      readonly tail?: string;
      readonly uninspected?: number;
      readonly unsafeForSchema?: true;
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

/** `record`: recall first. `client`: balanced. */
export type OperatingPoint = 'client' | 'record';

/** A place in a text that would be masked: `text[start, end)`, UTF-16. */
export interface FoundSpan {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

/** What the pure masker borrows: digests in hex, and the unpacking of gzip or zlib with a limit on what comes out. */
export interface MaskCrypto {
  readonly sha256: (text: string) => string;
  readonly hmacSha256: (key: Uint8Array, text: string) => string;
  readonly inflate?: (bytes: Uint8Array, maxBytes: number) => Uint8Array | undefined;
}

/** Headers as `node:http` has them. */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** As `MaskResult`, for headers; they are never refused. `headers` holds all of them, the unchanged ones too. */
export type HeaderMaskResult =
  | { readonly kind: 'clean' }
  | {
      readonly kind: 'masked';
      readonly headers: Record<string, string | string[] | undefined>;
      readonly hits: number;
      readonly spans: readonly MaskEvidence[];
    };
