import type { BundlePayload, Decision, PolicyCall } from '@tachograph/protocol';
import type { Glob } from './glob.ts';
import { isPlumbing, targetKindOf } from './methods.ts';
import { compileRule, type CompiledRule } from './rule.ts';

/** A bundle ready to be asked. */
export interface CompiledBundle {
  readonly default: BundlePayload['default'];
  /** The rules that can reach a method, hardest verdict first. */
  readonly rulesFor: (method: string) => readonly ReachingRule[];
}

interface ReachingRule {
  readonly rule: CompiledRule;
  readonly isTarget: Glob;
}

const hardness = { deny: 0, approve: 1, allow: 2 } as const;
const maxRememberedMethods = 256;
/** Longer names of tools, resources and prompts are denied: no server has them, and patterns are read against them. */
const maxTargetLength = 8192;

const plumbingAllowed: Decision = { verdict: 'allow' };
const targetTooLong: Decision = {
  verdict: 'deny',
  message: `the name of the target is longer than ${maxTargetLength} characters`,
};

/** Compiles a bundle once. The payload is trusted: its schema was checked where it was received. */
export function compileBundle(payload: BundlePayload): CompiledBundle {
  const rules = payload.rules.map(compileRule).toSorted((a, b) => hardness[a.verdict] - hardness[b.verdict]);
  const known = new Map<string, readonly ReachingRule[]>();
  return {
    default: payload.default,
    rulesFor: (method) => {
      const remembered = known.get(method);
      if (remembered !== undefined) return remembered;
      const reaching = rules.flatMap((rule) => {
        const isTarget = rule.targetsOf(method);
        return isTarget === undefined ? [] : [{ rule, isTarget }];
      });
      if (known.size < maxRememberedMethods) known.set(method, reaching);
      return reaching;
    },
  };
}

/**
 * What the rules say to one call: deny beats approve beats allow, whatever their order; where no rule speaks, the
 * default. Methods and their targets: see `methods.ts`.
 */
export function decide(bundle: CompiledBundle, call: PolicyCall): Decision {
  const target = targetOf(call);
  if (target.length > maxTargetLength) return targetTooLong;
  for (const { rule, isTarget } of bundle.rulesFor(call.method)) {
    if (isTarget(target) && rule.matchesWho(call)) return rule.decision;
  }
  return isPlumbing(call.method) ? plumbingAllowed : { verdict: bundle.default };
}

/** The name that the method's list speaks about; a call without one has an empty name. */
function targetOf(call: PolicyCall): string {
  const kind = targetKindOf(call.method);
  if (kind === undefined) return '';
  return (kind === 'tools' ? call.tool : kind === 'resources' ? call.resource : call.prompt) ?? '';
}

/** What the model reads instead of an answer. Names rule and policy, so that its user can ask for them. */
export function describeDenial({ verdict, rule, policy, message }: Decision): string {
  const what = verdict === 'approve' ? 'Held for approval' : 'Denied';
  const by =
    rule === undefined
      ? 'the default of the policy'
      : `rule "${rule}"${policy === undefined ? '' : ` of policy "${policy}"`}`;
  return message === undefined ? `${what} by ${by}.` : `${what} by ${by}: ${message}`;
}
