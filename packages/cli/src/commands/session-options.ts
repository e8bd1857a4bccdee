/** Options by which commands choose sessions. */
import type { PullSelection, SessionSelection } from '@tachograph/archive';
import { Option, type Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { parseEndOption, parseTimeOption } from './option-parsers.ts';

/** As typed; times are RFC 3339, half open. */
export interface SelectionOptions {
  readonly session?: string;
  readonly all?: boolean;
  readonly namespace?: string;
  readonly subject?: string;
  readonly subjectType?: string;
  readonly group?: string;
  readonly client?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly hold?: string;
  readonly from?: string;
  readonly to?: string;
}

const subjectTypes = ['human', 'workload', 'ci', 'anonymous'] as const;

/** Adds the filters of sessions; all that are given must fit. */
export function addSessionFilters(command: Command): Command {
  return command
    .option('--namespace <name>', 'one namespace')
    .option('--subject <sub>', 'sessions of this caller')
    .addOption(new Option('--subject-type <type>', 'callers of this type').choices(subjectTypes))
    .option('--group <name>', 'callers who were in this group when the session opened')
    .option('--client <name>', 'client_id of the token, or the name that the client gave itself')
    .option('--server <name>', 'sessions with this workload, or namespace/workload')
    .option('--tool <name>', 'sessions that called this tool (reads their records)')
    .option('--hold <id>', 'what this legal hold covers')
    .option('--from <time>', 'from this day or RFC 3339 time on', parseTimeOption)
    .option('--to <time>', 'up to this day, included, or up to this RFC 3339 time', parseEndOption);
}

/** The options that are given, without those that are not. */
export function toSessionSelection(options: SelectionOptions): SessionSelection {
  const { namespace, subject, subjectType, group, client, server, tool, from, to } = options;
  const given = Object.entries({ namespace, subject, subjectType, group, client, server, tool, from, to }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given);
}

/** One selection of a pull; throws `usage` where it is none or more than one. */
export function toPullSelection(options: SelectionOptions): PullSelection {
  const { session, all, hold } = options;
  const filters = toSessionSelection(options);
  const hasFilters = Object.keys(filters).length > 0;
  const choices = [session !== undefined, all === true, hold !== undefined, hasFilters].filter(Boolean);
  if (choices.length !== 1) {
    throw new CliError(
      'usage',
      'expected one of --session ID, --all, --hold ID, or filters such as --subject and --from',
    );
  }
  if (session !== undefined) return { kind: 'session', session };
  if (hold !== undefined) return { kind: 'hold', hold };
  if (all === true) return { kind: 'all' };
  const { namespace: _namespace, from: _from, to: _to, ...ofSession } = filters;
  const bySession = Object.keys(ofSession).length > 0;
  return bySession ? { kind: 'sessions', ...filters } : toPeriod(filters);
}

/** Segments and manifests stand under whole days. */
function toPeriod({ namespace, from, to }: SessionSelection): PullSelection {
  return {
    kind: 'period',
    ...(namespace === undefined ? {} : { namespace }),
    ...(from === undefined ? {} : { from: from.slice(0, 10) }),
    ...(to === undefined ? {} : { to: new Date(Date.parse(to) - 1).toISOString().slice(0, 10) }),
  };
}
