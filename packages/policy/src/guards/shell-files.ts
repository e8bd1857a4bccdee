/** Commands that write files, change who may use them, or move data. */
import { judgeMentions } from './shell-general.ts';
import { unknownPart, type ShellArgument } from './shell-argument.ts';
import type { CommandJudge, ShellContext } from './shell-findings.ts';
import { hasOption, operandsOf, optionsOf, valuesOf } from './shell-options.ts';
import { isSystemTree, writeHarm } from './shell-paths.ts';

export function judgeWrite(target: ShellArgument, { findings }: ShellContext): void {
  const harm = writeHarm(target.text);
  if (harm !== undefined) findings.destructive(harm);
  else if (target.text === unknownPart) findings.opaque('writes to a file that is named when it runs');
}

function judgeWrites(targets: readonly ShellArgument[], context: ShellContext): void {
  for (const target of targets) judgeWrite(target, context);
}

const judgeCopy: CommandJudge = (args, context) => {
  const targets = valuesOf(args, 't', 'target-directory');
  const last = operandsOf(args).at(-1);
  judgeWrites(targets.length > 0 || last === undefined ? targets : [last], context);
  if (hasOption(args, '', 'remove-destination')) context.findings.destructive('removes what is there');
};

const judgeMove: CommandJudge = (args, context) => {
  const operands = operandsOf(args);
  judgeCopy(args, context);
  for (const { text } of operands.slice(0, -1)) {
    if (isSystemTree(text) || writeHarm(text) !== undefined)
      context.findings.destructive('moves files of the system away');
  }
  if (operands.at(-1)?.text === '/dev/null') context.findings.destructive('moves files away');
};

const judgeLink: CommandJudge = (args, context) => {
  if (hasOption(args, 'f', 'force')) context.findings.destructive('ln -f replaces what is there');
  const operands = operandsOf(args);
  const link = operands.length > 1 ? operands.at(-1) : undefined;
  judgeWrites([...valuesOf(args, 't', 'target-directory'), ...(link === undefined ? [] : [link])], context);
};

const judgeDd: CommandJudge = (args, context) => {
  for (const { text } of args) {
    if (!text.startsWith('of=')) continue;
    const path = text.slice(3);
    if (/^\/dev\/(null|stdout)$/.test(path)) continue;
    context.findings.destructive('dd writes over its target');
  }
};

/** Modes that let everybody write, or let a file run as its owner. */
function isWideMode(mode: string): boolean {
  return /^0?[0-7]?[0-7][0-7][2367]$|^0?[2467][0-7]{3}$|(^|,)[ugoa]*[oa][ugoa]*[+=][rwxXst]*w|(^|,)[+=][rwxX]*w|[+=][rwxX]*s/.test(
    mode,
  );
}

const judgeMode: CommandJudge = (args, { findings }) => {
  const [mode, ...paths] = operandsOf(args);
  if (hasOption(args, 'R', 'recursive')) findings.destructive('changes a whole tree');
  if (isWideMode(mode?.text ?? '')) findings.destructive('gives rights to everyone');
  if (paths.some(isOfSystem)) findings.destructive('changes rights of the system');
};

function isOfSystem({ text }: ShellArgument): boolean {
  return writeHarm(text) !== undefined || isSystemTree(text);
}

const judgeOwner: CommandJudge = (args, { findings }) => {
  if (hasOption(args, 'R', 'recursive')) findings.destructive('changes a whole tree');
  const [, ...paths] = operandsOf(args);
  if (paths.some(isOfSystem)) findings.destructive('changes owners of the system');
};

const archiveCommands =
  /^--?(checkpoint-action|to-command|use-compress-program|rsh-command|rmt-command|info-script|new-volume-script|unlink-first|recursive-unlink|overwrite|remove-files|delete|xform|transform|absolute-names|ignore-command-error|volno-file|index-file)\b/;

const judgeTar: CommandJudge = (args, context) => {
  const flags = args[0]?.text.startsWith('--') === true ? '' : (args[0]?.text ?? '');
  const isCreating =
    /[cruA]/.test(flags) || args.some(({ text }) => /^--(create|append|update|concatenate)/.test(text));
  judgeTarOptions(args, flags, context);
  judgeWrites(isCreating ? valuesOf(args, 'f', 'file') : valuesOf(args, 'C', 'directory'), context);
};

function judgeTarOptions(args: readonly ShellArgument[], flags: string, { findings }: ShellContext): void {
  for (const { text } of args.filter((arg) => archiveCommands.test(arg.text))) {
    if (/remove-files|delete|unlink|overwrite|absolute/.test(text))
      findings.destructive('tar removes or replaces files');
    else findings.opaque('tar runs a command');
  }
  const hasShort = optionsOf(args).some(({ text }) => /^-[a-zA-Z]*[IFP]/.test(text));
  if (hasShort || /[IFP]/.test(flags)) findings.opaque('tar runs a command or writes anywhere');
}

const transferCommands =
  /^(-e|--rsh|--rsync-path|-K|--config|--on-[\w-]+|--engine|--proxy-command|-S|--use-askpass|-D)(=|$)/;

const transferOutputs =
  `output output-document output-dir directory-prefix dump-header trace trace-ascii stderr cookie-jar libcurl
  append-output output-file save-cookies hsts`.split(/\s+/);
