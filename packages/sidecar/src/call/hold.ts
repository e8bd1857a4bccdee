/** Step 6: calls that a person must approve. This version cannot hold a call, so such a call is denied and says so. */
import type { Decision } from '@tachograph/protocol';

/** The verdict that is carried out. Never turns a denial or an approval into anything weaker. */
export function hold(decision: Decision): Decision {
  if (decision.verdict !== 'approve') return decision;
  const asked = decision.message === undefined ? '' : ` (${decision.message})`;
  return {
    ...decision,
    verdict: 'deny',
    message: `this call needs approval${asked}, and this version cannot ask for it`,
  };
}
