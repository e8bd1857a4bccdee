import { createGuards, type GuardKind, type Judgement } from '@tachograph/policy';
import { type Command, Option } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { judgeJob, serveGuard } from '../guard/serve-guard.ts';

interface GuardOptions {
  readonly kind?: GuardKind;
  readonly dialect?: string;
  readonly serve?: boolean;
  readonly json?: boolean;
}

const help = `
Verdicts of SQL: read, bounded_write, unbounded_write, ddl, privilege, host (reaches the server or beyond), opaque.
Verdicts of shell: benign, destructive, opaque. Opaque: nobody can say what the text does, so a person must.

Without --kind the text is SQL if it begins as a statement does. Without --dialect SQL is judged under every database
that may run it, and the worst verdict counts. Exit code 0 whatever the verdict; 64: usage.

With --serve stdin holds {"kind": "sql" or "shell", "text": "...", "dialect": "..."} a line ("dialect" may be absent),
and each is answered, in order, by {"verdict", "reasons"} or {"error"}.

Examples:
  tacho guard "DELETE FROM users WHERE 1 = 1"
  tacho guard --kind shell 'find / -name core -delete'
  tacho guard --kind sql --dialect mysql --json "SELECT 1 /*!50000 ; DROP TABLE t */"
  echo '{"kind": "shell", "text": "ls -la"}' | tacho guard --serve`;

/** `tacho guard`: judges a command as the sidecar does, without a cluster. */
export function addGuardCommand(program: Command, context: CliContext): void {
  program
    .command('guard')
    .argument('[text]', 'the command to judge')
    .description('Judge what a SQL text or a command line would do, as the sidecar does')
    .addOption(new Option('--kind <kind>', 'what the text is').choices(['sql', 'shell']))
    .option('--dialect <name>', 'the database: postgresql, mysql, mariadb, tsql, sqlite, bigquery, snowflake, ...')
    .addOption(new Option('--serve', 'answer one JSON object a line').conflicts(['kind', 'dialect', 'json']))
    .option('--json', 'print the judgement as JSON')
    .addHelpText('after', help)
    .action(async (text: string | undefined, options: GuardOptions) => guard(context, text, options));
}

async function guard(context: CliContext, text: string | undefined, options: GuardOptions): Promise<void> {
  const guards = createGuards();
  if (options.serve === true) {
    if (text !== undefined) throw new CliError('usage', 'expected either a text or --serve, got both');
    return serveGuard(context, guards);
  }
  if (text === undefined) throw new CliError('usage', 'expected a text to judge, or --serve');
  const kind = options.kind ?? kindOf(text);
  const judgement = await judgeJob(guards, { kind, text, dialect: options.dialect });
  if (options.json === true) printJson(context, { kind, ...judgement });
  else context.out(toText(kind, judgement));
}

const beginsAsSql =
  /^[\s(;]*(select|with|insert|update|delete|merge|replace|truncate|create|alter|drop|grant|revoke|explain|copy|do|pragma|vacuum|begin|call|exec)\s/i;

function kindOf(text: string): GuardKind {
  return beginsAsSql.test(text.replaceAll(/\/\*M?!?\d*|\*\//g, ' ')) ? 'sql' : 'shell';
}

function toText(kind: GuardKind, { verdict, reasons }: Judgement): string {
  return [`${kind}: ${verdict}`, ...reasons.map((reason) => `  ${reason}`), ''].join('\n');
}
