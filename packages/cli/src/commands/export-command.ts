import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { exportAnswer, type ExportRequest } from '@tachograph/protocol';
import type { Command } from 'commander';
import { type ArchiveOptions, openArchive } from '../archive/open-archive.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';
import { collectExport, type CollectedExport } from '../export/collect-export.ts';
import { readVerifyPage } from '../export/verify-page.ts';
import { writeZip } from '../export/write-zip.ts';

interface ExportOptions extends ArchiveOptions, ControllerOptions {
  readonly session?: string;
  readonly out?: string;
  readonly reason?: string;
  readonly pageDigest?: boolean;
  readonly json?: boolean;
}

/** `tacho export`: one session as a zip that proves itself. */
export function addExportCommand(program: Command, context: CliContext): void {
  const command = program
    .command('export')
    .description('Write one closed session, with proofs and a verification page, into a zip')
    .option('--bucket <address>', 'gs://bucket[/prefix] or a pulled directory (default: TACHO_BUCKET)')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--session <id>', 'the session')
    .option('--out <file.zip>', 'where to; an existing file is left alone')
    .option('--reason <text>', 'record the export in the log first, with your name and this reason')
    .option('--page-digest', "print the SHA-256 of this version's verification page, and end");
  withControllerOptions(command)
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      `
The zip holds the session's segments, blobs and manifest, every log entry that it rests on with a C2SP tlog-proof, one
checkpoint with its cosignatures, the keys, and verify.html, which proves all of it in a browser without network. The
policy is not in it: whoever verifies must have that on another way. The same session and checkpoint give the same
bytes. Segments are whole: they also hold what the same recorder recorded of others meanwhile.
${controllerHelp}

Exit codes: 0 written; 1 the archive contradicts itself, or the controller refused; 3 no such closed session, no
checkpoint over it yet, or an object is absent; 64 the file exists.

Examples:
  tacho export --bucket gs://my-recordings --session 0193… --out case-42.zip
  tacho export --bucket ./november --session 0193… --out case-42.zip
  tacho export --session 0193… --out case-42.zip --reason "case 4711"
  tacho verify case-42.zip --policy policy.txt`,
    )
    .action(async (options: ExportOptions) => runExport(context, options));
}

async function runExport(context: CliContext, options: ExportOptions): Promise<void> {
  const page = await readVerifyPage();
  if (options.pageDigest === true) {
    return context.out(`${createHash('sha256').update(page).digest('hex')}  verify.html\n`);
  }
  const { session, out } = options;
  if (session === undefined || out === undefined)
    throw new CliError('usage', 'expected --session ID and --out FILE.zip');
  if ((await lstat(out).catch(() => undefined)) !== undefined) throw new CliError('usage', `${out} exists already`);
  const { store } = openArchive(context, options);
  const collected = await collectExport(store, session, page);
  const written = await writeAndRegister(context, { ...options, session, out }, collected);
  if (options.json === true)
    return printJson(context, { out, session, ...written, ...collected.counts, checkpoint: collected.checkpoint });
  const { counts, checkpoint } = collected;
  context.out(
    `${out}: ${counts.segments} segments, ${counts.blobs} blobs, ${counts.leaves} leaves proved by the checkpoint at ${checkpoint.size} with ${checkpoint.cosignatures} cosignatures\nsha256 ${written.sha256}\n`,
  );
}

interface Target extends ControllerOptions {
  readonly session: string;
  readonly out: string;
  readonly reason?: string;
}

/** The export stands in the log before the file has its name. */
async function writeAndRegister(
  context: CliContext,
  target: Target,
  collected: CollectedExport,
): Promise<{ readonly sha256: string; readonly export?: string }> {
  const { out, session, reason } = target;
  const pending = `${out}.${process.pid}.tmp`;
  try {
    await writeZip(pending, collected.entries);
    const sha256 = await digestOf(pending);
    const { size, root } = collected.checkpoint;
    const request = {
      what: 'session',
      selection: { session },
      checkpoint: { size, root },
      counts: collected.counts,
      sha256,
    } as const;
    const registered = reason === undefined ? undefined : await register(context, target, { ...request, reason });
    await rename(pending, out);
    return registered === undefined ? { sha256 } : { sha256, export: registered };
  } finally {
    await rm(pending, { force: true });
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function register(context: CliContext, options: ControllerOptions, request: ExportRequest): Promise<string> {
  const client = await openController(context, options);
  return (await client.call(exportAnswer, 'POST', '/v1/custody/exports', request)).export;
}
