import type { Command } from 'commander';
import { openArchive } from '../archive/open-archive.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { loadPolicies } from '../policy/policy-files.ts';
import { replaySessions, type Replay, type ReplayDifference } from '../policy/replay.ts';
import { collectOption } from './option-parsers.ts';
import { textTable } from '../text-table.ts';

interface ReplayOptions {
  readonly policy: readonly string[];
  readonly session: string;
  readonly only?: string;
  readonly namespace: string;
  readonly json?: boolean;
}

/** `tacho policy replay`: what policies would have changed. */
export function addPolicyReplayCommand(policy: Command, context: CliContext): void {
  policy
    .command('replay')
    .description('Judge recorded sessions by other policies, and show which verdicts would differ')
    .requiredOption('--policy <file>', 'YAML file of policies; may be given several times', collectOption)
    .requiredOption('--session <dir>', 'directory that tacho pull has made (or gs://bucket[/prefix])')
    .option('--only <id>', 'one session of it')
    .option('--namespace <name>', 'namespace of policies that name none', 'default')
    .option('--json', 'print counts and differences as JSON')
    .addHelpText(
      'after',
      `
Recorded are masked messages: where masking hid something of a call, a condition or a guard may judge the call
otherwise in the sidecar; those calls are marked with *. Limits and drift play no part.

Exit code 0 whether or not verdicts differ; 64 bad policy or usage.

Examples:
  tacho pull --bucket gs://my-recordings --session 0193… --out case-42
  tacho policy replay --policy new.yaml --session case-42
  tacho policy replay --policy cluster.yaml --policy new.yaml --namespace team-a --session november --json`,
    )
    .action(async (options: ReplayOptions) => replay(context, options));
}

async function replay(context: CliContext, options: ReplayOptions): Promise<void> {
  const objects = await loadPolicies(options.policy, options.namespace);
  const { store } = openArchive(context, { bucket: options.session });
  const result = await replaySessions(store, objects, options.only === undefined ? {} : { session: options.only });
  if (result.sessions === 0) throw new CliError('not_found', `no session in ${options.session}`);
  if (options.json === true) return printJson(context, result);
  context.out(toText(result));
  return undefined;
}

function toText({ sessions, calls, differences, masked, unread }: Replay): string {
  const head = `${sessions} sessions, ${calls} calls judged anew: ${calls - differences.length - unread} as before, ${differences.length} differ`;
  const notes = [
    ...(unread === 0 ? [] : [`${unread} could not be read`]),
    ...(masked === 0 ? [] : [`${masked} had masked values`]),
  ];
  const table = [['TIME', 'WORKLOAD', 'SUBJECT', 'METHOD', 'TARGET', 'VERDICT', 'RULE'], ...differences.map(toRow)];
  const kinds = Object.entries(
    Object.groupBy(differences, ({ before, after }) => `${before.verdict} -> ${after.verdict}`),
  );
  const counts = kinds.map(([kind, list]) => `${kind}: ${list?.length ?? 0}`);
  return [
    `${[head, ...notes].join('; ')}\n`,
    ...(differences.length === 0 ? [] : [`${counts.join(', ')}\n\n`, textTable(table)]),
  ].join('');
}

function toRow({ after, before, masked, ...it }: ReplayDifference): readonly string[] {
  const rule = after.rule ?? (after.policy === undefined ? '-' : `default of ${after.policy}`);
  const change = `${before.verdict} -> ${after.verdict}${masked ? ' *' : ''}`;
  return [it.time, it.workload, it.subject, it.method, it.target || '-', change, rule];
}
