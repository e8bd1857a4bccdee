/** What the controller makes of a report. */
import { toolsReportAnswer, type LedgerDrift } from '@tachograph/protocol';
import type { HttpsAnswer } from '../controller-client/https-caller.ts';
import { parseJson } from '../controller-client/verify-statement.ts';

/** A report that is refused for what it says is not sent again: it would be refused again. */
const lasting: ReadonlySet<number> = new Set([400, 413]);

/** `undefined`: it did not arrive, or cannot be taken now. */
export function toReportedDrift(answer: HttpsAnswer): readonly LedgerDrift[] | undefined {
  if (answer.kind === 'unreachable') return undefined;
  if (lasting.has(answer.status)) return [];
  if (answer.status !== 200) return undefined;
  const body = toolsReportAnswer.safeParse(parseJson(answer.body.toString()));
  return body.success ? body.data.drift : [];
}
