/** An approval for a person who decides: everything that will run, and what masking keeps from them. */
import { canonicalJson, type ApprovalView, type RevealedCall } from '@tachograph/protocol';

/** Lines of `tacho approvals show`. */
export function approvalText(approval: ApprovalView, nowMs: number): string {
  const { caller, session } = approval;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['id', approval.id],
    ['state', stateText(approval)],
    [
      'caller',
      `${caller.sub} (${caller.type}, ${caller.iss}${caller.clientId === undefined ? '' : `, ${caller.clientId}`})`,
    ],
    ['workload', approval.workload],
    ['call', `${approval.method} ${approval.tool}`],
    ['rule', [approval.policy, approval.rule].filter((one) => one !== undefined).join(' ') || 'the default'],
    ['approvers', approversText(approval)],
    ['expires', `${approval.expiresAt} (${remaining(approval.expiresAt, nowMs)})`],
    ['session', session],
    ['digest', approval.digest],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)} ${visible(value)}`]));
  const decided = approval.decisions.map(
    ({ at, subject, verdict, reason }) =>
      `${verdict === 'approve' ? 'approved' : 'denied'} ${at} by ${subject}: ${reason}`,
  );
  const seen = (approval.reveals ?? []).flatMap(({ sealedAt, subject, reason }) =>
    sealedAt === undefined ? [] : [`revealed ${sealedAt} to ${subject}: ${reason}`],
  );
  const args = [
    'arguments that will run:',
    ...readable(approval.arguments).split('\n').map(visible),
    maskedText(approval),
  ];
  return `${[...lines, ...[...seen, ...decided].map(visible), '', ...args].join('\n')}\n`;
}

/** Lines of `tacho approvals reveal`. */
export function revealedText({ tool, arguments: text }: RevealedCall): string {
  const lines = [`call       ${tool}`, '', 'arguments that will run, nothing hidden:', ...readable(text).split('\n')];
  return `${lines.map(visible).join('\n')}\n`;
}

/** `pending (1 of 2)`, or the state with why it ended. */
export function stateText({ state, decisions, count, ended }: ApprovalView): string {
  const agreed = decisions.filter(({ verdict }) => verdict === 'approve').length;
  if (state === 'pending') return `pending (${agreed} of ${count})`;
  return ended === undefined || ended.reason === state ? state : `${state} (${ended.reason})`;
}

/** `42 min`, or that it is over. */
export function remaining(expiresAt: string, nowMs: number): string {
  const minutes = Math.floor((Date.parse(expiresAt) - nowMs) / 60_000);
  if (minutes < 0) return 'over';
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}

function maskedText({ maskedValues, judgedMasked }: ApprovalView): string {
  const hidden = `masking hid ${maskedValues === 1 ? '1 value' : `${maskedValues} values`}`;
  return judgedMasked
    ? `${hidden}; a rule judged one of them: who approves must have seen it (tacho approvals reveal)`
    : hidden;
}

function approversText({ approvers: { subjects, groups } }: ApprovalView): string {
  const named = [...subjects, ...groups.map((group) => `group ${group}`)];
  return named.length === 0 ? 'anybody but the caller' : named.join(', ');
}

/** Indented only where that changes nothing: a large number would be shown as another one. */
function readable(text: string): string {
  try {
    const indented = JSON.stringify(JSON.parse(text), null, 2);
    return canonicalJson(indented) === canonicalJson(text) ? indented : text;
  } catch {
    return text;
  }
}

/** Characters that hide or reorder others are written as JSON escapes, and steer no terminal. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}
