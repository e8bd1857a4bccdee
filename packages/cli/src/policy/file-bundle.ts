/** Policies from files, compiled for one workload as the controller and the sidecar compile them. */
import {
  compileBundle,
  compileGuardQuestions,
  compilePolicies,
  createGuards,
  loadConditions,
  toGuardFindings,
  type CompiledBundle,
  type PolicyObject,
} from '@tachograph/policy';
import { workloadUri, type BundleGuard, type GuardFinding, type WorkloadRef } from '@tachograph/protocol';
import { CliError } from '../cli-error.ts';
import { judgeJob } from '../guard/serve-guard.ts';

export interface FileBundle {
  readonly bundle: CompiledBundle;
  readonly guards: readonly BundleGuard[];
  /** Names of the policies that are for the workload. */
  readonly policies: readonly string[];
  /** What the guards find in a call of a tool. */
  findingsOf(tool: string, args: unknown): Promise<readonly GuardFinding[]>;
}

/** Throws `policy_malformed` where policies cannot be merged. */
export async function compileFileBundle(objects: readonly PolicyObject[], target: WorkloadRef): Promise<FileBundle> {
  const conditions = await loadConditions();
  const compiled = compilePolicies(objects, target, conditions);
  if (compiled.kind === 'refused') {
    const texts = compiled.errors.map(({ policy, path, message }) => `${policy}: ${path}: ${message}`);
    throw new CliError('policy_malformed', texts.join('; '));
  }
  const { durabilityFloor = 'process', ...parts } = compiled.parts;
  const unsigned = {
    v: 1,
    version: 0,
    issuedAt: '',
    notAfter: '',
    workload: workloadUri(target),
    durabilityFloor,
  } as const;
  const guards = parts.guards ?? [];
  const questionsOf = compileGuardQuestions(guards);
  const judges = createGuards();
  return {
    bundle: compileBundle({ ...unsigned, ...parts }, conditions),
    guards,
    policies: compiled.policies,
    async findingsOf(tool, args) {
      const questions = questionsOf?.(tool, args) ?? [];
      const findings = await Promise.all(
        questions.map(async (question) => toGuardFindings(question, await judgeJob(judges, question.target))),
      );
      return findings.flat();
    },
  };
}
