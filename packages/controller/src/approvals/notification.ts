/** What a held call's notification says: only what has passed masking, and how much masking hid. */
import type { HeldApproval } from '@tachograph/protocol';

/** Slack's limit of one text block is 3,000 characters. */
const longestShown = 2500;

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

/** Body of an incoming webhook of Slack and of what takes the same. */
export interface Notification {
  /** Shown where blocks are not. */
  readonly text: string;
  readonly blocks: readonly (
    | { readonly type: 'header'; readonly text: PlainText }
    | { readonly type: 'section'; readonly text: PlainText }
    | { readonly type: 'section'; readonly fields: readonly PlainText[] }
  )[];
}

/** Plain text throughout: nothing in a call is read as markup. */
export function toNotification(approval: HeldApproval, url: string): Notification {
  const { id, caller, workload, method, tool, policy, rule, expiresAt } = approval;
  const title = `${visible(caller.sub)} asks to run ${visible(tool)}`;
  const facts = [
    ['Caller', `${caller.sub} (${caller.type})`],
    ['Workload', workload],
    ['Call', `${method} ${tool}`],
    ['Rule', [policy, rule].filter((one) => one !== undefined).join(' ') || 'the default'],
    ['Needs', `${approval.count} of ${approversText(approval)}`],
    ['Until', expiresAt],
  ] as const;
  const decide = `tacho approvals approve ${id} --reason "why"\ntacho approvals deny ${id} --reason "why"\n${url}`;
  return {
    text: escaped(`${title}: ${url}`),
    blocks: [
      { type: 'header', text: plain(title.slice(0, 150)) },
      { type: 'section', fields: facts.map(([name, value]) => plain(`${name}\n${visible(value)}`.slice(0, 2000))) },
      { type: 'section', text: plain(`Arguments that will run\n${shown(approval.arguments)}`) },
      { type: 'section', text: plain(maskingText(approval)) },
      { type: 'section', text: plain(decide) },
    ],
  };
}

/** How much masking hid, and what follows from it. */
function maskingText({ maskedValues, judgedMasked }: Pick<HeldApproval, 'maskedValues' | 'judgedMasked'>): string {
  const hidden = `Masking hid ${maskedValues === 1 ? '1 value' : `${maskedValues} values`}.`;
  return judgedMasked
    ? `${hidden} A rule judged one of them: who approves must have seen it (tacho approvals reveal).`
    : hidden;
}

function approversText({ approvers: { subjects, groups } }: HeldApproval): string {
  const named = [...subjects, ...groups.map((group) => `group ${group}`)];
  return named.length === 0 ? 'anybody but the caller' : named.join(', ');
}

function shown(text: string): string {
  const all = visible(text);
  if (all.length <= longestShown) return all;
  return `${all.slice(0, longestShown)}\n… and ${all.length - longestShown} more characters: look at all of it before you decide`;
}

function plain(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false };
}

/** Characters that hide or reorder others are written as JSON escapes. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** What Slack reads as markup in `text`. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
