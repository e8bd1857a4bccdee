import type { MaskingSpec } from '@tachograph/protocol';
import type { MaskCrypto, MessageContext } from './mask-result.ts';
import { createPathRules } from './rules-by-path/path-rules.ts';
import { createTokenNamers } from './transforms/keyed-token.ts';
import { createReplacers } from './transforms/replacer.ts';
import type { WalkTools } from './walk/walk-tools.ts';

/** Whether findings that are only likely count at a point. */
export interface BelievedPoints {
  readonly client: boolean;
  readonly record: boolean;
}

/** What a spec says beyond which rules there are. */
export interface MaskPolicy {
  readonly believesWeak: BelievedPoints;
  /** See `Masker.ready`. */
  readonly ready: Promise<void>;
  /** Gives the tools of a message from those of all: its session's tokens, its tool's rules. */
  readonly createToolsFor: (
    tools: WalkTools,
    crypto: MaskCrypto,
    tokenKey: Uint8Array | undefined,
  ) => (context: MessageContext | undefined) => WalkTools;
}

export function createMaskPolicy(spec: MaskingSpec): MaskPolicy {
  const { client = 'balanced', record = 'recall' } = spec.points ?? {};
  const { replacerFor, ready } = createReplacers(spec);
  const pathRules = createPathRules(spec.rules ?? []);
  const dropsBlobs = spec.blobs === 'drop';
  return {
    ready,
    believesWeak: { client: client === 'recall', record: record === 'recall' },
    createToolsFor: (shared, crypto, tokenKey) => {
      const tools = dropsBlobs ? { ...shared, dropsBlobs } : shared;
      const namerFor = tokenKey === undefined ? undefined : createTokenNamers(tokenKey, crypto);
      return (context) => {
        const replacer = replacerFor(namerFor?.(context?.session ?? ''));
        const rules = pathRules(context?.tool);
        if (replacer === undefined && rules === undefined) return tools;
        return { ...tools, replacer, paths: rules && { rules, start: rules.start } };
      };
    },
  };
}
