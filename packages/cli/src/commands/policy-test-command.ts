import { readFile } from 'node:fs/promises';
import { decide, describeDenial, explain, type RuleTrace } from '@tachograph/policy';
import type { Approval, Decision, PolicyCall, PolicyCaller } from '@tachograph/protocol';
import { type Command, Option } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { compileFileBundle } from '../policy/file-bundle.ts';
import { loadPolicies } from '../policy/policy-files.ts';
import { parseCall, parseCaller } from '../policy/read-call.ts';
import { printable, textTable } from '../text-table.ts';
import { collectOption, parseTimeOption } from './option-parsers.ts';

interface TestOptions {
  readonly policy: readonly string[];
  readonly call: string;
  readonly caller?: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly workload: string;
  readonly at?: string;
  readonly expect?: Decision['verdict'];
  readonly json?: boolean;
}

const help = `
The call is a JSON-RPC request ({"method": "tools/call", "params": {"name", "arguments"}}) or {"tool", "arguments"};
the caller {"subject", "type", "groups", "clientId", "issuer"}, all but the subject optional, without one anonymous.
Command guards judge the call as they do in the sidecar. Limits, drift and recorded arguments play no part.

Exit codes: 0 whatever the verdict; with --expect 1 when it is another; 64 bad policy or usage.

Examples:
  tacho policy test --policy policy.yaml --call call.json
  echo '{"tool": "pay", "arguments": {"amount": 5000}}' |
    tacho policy test --policy policy.yaml --call - --caller alice.json --expect approve
  tacho policy test --policy cluster.yaml --policy team.yaml --namespace team-a --workload files --call call.json --json`;

/** `tacho policy test`: verdict, rule and why, for one call. */
export function addPolicyTestCommand(policy: Command, context: CliContext): void {
  policy
    .command('test')
    .description('Say what policies decide about one call, and why')
    .requiredOption('--policy <file>', 'YAML file of policies; may be given several times', collectOption)
    .requiredOption('--call <file>', 'the call as JSON; - for stdin')
    .option('--caller <file>', 'who calls, as JSON')
    .option('--cluster <name>', 'cluster of the server', 'local')
    .option('--namespace <name>', 'namespace of the server, and of policies that name none', 'default')
    .option('--workload <name>', 'workload of the server', 'server')
    .option('--at <time>', 'when the call comes (RFC 3339); now if not given', parseTimeOption)
    .addOption(
      new Option('--expect <verdict>', 'exit 1 when the verdict is another').choices(['allow', 'deny', 'approve']),
    )
    .option('--json', 'print decision and every rule with its outcome as JSON')
    .addHelpText('after', help)
    .action(async (options: TestOptions) => test(context, options));
}

const nobody: PolicyCaller = { subject: 'anonymous', subjectType: 'anonymous', groups: [] };

async function test(context: CliContext, options: TestOptions): Promise<void> {
  const objects = await loadPolicies(options.policy, options.namespace);
  const compiled = await compileFileBundle(objects, options);
  const { method, target, args } = parseCall(await readInput(context, options.call));
  const caller = options.caller === undefined ? nobody : parseCaller(await readInput(context, options.caller));
  const guards = method === 'tools/call' ? await compiled.findingsOf(target.tool ?? '', args) : [];
  const timeMs = options.at === undefined ? context.nowMs() : Date.parse(options.at);
  const call: PolicyCall = { method, ...target, ...caller, readArguments: () => args, timeMs, guards };
  const decision = decide(compiled.bundle, call);
  const rules = explain(compiled.bundle, call);
  if (options.expect !== undefined && decision.verdict !== options.expect) context.exit(exitCodes.tampered);
  if (options.json === true)
    printJson(context, { ...decision, why: whyOf(decision), policies: compiled.policies, rules });
  else context.out(toText(decision, rules));
}

async function readInput(context: CliContext, file: string): Promise<string> {
  if (file === '-') return context.readStdin();
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
}

function whyOf(decision: Decision): string {
  const { verdict, rule, policy } = decision;
  if (verdict !== 'allow') return describeDenial(decision);
  if (rule !== undefined) return `Allowed by rule "${rule}" of policy "${policy ?? ''}".`;
  return policy === undefined
    ? 'No rule speaks, and no policy denies.'
    : `Allowed by the default of policy "${policy}".`;
}

function toText(decision: Decision, rules: readonly RuleTrace[]): string {
  const { verdict, rule = '-', policy = '-', approve, guard = [] } = decision;
  const lines = [
    ['verdict', verdict],
    ['rule', rule],
    ['policy', policy],
    ['why', whyOf(decision)],
    ...(approve === undefined ? [] : [['approve', approversText(approve)]]),
    ...guard.map(({ kind, verdict: found, reasons }) => ['guard', [`${kind} ${found}`, ...reasons].join('; ')]),
  ].map(([name = '', value = '']) => `${name.padEnd(8)} ${printable(value)}\n`);
  if (rules.length === 0) return lines.join('');
  const rows = rules.map((one) => [one.level, one.policy, one.rule, one.verdict, one.outcome.replaceAll('_', ' ')]);
  return `${lines.join('')}\n${textTable([['LEVEL', 'POLICY', 'RULE', 'VERDICT', 'OUTCOME'], ...rows])}`;
}

function approversText({ subjects, groups, count, withinSeconds }: Approval): string {
  const approvers = [...subjects, ...groups.map((group) => `group ${group}`)];
  return `${count} of ${approvers.join(', ') || '-'} within ${withinSeconds} s`;
}
