/** What one command does: its name and its words, after everything that wraps it. */
import { isKnownProgram } from './known-programs.ts';
import type { ShellArgument } from './shell-argument.ts';
import { fileCommands, judgeWrite } from './shell-files.ts';
import type { CommandJudge, ShellContext } from './shell-findings.ts';
import { isHarmfulName, judgeAnyWord, judgeGeneral } from './shell-general.ts';
import { isShell, judgeAwk, judgeCodeRunner, judgeEditor, judgeSed, judgeShell } from './shell-interpreters.ts';
import { judgeManager, managerCommands } from './shell-managers.ts';
import { codeRunners, destroyers, readers } from './shell-names.ts';
import { isLookingAtDevice } from './shell-devices.ts';
import { isOnlyAsking, isPlainlyAsking, operandsOf, valuesOf } from './shell-options.ts';
import {
  judgeFd,
  judgeFind,
  judgeInner,
  judgeParallel,
  judgeScript,
  judgeSsh,
  judgeWrapped,
  judgeXargs,
} from './shell-wrappers.ts';

const maxDepth = 16;

/** Words of a command, the name first. */
export function judgeCommand(words: readonly ShellArgument[], context: ShellContext): void {
  const { findings } = context;
  const [first, ...args] = words;
  if (first === undefined) return;
  if (context.depth > maxDepth) return findings.opaque('commands within commands, too deep');
  for (const word of words) judgeAnyWord(word, context);
  if (!first.isLiteral || first.isPattern || /\s/.test(first.text))
    return findings.opaque('the name of the command is decided when it runs');
  if (context.functions.has(first.text)) return;
  const name = programName(first.text);
  if (name === undefined) return findings.opaque('a program by its path');
  if (args.some(({ text }) => text.includes('\u0000'))) return findings.opaque('a word that ends early');
  return judgeNamed(name, args, context);
}

/** The name of a program in a directory of programs; undefined for any other path. */
function programName(text: string): string | undefined {
  if (!text.includes('/')) return text;
  const [, name] = /^\/(?:usr\/(?:local\/)?)?s?bin\/([^/]+)$/.exec(text) ?? [];
  return name;
}

function judgeNamed(name: string, args: readonly ShellArgument[], context: ShellContext): void {
  if (isShell(name)) return judgeShell(name, args, context);
  if (judgeWrapped(name, args, context)) return undefined;
  if (isOnlyLooking(name, args)) return undefined;
  if (destroyers.has(name) || name.startsWith('mkfs')) return judgeDestroyer(name, args, context);
  const own = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return own === undefined ? judgeUnlisted(name, args, context) : own(args, context);
}

function isOnlyLooking(name: string, args: readonly ShellArgument[]): boolean {
  if (isLookingAtDevice(name, args)) return true;
  return destroyers.has(name) ? isPlainlyAsking(args) : isKnownProgram(name) && isOnlyAsking(args);
}

function judgeUnlisted(name: string, args: readonly ShellArgument[], context: ShellContext): void {
  const { findings } = context;
  if (codeRunners.has(name) || /^(python|perl|ruby|php|lua|node)[\d.]+$/.test(name))
    return judgeCodeRunner(name, args, context);
  if (readers.has(name)) return judgeReader(name, args, context);
  if (judgeManager(name, args, context)) return undefined;
  if (isHarmfulName(name)) return findings.destructive('a program that removes or ends things');
  return isKnownProgram(name) ? judgeGeneral(args, context) : findings.opaque('a program that is not known');
}