const removing = ['delete', 'delete-before', 'delete-after', 'delete-excluded', 'del', 'remove-source-files'];

/** Downloads, uploads and copies between hosts. */
const judgeTransfer: CommandJudge = (args, context) => {
  const { findings } = context;
  if (hasOption(args, '', ...removing)) findings.destructive('removes files');
  if (args.some(({ text }) => transferCommands.test(text)))
    findings.opaque('runs a command or reads its settings from a file');
  for (const { text } of args) judgeMentions(text.replace(/^https?:.*/, ''), context);
  judgeSending(args, context);
  judgeWrites(valuesOf(args, '', ...transferOutputs), context);
  for (const [at, arg] of args.entries()) judgeTransferOutput(arg, args[at + 1], context);
  judgeMethod(args, context);
};

/** `-d @file`, `-T file`. */
function judgeSending(args: readonly ShellArgument[], { findings }: ShellContext): void {
  const isSending = args.some(({ text }) =>
    /^(-T|--upload-file|--post-file|--body-file|-F|--form|--data-binary|-d|--data)$/.test(text),
  );
  if (isSending && args.some(({ text }) => /^(.*=)?@|^\//.test(text))) findings.opaque('sends a file away');
}

/** `-o FILE`, `-oFILE`. */
function judgeTransferOutput({ text }: ShellArgument, next: ShellArgument | undefined, context: ShellContext): void {
  if (/^-[a-zA-Z]*[oOPDca]$/.test(text)) judgeAbsolute(next, context);
  const joined = /^-[oOPD](\/.*)$/.exec(text)?.[1];
  const harm = joined === undefined ? undefined : writeHarm(joined);
  if (harm !== undefined) context.findings.destructive(harm);
}

function judgeAbsolute(target: ShellArgument | undefined, context: ShellContext): void {
  if (target !== undefined && /^[/~.\ufffc]/.test(target.text)) judgeWrite(target, context);
}

function judgeMethod(args: readonly ShellArgument[], { findings }: ShellContext): void {
  const methods = args.map(({ text }, at) =>
    /^(-X|--request)$/.test(text) ? (args[at + 1]?.text ?? '') : (/^-X(\w+)$/.exec(text)?.[1] ?? ''),
  );
  if (methods.some((method) => /^delete$/i.test(method))) findings.destructive('sends a DELETE');
  else if (methods.some((method) => method.includes(unknownPart)))
    findings.opaque('sends a request that is decided when it runs');
}

const judgeRemoteCopy: CommandJudge = (args, context) => {
  judgeTransfer(args, context);
  const last = operandsOf(args).at(-1);
  if (last !== undefined && !/^[^/]*:/.test(last.text)) judgeWrite(last, context);
};

const judgeMount: CommandJudge = (args, { findings }) => {
  const isListing = operandsOf(args).length === 0 && !hasOption(args, 'a', 'all');
  if (!isListing) findings.opaque('changes what is mounted');
};

const judgeTouch: CommandJudge = (args, context) => judgeWrites(operandsOf(args), context);

const judgeSort: CommandJudge = (args, context) => {
  judgeWrites(valuesOf(args, 'o', 'output'), context);
  if (hasOption(args, '', 'compress-program')) context.findings.opaque('sort runs a command');
};

const judgeZip: CommandJudge = (args, { findings }) => {
  if (optionsOf(args).some(({ text }) => /^(-T?T$|-TT|--unzip-command|-m|--move|-d|--delete)/.test(text)))
    findings.destructive('removes files or runs a command');
};

export const fileCommands: Readonly<Record<string, CommandJudge>> = {
  cp: judgeCopy,
  gcp: judgeCopy,
  install: judgeCopy,
  ditto: judgeCopy,
  mv: judgeMove,
  ln: judgeLink,
  link: judgeCopy,
  tee: judgeTouch,
  sponge: judgeTouch,
  touch: judgeTouch,
  mkdir: judgeTouch,
  mkfifo: judgeTouch,
  mknod: judgeTouch,
  split: (args, context) => {
    if (hasOption(args, '', 'filter')) context.findings.opaque('split runs a command');
    // The beginning of the names that it writes; values of options before it are no paths.
    const prefix = operandsOf(args).at(-1);
    if (prefix !== undefined && operandsOf(args).length > 1) judgeWrite(prefix, context);
  },
  dos2unix: judgeCopy,
  unix2dos: judgeCopy,
  dd: judgeDd,
  dcfldd: judgeDd,
  dc3dd: judgeDd,
  chmod: judgeMode,
  chown: judgeOwner,
  chgrp: judgeOwner,
  tar: judgeTar,
  bsdtar: judgeTar,
  gtar: judgeTar,
  curl: judgeTransfer,
  wget: judgeTransfer,
  wget2: judgeTransfer,
  aria2c: judgeTransfer,
  rsync: judgeRemoteCopy,
  scp: (args, context) => {
    if (args.some(({ text }) => /^-[a-zA-Z]*S$|proxycommand/i.test(text)))
      context.findings.opaque('scp runs a command');
    judgeRemoteCopy(args, context);
  },
  mount: judgeMount,
  umount: (_, { findings }) => findings.destructive('unmounts'),
  sort: judgeSort,
  zip: judgeZip,
};
