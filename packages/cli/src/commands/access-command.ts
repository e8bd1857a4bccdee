import { revocation, revocationList, revocationsPath, type Revocation } from '@tachograph/protocol';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';
import { textTable } from '../text-table.ts';

interface RevokeOptions extends ControllerOptions {
  readonly subject: string;
  readonly issuer?: string;
  readonly reason: string;
  readonly json?: boolean;
}

interface ListOptions extends ControllerOptions {
  readonly json?: boolean;
}

const whoMay = `
For people only whom the controller's TACHO_REVOKERS names, or TACHO_CUSTODIANS where that is not set. Each revocation
stands in the log with your name and reason.
${controllerHelp}

Exit codes: 0 done; 1 refused.`;

/** `tacho access`: ends what callers may do with the tokens that they have. */
export function addAccessCommand(program: Command, context: CliContext): void {
  const access = program.command('access').description("Revoke callers' tokens and logins");
  addRevoke(access, context);
  addList(access, context);
}

function addRevoke(access: Command, context: CliContext): void {
  withControllerOptions(access.command('revoke'))
    .description('End every token and login that a subject has now')
    .requiredOption('--subject <sub>', 'as tacho sessions shows it')
    .option('--issuer <url>', "of the tokens, or of the company's provider behind them (default: any)")
    .requiredOption('--reason <text>', 'why; kept in the log')
    .option('--json', 'print the revocation')
    .addHelpText(
      'after',
      `
Sidecars that reach the controller refuse the subject's tokens within seconds, at the next request; what already streams
goes on. A sidecar that does not reach it goes on until the statement that it holds expires, an hour at most. The subject
may log in again: to keep somebody out, close the account at the company's provider, or deny the subject by policy.
${whoMay}

Examples:
  tacho access revoke --subject alice --reason "laptop stolen"
  tacho access revoke --subject repo:corp/tools:ref:refs/heads/main --issuer https://token.actions.githubusercontent.com --reason "leaked"`,
    )
    .action(async ({ subject, issuer, reason, json, ...options }: RevokeOptions) => {
      const client = await openController(context, options);
      const body = { subject, reason, ...(issuer === undefined ? {} : { iss: issuer }) };
      const revoked = await client.call(revocation, 'POST', revocationsPath, body);
      if (json === true) return printJson(context, revoked);
      const logged = revoked.logged ? '' : '; the log does not answer now, and will be told';
      context.out(`${revoked.subject} revoked: tokens issued before ${revoked.before}${logged}\n`);
    });
}

function addList(access: Command, context: CliContext): void {
  withControllerOptions(access.command('list'))
    .description('List the revocations in force, newest first')
    .option('--json', 'print {"revocations": [revocation, …]}')
    .addHelpText('after', `${whoMay}\n\nExamples:\n  tacho access list\n  tacho access list --json`)
    .action(async ({ json, ...options }: ListOptions) => {
      const client = await openController(context, options);
      const list = await client.call(revocationList, 'GET', revocationsPath);
      if (json === true) return printJson(context, list);
      if (list.revocations.length === 0) return context.err('no revocations\n');
      context.out(
        textTable([['SUBJECT', 'ISSUER', 'BEFORE', 'UNTIL', 'BY', 'REASON'], ...list.revocations.map(toRow)]),
      );
    });
}

function toRow({ subject, iss, before, until, by, reason }: Revocation): string[] {
  return [subject, iss ?? 'any', before, until, by.sub, reason];
}
