import { type Command, Option } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { openReport } from '../mask/evidence-report.ts';
import { loadMaskingSpec } from '../mask/load-masking-spec.ts';
import { maskMessages, type MessageLine } from '../mask/mask-messages.ts';
import { refusalText, type MaskPoint, type MaskRun } from '../mask/mask-run.ts';
import { maskInput } from '../mask/mask-text.ts';
import { createNodeMasker } from '../mask/node-masking.ts';
import { noteOf, serveLines } from '../mask/serve-lines.ts';

interface MaskOptions {
  readonly jsonrpc?: boolean;
  readonly serve?: boolean;
  readonly point: MaskPoint;
  readonly policy?: string;
  /** True: `--report` without a file. */
  readonly report?: string | true;
  readonly json?: boolean;
}

const help = `
stdin is one text of at most 16 MiB. With --jsonrpc it is a JSON-RPC message a line, and what holds nothing to mask
comes out byte for byte. With --serve it is {"text": "..."} a line, and each is answered at once by
{"text": "...", "findings": [{"rule", "start", "end"}]} (UTF-16 offsets in the text that came in) or {"error": "..."}.

Where a policy asks for tokens or encryption, which need the sidecar's own key, values are redacted instead.

Nothing of a refused input is printed: stderr says line and reason, and the exit code is 1. Exit code 64: bad policy or
usage.

Examples:
  kubectl logs deploy/api | tacho mask
  tacho mask --policy policy.yaml --report evidence.jsonl < dump.txt
  tacho mask --jsonrpc --point record < messages.jsonl
  echo '{"text": "password=correct-horse-7"}' | tacho mask --serve`;

/** `tacho mask`: masks as the sidecar does, without a cluster. */
export function addMaskCommand(program: Command, context: CliContext): void {
  program
    .command('mask')
    .description("Mask secrets and personal data of stdin, with the sidecar's own rules")
    .option('--jsonrpc', 'stdin holds JSON-RPC messages, one a line')
    .addOption(new Option('--serve', 'answer {"text"} lines, for scorers and other programs').conflicts('jsonrpc'))
    .addOption(
      new Option('--point <point>', 'as callers get it (balanced), or as the record gets it (recall first)')
        .choices(['client', 'record'])
        .default('client'),
    )
    .option('--policy <file>', 'McpPolicy, or its spec alone, as YAML: its masking rules')
    .option('--report [file]', 'evidence as JSON lines, to the file or (-) to stderr')
    .addOption(new Option('--json', 'print result and evidence as JSON; a line each with --jsonrpc').conflicts('serve'))
    .addHelpText('after', help)
    .action(async (options: MaskOptions) => mask(context, options));
}

async function mask(context: CliContext, options: MaskOptions): Promise<void> {
  const spec = options.policy === undefined ? {} : await loadMaskingSpec(options.policy);
  const masker = createNodeMasker(spec);
  await masker.ready;
  if (spec.recognizer !== undefined) context.err("tacho: warning: the policy's recognizer is not asked here\n");
  const file = options.report === true ? '-' : options.report;
  const report = file === undefined ? undefined : openReport(file, masker.rulesHash, context.err);
  const { stdin, out, outReady } = context;
  const run: MaskRun = {
    masker,
    point: options.point,
    input: stdin(),
    out,
    outReady,
    note: (note) => report?.write(note),
  };
  try {
    if (options.serve === true) await serveLines(run);
    else if (options.jsonrpc === true) await printMessages(context, run, { asJson: options.json === true, file });
    else await printText(context, run, options.json === true);
  } finally {
    report?.close();
  }
}

async function printText(context: CliContext, run: MaskRun, asJson: boolean): Promise<void> {
  const result = await maskInput(run);
  const note = noteOf(1, result);
  if (note !== undefined) run.note(note);
  if (result.kind === 'refused') {
    throw new CliError('refused', `the input is refused: ${refusalText(result.reason)}`);
  }
  const { text, hits, spans } = result;
  if (asJson) printJson(context, { point: run.point, rules: run.masker.rulesHash, hits, evidence: spans, text });
  else context.out(text);
}

interface MessageOutput {
  readonly asJson: boolean;
  /** Where evidence goes. A refusal is said once: as JSON where stderr is JSON lines, else in words. */
  readonly file: string | undefined;
}

async function printMessages(context: CliContext, run: MaskRun, { asJson, file }: MessageOutput): Promise<void> {
  for await (const line of maskMessages(run)) {
    const note = line.kind === 'blank' ? undefined : noteOf(line.number, line);
    if (note !== undefined) run.note(note);
    if (line.kind === 'refused') {
      context.exit(exitCodes.tampered);
      if (file !== '-') context.err(`tacho: line ${line.number}: refused: ${refusalText(line.reason)}\n`);
    }
    context.out(asJson ? toJsonLine(line, run) : toRawLine(line));
    await context.outReady();
  }
}

function toRawLine(line: MessageLine): string {
  if (line.kind === 'refused') return '';
  return (line.kind === 'blank' ? '' : line.text) + (line.ended ? '\n' : '');
}

function toJsonLine(line: MessageLine, { point, masker }: MaskRun): string {
  const { number } = line;
  if (line.kind === 'blank') return '';
  const shown =
    line.kind === 'refused'
      ? { line: number, refused: line.reason, message: refusalText(line.reason) }
      : { line: number, point, rules: masker.rulesHash, hits: line.hits, evidence: line.spans, text: line.text };
  return `${JSON.stringify(shown)}\n`;
}
