/** Step 4, before the rules: what command guards find in a call (`masking.md` §5). */
import { toGuardFindings, type GuardJob, type GuardQuestion, type Judgement } from '@tachograph/policy';
import { mcpTarget, type GuardFinding, type JsonRpcMessage } from '@tachograph/protocol';
import type { CallContext, PolicyInForce } from './ports.ts';

/** Judges one text. Never rejects: what could not be judged is opaque. */
export interface GuardPort {
  judge(job: GuardJob): Promise<Judgement>;
}

/** What the guards of the bundle ask about this message. */
export function guardQuestions({ guards }: PolicyInForce, message: JsonRpcMessage): readonly GuardQuestion[] {
  if (guards === undefined || message.kind === 'response') return [];
  const { tool } = mcpTarget(message.method, message.params);
  return tool === undefined ? [] : guards(tool, message.params['arguments']);
}

/** `undefined`, at once, for a call that no guard asks about. One text is judged once, whoever asks. */
export function guardFindings(
  { guards, hints }: CallContext,
  policy: PolicyInForce,
  message: JsonRpcMessage,
): Promise<readonly GuardFinding[]> | undefined {
  const questions = guardQuestions(policy, message);
  if (questions.length === 0) return undefined;
  const judged = new Map<string, Promise<Judgement>>();
  const judge = async ({ kind, text, dialect, isSniffed }: GuardJob): Promise<Judgement> => {
    const key = JSON.stringify([kind, text, dialect ?? null, isSniffed ?? false]);
    const found = judged.get(key) ?? guards.judge({ kind, text, dialect, isSniffed });
    judged.set(key, found);
    return found;
  };
  const isDestructive = message.kind !== 'response' && hints.isDestructive(message.params['name']);
  const found = questions.map(async (one) => toGuardFindings(one, await judge(one.target), isDestructive));
  return Promise.all(found).then((findings) => findings.flat());
}

/** Top-level arguments that guards have judged; `all` where it cannot be told. */
export function guardedArguments(policy: PolicyInForce, message: JsonRpcMessage): ReadonlySet<string> | 'all' {
  const names = new Set<string>();
  for (const { target } of guardQuestions(policy, message)) {
    const name = /^\/([^/#]+)/.exec(target.path)?.[1];
    if (name === undefined) return 'all';
    names.add(name.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return names;
}
