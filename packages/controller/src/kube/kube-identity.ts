import type { Kube, TokenReviewResult } from '@tachograph/kube';
import { controllerAudience, sequencerAudience } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { Identity } from '../ports.ts';

/** A deleted pod's token is refused by the API server: an answer is believed this long only. */
const rememberMs = 10_000;
const rememberedTokens = 20_000;

/** TokenReview, with accepted tokens remembered for a moment: heads come every second from every pod. */
export function createKubeIdentity(
  kube: Pick<Kube, 'reviewToken'>,
  components: readonly string[],
  clock: Clock,
): Identity {
  const accepted = new Map<string, { readonly result: TokenReviewResult; readonly untilMs: number }>();
  const review = async (token: string, audience: string): Promise<TokenReviewResult> => {
    const key = `${audience} ${sha256Hex(token)}`;
    const known = accepted.get(key);
    if (known !== undefined && clock.nowMs() < known.untilMs) return known.result;
    accepted.delete(key);
    const result = await kube.reviewToken(token, [audience]).catch((error: unknown) => {
      throw new ControllerError('unavailable', 'the token cannot be reviewed now', {
        cause: error,
        retryAfterMs: 2000,
      });
    });
    if (result.kind === 'refused') return result;
    const oldest = accepted.size >= rememberedTokens ? accepted.keys().next().value : undefined;
    if (oldest !== undefined) accepted.delete(oldest);
    accepted.set(key, { result, untilMs: clock.nowMs() + rememberMs });
    return result;
  };
  return {
    async pod(token) {
      const result = await review(token, controllerAudience);
      if (result.kind === 'refused') return undefined;
      const { namespace, podName, podUid } = result;
      if (namespace === undefined || podName === undefined || podUid === undefined) return undefined;
      return { namespace, pod: podName, podUid };
    },
    async component(token) {
      for (const audience of [sequencerAudience, controllerAudience]) {
        const result = await review(token, audience);
        if (result.kind === 'authenticated') return components.find((name) => name === result.username);
      }
      return undefined;
    },
  };
}