/** Words that only look, though the program can do harm. */
const askingArguments: Readonly<Record<string, RegExp>> = {
  kill: /^(-l|-L|-0|--list|--table|\d+)$/,
  fdisk: /^(-l|--list|-x|\/dev\/\S+|\S*disk\S*)$/,
  sfdisk: /^(-l|--list|-d|--dump|-V|\/dev\/\S+|\S*disk\S*)$/,
  parted: /^(-l|--list)$/,
  chage: /^(-l|--list|\w+)$/,
  passwd: /^(-S|--status|\w+)$/,
  wipefs: /^(\/dev\/\S+|-n|--no-act|-i)$/,
  zpool: /^(status|list|iostat|history|get|-v|\S+)$/,
  zfs: /^(list|get|-t|-o|-r|\S+)$/,
  mdadm: /^(--detail|--examine|-D|-E|--scan|--query|-Q|\/dev\/\S+)$/,
  hdparm: /^(-I|-i|-t|-T|-C|-g|\/dev\/\S+)$/,
  nvme: /^(list|smart-log|id-ctrl|error-log|version|\/dev\/\S+)$/,
  tune2fs: /^(-l|\/dev\/\S+|\S+\/\S+)$/,
  losetup: /^(-a|-l|--all|--list|-f|--find)$/,
  ldconfig: /^(-p|--print-cache|-v|--verbose|-n|\S+\/)$/,
  efibootmgr: /^(-v|--verbose|-u|--unicode)$/,
  ipset: /^(list|test|\S+)$/,
  badblocks: /^(-s|-v|-sv|\/dev\/\S+)$/,
  format: /^$/,
  cryptsetup: /^(status|luksDump|isLuks|benchmark|\S+)$/,
  modprobe: /^(-n|--dry-run|-c|--showconfig|-D|--show-depends|\w+)$/,
};
/** One of these must be there as well, where the words alone say nothing. */
const askingSubcommands: Readonly<Record<string, RegExp>> = {
  zpool: /^(status|list|iostat|history|get)$/,
  zfs: /^(list|get)$/,
  ipset: /^(list|test)$/,
  cryptsetup: /^(status|luksDump|isLuks|benchmark)$/,
  modprobe: /^(-n|--dry-run|-c|--showconfig|-D|--show-depends)$/,
  kill: /^(-l|-L|-0|--list|--table)$/,
  fdisk: /^(-l|--list|-x)$/,
  sfdisk: /^(-l|--list|-d|--dump|-V)$/,
  chage: /^(-l|--list)$/,
  passwd: /^(-S|--status)$/,
  tune2fs: /^-l$/,
  ldconfig: /^(-p|--print-cache)$/,
};

function judgeDestroyer(name: string, args: readonly ShellArgument[], { findings }: ShellContext): void {
  const asks = askingArguments[name];
  const must = askingSubcommands[name];
  const isAsking =
    asks !== undefined &&
    args.every(({ text }) => asks.test(text)) &&
    (must === undefined || args.some(({ text }) => must.test(text)));
  if (!isAsking) findings.destructive(`the command ${name}`);
}

