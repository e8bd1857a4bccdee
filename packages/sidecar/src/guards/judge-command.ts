/** Every command in one call, judged. */
import { guardTargets, raiseByHint, type GuardSpec, type JudgedTarget } from '@tachograph/policy';
import type { GuardThread } from './guard-thread.ts';

/** The parts of a `tools/call` that matter here. */
export interface GuardedCall {
  readonly tool: string;
  /** `params.arguments` as parsed from the bytes that will be forwarded. */
  readonly args: unknown;
  /** What tools/list says of the tool; it only raises. */
  readonly destructiveHint?: boolean | undefined;
}

/**
 * Judges each command that the call's arguments hold; none: an empty list, at once and without the thread. Never
 * rejects: what could not be judged is opaque.
 */
export async function judgeCommands(
  thread: GuardThread,
  call: GuardedCall,
  spec: GuardSpec,
): Promise<readonly JudgedTarget[]> {
  const targets = guardTargets(call.tool, call.args, spec);
  return Promise.all(
    targets.map(async ({ path, ...job }) => {
      const judgement = raiseByHint(await thread.judge(job), call.destructiveHint);
      return { kind: job.kind, path, ...judgement };
    }),
  );
}
