import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseWorkloadUri, workloadUri } from '@tachograph/protocol';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { type DevIssuer, loadDevIssuer, signDevToken } from '../trust/dev-issuer.ts';
import { parseTexts, stateDir } from '../trust/state-dir.ts';
import { parseSecondsOption } from './option-parsers.ts';

interface DevTokenOptions {
  readonly subject: string;
  readonly groups?: string;
  readonly clientId?: string;
  readonly workload?: string;
  readonly audience?: string;
  readonly ttl: number;
  readonly json?: boolean;
}

/** `tacho dev-token`: a caller's token for an installation without a cluster. */
export function addDevTokenCommand(program: Command, context: CliContext): void {
  program
    .command('dev-token')
    .description("Sign a caller's token with the demo's issuer key (only with TACHO_STATE)")
    .requiredOption('--subject <sub>', 'whom the token names')
    .option('--groups <list>', 'groups, separated by commas')
    .option('--client-id <id>', 'client_id claim')
    .option('--workload <uri>', 'audience: tachograph://cluster/namespace/workload (default: the one enrolled)')
    .option('--audience <uri>', 'any other audience, such as tachograph://cluster/controller for tacho approvals')
    .option('--ttl <time>', 'validity', parseSecondsOption, 3600)
    .option('--json', 'print token and claims as JSON')
    .addHelpText(
      'after',
      `
Examples:
  TACHO_STATE=./state tacho dev-token --subject alice --workload tachograph://demo/demo/everything
  TACHO_STATE=./state tacho dev-token --subject bob --groups dba,oncall --ttl 15m
  TACHO_STATE=./state tacho dev-token --subject bob --groups dba --audience tachograph://demo/controller`,
    )
    .action(async (options: DevTokenOptions) => printToken(context, options));
}

async function printToken(context: CliContext, options: DevTokenOptions): Promise<void> {
  const dir = stateDir(context, 'dev-token');
  const issuer = await loadDevIssuer(dir);
  const audience = options.audience ?? options.workload ?? (await defaultAudience(context, dir, issuer));
  if (options.workload !== undefined && parseWorkloadUri(options.workload) === undefined) {
    throw new CliError('usage', 'expected --workload tachograph://cluster/namespace/workload');
  }
  const groups = (options.groups ?? '').split(',').filter((group) => group !== '');
  const token = await signDevToken(issuer, {
    subject: options.subject,
    groups,
    audience,
    issuedAtMs: context.nowMs(),
    ttlSeconds: options.ttl,
    ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
  });
  if (options.json === true) printJson(context, { token, issuer: issuer.issuer, audience, ttlSeconds: options.ttl });
  else context.out(`${token}\n`);
}

/** The issuer's first audience, else the only enrolled workload. */
async function defaultAudience(context: CliContext, dir: string, issuer: DevIssuer): Promise<string> {
  const [first] = issuer.audiences;
  if (first !== undefined) return first;
  const cluster = context.env['TACHO_CLUSTER'];
  const enrolled = await enrolledWorkloads(dir);
  const [only, ...others] = enrolled;
  if (cluster === undefined || only === undefined || others.length > 0) {
    throw new CliError('usage', `expected --workload URI: ${enrolled.length} workloads are enrolled`);
  }
  return workloadUri({ cluster, ...only });
}

async function enrolledWorkloads(dir: string): Promise<{ namespace: string; workload: string }[]> {
  const path = join(dir, 'enrolments');
  const files = await readdir(path).catch(() => []);
  const texts = await Promise.all(
    files.filter((file) => file.endsWith('.json')).map((file) => readFile(join(path, file), 'utf8')),
  );
  return texts.flatMap((text) => {
    const { namespace, workload } = parseTexts(text);
    return namespace === undefined || workload === undefined ? [] : [{ namespace, workload }];
  });
}