/** Readers that can write or run by an option. */
const readerHarm: Readonly<Record<string, RegExp>> = {
  date: /^(-s|--set)/,
  pidstat: /^-e/,
  cowsay: /^-f/,
  cowthink: /^-f/,
  getent: /^g?shadow$/,
  hostname: /^[^-]|^-(F|b)/,
  hostnamectl: /^(set-|hostname$|chassis$|deployment$|location$)/,
  dmesg: /^-[a-zA-Z]*[cCnDE]|^--(clear|read-clear|console)/,
  journalctl: /^--(vacuum|rotate|flush|sync|relinquish|setup|update)/,
  rg: /^(--pre|--hostname-bin|-z)(=|$)/,
  ag: /^--pager/,
  man: /^(-P|--pager|-H|--html|-C|--config)/,
  bat: /^--(pager|map-syntax|diff)(=|$)/,
  tree: /^(-o|-R)$/,
  ss: /^(-K|--kill|-D|--diag|-F)/,
  arp: /^-[dsf]/,
  xxd: /^-r/,
  yq: /^(-i|--inplace|--in-place)/,
  fc: /^-[es]/,
  hash: /^-p/,
  enable: /^-f/,
  complete: /^-[CF]/,
  bind: /^-x/,
  history: /^-(c|d|w|a|r|p|s)/,
  file: /^(-C|--compile|-m)/,
  ping: /^-f$/,
  less: /^(\+!|-[oOkx]|--(log-file|lesskey|tag))/,
  more: /^\+!/,
  alias: /=/,
  declare: /=.*\(/,
  printf: /^-v$/,
  // It may run the program that it looks at.
  ldd: /^[^-]/,
  shuf: /^(-o|--output)/,
  iconv: /^(-o|--output)/,
  dig: /^-f$/,
};

function judgeReader(name: string, args: readonly ShellArgument[], context: ShellContext): void {
  const { findings } = context;
  const harm = Object.hasOwn(readerHarm, name) ? readerHarm[name] : undefined;
  if (harm !== undefined && args.some(({ text }) => harm.test(text)))
    findings.opaque(`${name} writes or runs something`);
  if (/^(export|declare|typeset|readonly|local|set)$/.test(name)) judgeAssignments(args, context);
  // They take the file that they write as their second operand.
  const target = /^(uniq|xxd|iconv)$/.test(name) ? operandsOf(args)[1] : undefined;
  if (target !== undefined) judgeWrite(target, context);
}

function judgeAssignments(args: readonly ShellArgument[], { findings }: ShellContext): void {
  if (args.some(({ text }) => /^(PATH|LD_\w+|BASH_ENV|ENV|PROMPT_COMMAND|IFS|SHELLOPTS|PS4)=/.test(text)))
    findings.opaque('a variable that decides what runs');
}

const runsText: CommandJudge = (args, context) => {
  if (args.length === 0) context.findings.opaque('runs a text that is not given');
  else judgeScript(args, context);
};

/** Each operand is a text for a shell. */
const judgeTexts: CommandJudge = (args, context) => {
  for (const arg of operandsOf(args)) judgeScript([arg], context);
};

const judgeTrap: CommandJudge = (args, context) => {
  const [text] = operandsOf(args);
  if (text !== undefined && !/^[-\d]*$/.test(text.text)) judgeScript([text], context);
};

const judgeSu: CommandJudge = (args, context) => {
  const scripts = valuesOf(args, 'c', 'command', 'session-command');
  if (scripts.length === 0) context.findings.opaque('opens a shell as another user');
  else judgeScript(scripts, context);
};

/** `name ARGUMENT… COMMAND…`, where which words are the command depends on the program: its words are looked at one by one. */
const judgeContained: CommandJudge = (args, context) => {
  context.findings.opaque('runs a command elsewhere');
  const at = args.findIndex(({ text }) => text === '--');
  if (at !== -1) judgeInner(args.slice(at + 1), context);
};

const opensMore: CommandJudge = (_, { findings }) => findings.opaque('runs a file or a text');

const judgeBusybox: CommandJudge = (args, context) => {
  if (args.length === 0 || args[0]?.text.startsWith('-') === true) return;
  context.judgeCommand(args, { ...context, depth: context.depth + 1 });
};

/** A terminal of its own holds a shell. */
const judgeTerminal: CommandJudge = (args, context) => {
  const isAsking = args.some(({ text }) =>
    /^(-ls|-list|-v|-V|ls|list-\S+|info|has-session|show-\S+|display-message|capture-pane|lsk|lscm)$/.test(text),
  );
  if (!isAsking) context.findings.opaque('opens a shell');
  judgeGeneral(args, context);
};

/** Only looking whether a port is open. */
const judgeNetcat: CommandJudge = (args, { findings }) => {
  if (
    !args.some(({ text }) => /^-\w*z/.test(text)) ||
    args.some(({ text }) => /^-\w*[ecl]$|^--(exec|sh-exec|lua-exec|listen)/.test(text))
  )
    findings.opaque('opens a connection');
};

const judgeMake: CommandJudge = (args, { findings }) => {
  const isDry = args.some(({ text }) => /^(-n|--just-print|--dry-run|--recon|-q|--question|--version|-v)$/.test(text));
  if (
    !isDry ||
    args.some(({ text }) => text === '--') ||
    args.some(({ text }) => /^(--eval|-E|-f|--file)|:=|=.*\$\(/.test(text))
  )
    findings.opaque('make runs what a file defines');
};

/** Another program of that kind, with the option that only shows what would run. */
const runsFile =
  (asking: RegExp): CommandJudge =>
  (args, { findings }) => {
    if (!asking.test(args[0]?.text ?? '')) findings.opaque('runs what a file defines');
  };

const judgeAnsible: CommandJudge = (args, context) => {
  if (!args.some(({ text }) => /^--(list-(hosts|tasks|tags)|check|syntax-check|help|version)$/.test(text)))
    context.findings.opaque('acts on other hosts');
};

const commands: Readonly<Record<string, CommandJudge>> = {
  ...fileCommands,
  ...managerCommands,
  find: judgeFind,
  gfind: judgeFind,
  fd: judgeFd,
  fdfind: judgeFd,
  xargs: judgeXargs,
  gxargs: judgeXargs,
  parallel: judgeParallel,
  'parallel.moreutils': opensMore,
  ssh: judgeSsh,
  autossh: judgeSsh,
  mosh: judgeContained,
  sshpass: judgeContained,
  rsh: judgeContained,
  pdsh: judgeContained,
  eval: runsText,
  trap: judgeTrap,
  source: opensMore,
  '.': opensMore,
  su: judgeSu,
  runuser: judgeSu,
  script: opensMore,
  chroot: judgeContained,
  unshare: judgeContained,
  nsenter: judgeContained,
  'systemd-run': judgeContained,
  'start-stop-daemon': judgeContained,
  flock: judgeContained,
  capsh: judgeContained,
  busybox: judgeBusybox,
  toybox: judgeBusybox,
  awk: judgeAwk,
  gawk: judgeAwk,
  mawk: judgeAwk,
  nawk: judgeAwk,
  sed: judgeSed,
  gsed: judgeSed,
  vi: judgeEditor,
  vim: judgeEditor,
  nvim: judgeEditor,
  view: judgeEditor,
  ex: judgeEditor,
  nano: judgeEditor,
  pico: judgeEditor,
  make: judgeMake,
  gmake: judgeMake,
  ninja: runsFile(/^(-n|--version)$/),
  just: runsFile(/^(-l|--list|-n|--dry-run|-s|--show|--summary|--version)$/),
  task: runsFile(/^(-l|--list|-a|--list-all|-n|--dry|--version)$/),
  ansible: judgeAnsible,
  'ansible-playbook': judgeAnsible,
  env: () => undefined,
  set: (args, context) => judgeAssignments(args, context),
  unset: () => undefined,
  enable: opensMore,
  mapfile: (args, context) => {
    if (args.some(({ text }) => /^-\w*C/.test(text))) context.findings.opaque('mapfile runs a command');
  },
  read: () => undefined,
  socat: opensMore,
  nc: judgeNetcat,
  ncat: judgeNetcat,
  netcat: judgeNetcat,
  tcpdump: (args, context) => {
    if (args.some(({ text }) => /^-\w*z/.test(text))) context.findings.opaque('tcpdump runs a command');
    judgeGeneral(args, context);
  },
  screen: judgeTerminal,
  tmux: judgeTerminal,
  minicom: opensMore,
  'run-mailcap': opensMore,
  exiftool: (args, context) => {
    if (args.some(({ text }) => /^-(if|p|config|execute)/.test(text))) context.findings.opaque('exiftool runs code');
    judgeGeneral(args, context);
  },
  code: (args, context) => {
    if (args[0]?.text === 'tunnel') context.findings.opaque('opens a connection');
    judgeGeneral(args, context);
  },
  fzf: (args, context) => {
    if (args.some(({ text }) => /^--(listen|bind|preview|with-shell)/.test(text)))
      context.findings.opaque('fzf runs commands');
  },
  sftp: (args, context) => {
    if (args.some(({ text }) => /^-[bFSD]/.test(text))) context.findings.opaque('sftp runs a file or a program');
    judgeGeneral(args, context);
  },
  pee: judgeTexts,
  mispipe: judgeTexts,
  nix: (args, context) => {
    if (/^(run|shell|develop)$/.test(args[0]?.text ?? '')) context.findings.opaque('fetches and runs a program');
    judgeGeneral(args, context);
  },
  machinectl: (args, context) => {
    if (/^(shell|login)$/.test(args[0]?.text ?? '')) context.findings.opaque('opens a shell elsewhere');
    judgeGeneral(args, context);
  },
  sg: opensMore,
  newgrp: opensMore,
  login: opensMore,
  logrotate: opensMore,
  'ssh-copy-id': opensMore,
  vagrant: (args, context) => {
    if (/^(up|provision|ssh|reload)$/.test(args[0]?.text ?? '')) context.findings.opaque('runs what a project defines');
    judgeGeneral(args, context);
  },
  dotnet: (args, context) => {
    if (/^(run|exec|test|script|fsi|watch|\S+\.dll)$/.test(args[0]?.text ?? ''))
      context.findings.opaque('runs what a project defines');
    judgeGeneral(args, context);
  },
  go: (args, context) => {
    if (/^(run|generate|test)$/.test(args[0]?.text ?? '')) context.findings.opaque('runs what a project defines');
    judgeGeneral(args, context);
  },
  openssl: (args, context) => {
    if (
      /^(s_server|s_client|engine)$/.test(args[0]?.text ?? '') ||
      args.some(({ text }) => /^-(engine|provider|provider-path)$/.test(text))
    )
      context.findings.opaque('openssl opens a connection or loads a library');
    judgeGeneral(args, context);
  },
};
