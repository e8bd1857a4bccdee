import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { type InjectedDocument, injectDocuments } from '../inject/inject-documents.ts';
import { loadInjectSettings, type SettingsOptions } from '../inject/inject-settings.ts';

interface InjectOptions extends SettingsOptions {
  readonly filename: string;
  readonly namespace: string;
  readonly json?: boolean;
}

/** `tacho inject`: what the webhook would do, as YAML. */
export function addInjectCommand(program: Command, context: CliContext): void {
  program
    .command('inject')
    .description('Inject the sidecar into manifests, with the code of the webhook; YAML to stdout, reasons to stderr')
    .requiredOption('-f, --filename <file>', 'YAML documents; - reads stdin')
    .option('--namespace <name>', 'namespace of documents that name none', 'default')
    .option('--settings <file>', "the installation's settings, YAML or JSON")
    .option('--cluster <name>', 'cluster name of the installation')
    .option('--image <ref>', 'sidecar image')
    .option('--controller <url>', "the controller's https URL")
    .option('--trust <fingerprint>', 'sha256:… of the trust root')
    .option('--json', 'print what became of each document, as JSON')
    .addHelpText(
      'after',
      `
Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs and CronJobs are injected when their pods carry
tachograph.dev/mcp-server: "true"; other documents pass unchanged. Exit code 1: a document was refused (and nothing of
it is printed).

Examples:
  tacho inject -f deployment.yaml --settings install.yaml | kubectl apply -f -
  kustomize build . | tacho inject -f - --settings install.yaml`,
    )
    .action(async (options: InjectOptions) => inject(context, options));
}

async function inject(context: CliContext, options: InjectOptions): Promise<void> {
  const settings = await loadInjectSettings(options);
  const text = options.filename === '-' ? await context.readStdin() : await readManifest(options.filename);
  const results = injectDocuments(text, settings, options.namespace);
  for (const result of results) context.err(remarksOf(result));
  if (results.some(({ kind }) => kind === 'refused')) context.exit(exitCodes.tampered);
  if (options.json === true) return printJson(context, { documents: results });
  context.out(
    results
      .flatMap((result) => ('text' in result ? [result.text] : []))
      .map(withSeparator)
      .join(''),
  );
}

function withSeparator(text: string, index: number): string {
  return index === 0 || text.startsWith('---') ? text : `---\n${text}`;
}

async function readManifest(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
}

function remarksOf(result: InjectedDocument): string {
  const remark = (word: string, text: string): string => `${result.object}: ${word}: ${text}\n`;
  if (result.kind === 'unchanged') return remark('unchanged', result.reason);
  if (result.kind === 'refused') return result.reasons.map((reason) => remark('refused', reason)).join('');
  return result.warnings.map((warning) => remark('warning', warning)).join('');
}
