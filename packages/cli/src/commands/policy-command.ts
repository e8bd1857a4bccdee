import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addPolicyLintCommand } from './policy-lint-command.ts';
import { addPolicyMatrixCommand } from './policy-matrix-command.ts';
import { addPolicyReplayCommand } from './policy-replay-command.ts';
import { addPolicyTestCommand } from './policy-test-command.ts';

/** `tacho policy lint|test|replay|matrix`: what policies say, without a cluster. */
export function addPolicyCommand(program: Command, context: CliContext): void {
  const policy = program.command('policy').description('Check policies, and see what they would do, without a cluster');
  addPolicyLintCommand(policy, context);
  addPolicyTestCommand(policy, context);
  addPolicyReplayCommand(policy, context);
  addPolicyMatrixCommand(policy, context);
}
