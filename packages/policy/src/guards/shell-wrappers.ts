/** Commands that run another command: the inner one is judged in their place. */
import { judgeMentions } from './shell-general.ts';
import { literalArgument, unknownPart, type ShellArgument } from './shell-argument.ts';
import type { CommandJudge, ShellContext } from './shell-findings.ts';

interface Wrapper {
  /** Short options that take a value. */
  readonly short: string;
  /** Long options that take their value as the next word. */
  readonly long: readonly string[];
  /** Operands before the command. */
  readonly skip: number;
  /** `NAME=value` words may stand before the command. */
  readonly takesAssignments?: boolean;
}

const wrapper = (short: string, long = '', skip = 0): Wrapper => ({ short, long: long.split(' '), skip });

const wrappers: Readonly<Record<string, Wrapper>> = {
  sudo: {
    ...wrapper('ugCpDhrtTRU', 'user group chdir close-from prompt host role type command-timeout chroot other-user'),
    takesAssignments: true,
  },
  doas: wrapper('uC'),
  env: { ...wrapper('uC', 'unset chdir'), takesAssignments: true },
  nohup: wrapper(''),
  time: wrapper('fo', 'format output'),
  nice: wrapper('n', 'adjustment'),
  ionice: wrapper('cnpPu', 'class classdata pid pgid uid'),
  chrt: wrapper('TPD', 'sched-runtime sched-period sched-deadline', 1),
  taskset: wrapper('', '', 1),
  timeout: wrapper('ks', 'kill-after signal', 1),
  stdbuf: wrapper('ioe', 'input output error'),
  setsid: wrapper(''),
  setarch: wrapper('', '', 1),
  linux64: wrapper(''),
  catchsegv: wrapper(''),
  command: wrapper(''),
  builtin: wrapper(''),
  exec: wrapper('a'),
  '-': wrapper(''),
  watch: wrapper('nqs', 'interval equexit'),
  strace: wrapper(
    'abeEIoOpPsSuUX',
    'trace output attach string-limit env user status signal detach-on summary-sort-by',
  ),
  ltrace: wrapper('aAeDlnopsuwxX'),
  fakeroot: wrapper('ilsu', 'lib faked save load unknown'),
  proxychains4: wrapper('f'),
  proxychains: wrapper('f'),
  torsocks: wrapper('uPa'),
  torify: wrapper(''),
  dbus: wrapper(''),
  'dbus-launch': wrapper(''),
  'dbus-run-session': wrapper(''),
  caffeinate: wrapper('tw'),
  gtimeout: wrapper('ks', 'kill-after signal', 1),
  unbuffer: wrapper(''),
  rlwrap: wrapper('abcCdDfFgHilmMnNoOpPqsStwWz'),
  cpulimit: wrapper('lpe', 'limit pid exe'),
  firejail: wrapper(''),
  bwrap: wrapper(''),
  chpst: wrapper('ubenlLmdopfcrtUv/'),
  softlimit: wrapper('adfmoprstcly'),
  setlock: wrapper(''),
  faketime: wrapper('f', '', 1),
  hyperfine: wrapper(''),
  perf: wrapper('', '', 1),
  valgrind: wrapper(''),
  tsp: wrapper('LD'),
  'systemd-inhibit': wrapper('', 'what who why mode'),
  aoss: wrapper(''),
  primusrun: wrapper(''),
  optirun: wrapper(''),
  runcon: wrapper('turl', 'type user role range', 1),
  choom: wrapper('np'),
  prlimit: wrapper('p', 'pid'),
  numactl: wrapper('iNCmpP', 'interleave membind cpunodebind physcpubind preferred'),
  'aa-exec': wrapper('pn', 'profile namespace'),
  pkexec: wrapper('', 'user'),
  run0: wrapper('u', 'user'),
  gosu: wrapper('', '', 1),
  'su-exec': wrapper('', '', 1),
  coproc: wrapper(''),
  noglob: wrapper(''),
  nocorrect: wrapper(''),
  dotenv: wrapper('f'),
};

/** A command that such a wrapper runs; a wrapper without one asks only about itself. */
export function judgeWrapped(name: string, args: readonly ShellArgument[], context: ShellContext): boolean {
  const found = Object.hasOwn(wrappers, name) ? wrappers[name] : undefined;
  if (found === undefined) return false;
  const start = commandAt(args, found);
  judgeOwnOptions(name, args.slice(0, start), context);
  // Behind the command's name the option is the command's.
  if (name === 'command' && /^-p?[vV]$/.test(args[0]?.text ?? '')) return true;
  if (found.skip > 0) for (const { text } of args) judgeMentions(text, context);
  const words = args.slice(start);
  judgeWrappedCommand(name, found.takesAssignments === true ? withoutAssignments(words, context) : words, context);
  return true;
}

function judgeWrappedCommand(name: string, command: readonly ShellArgument[], context: ShellContext): void {
  const inner = { ...context, depth: context.depth + 1 };
  // Its words make one text for a shell.
  if (name === 'watch' && command.length > 0) context.judgeText(command.map(({ text }) => text).join(' '), inner);
  else if (command.length > 0) context.judgeCommand(command, inner);
}

function judgeOwnOptions(name: string, own: readonly ShellArgument[], { findings }: ShellContext): void {
  if (name === 'rlwrap' && own.some(({ text }) => /^-[lfz]/.test(text)))
    findings.opaque('rlwrap writes a file or runs a filter');
  if (name === 'env' && own.some(isTextOption)) findings.opaque('a command that is one text');
  if (name === 'doas' && own.some(({ text }) => text === '-s')) findings.opaque('opens a shell as another user');
  if (name === 'sudo' && own.some(({ text }) => /^-[a-zA-Z]*[sie]$|^--(shell|login|edit)$/.test(text))) {
    findings.opaque('opens a shell or an editor as another user');
  }
}

function withoutAssignments(words: readonly ShellArgument[], context: ShellContext): readonly ShellArgument[] {
  const end = words.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  const assignments = words.slice(0, end === -1 ? words.length : end);
  for (const { text } of assignments) judgeEnvironment(text.split('=')[0] ?? '', context);
  return words.slice(assignments.length);
}

function isTextOption({ text }: ShellArgument): boolean {
  return /^(-S|-\w*S|--split-string)/.test(text) && !text.startsWith('--stdin');
}

function commandAt(args: readonly ShellArgument[], { short, long, skip }: Wrapper): number {
  let at = 0;
  while (at < args.length) {
    const text = args[at]?.text ?? '';
    if (text === '--') return at + 1 + skip;
    if (!/^[-+]./.test(text)) break;
    const isLong = text.startsWith('--');
    const takesNext = isLong ? long.includes(text.slice(2)) : short.includes(text.at(-1) ?? '') && short !== '';
    at += takesNext ? 2 : 1;
  }
  return at + skip;
}

const dangerousVariable =
  /^(LD_\w+|DYLD_\w+|PATH|BASH_ENV|ENV|IFS|PS4|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|PYTHON(STARTUP|PATH|INSPECT|WARNINGS|HOME)|NODE_OPTIONS|NODE_PATH|PERL5(OPT|LIB|DB)|RUBY(OPT|LIB)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|GIT_\w+|SSH_ASKPASS|PAGER|MANPAGER|MANOPT|SYSTEMD_PAGER|EDITOR|VISUAL|BROWSER|LESSOPEN|LESSCLOSE|LESS|TAR_OPTIONS|RSYNC_RSH|CC|CXX|LUA_INIT\w*|GCONV_PATH|HISTFILE|\w+_(COMMAND|CMD|ASKPASS|EDITOR|PAGER|HOOK|SHELL)|TERMINFO|OPENSSL_CONF|OPENSSL_ENGINES|DOCKER_HOST|KUBECONFIG|HOSTALIASES|MAKEFLAGS|SHELL|COMSPEC|R_PROFILE\w*|BASH_FUNC\w*)$/;

/** A variable that decides what programs run, set for a command. */
export function judgeEnvironment(name: string, { findings }: ShellContext): void {
  if (dangerousVariable.test(name)) findings.opaque('a variable that decides what runs');
}

/** The words after an option such as -exec, up to `;` or `+`. */
export function judgeInner(words: readonly ShellArgument[], context: ShellContext): void {
  if (words.length === 0) context.findings.opaque('runs a command that is not given');
  else context.judgeCommand(words, { ...context, depth: context.depth + 1 });
}

/** A text for a shell; where a part of it is only known when it runs, nobody can say what it does. */
export function judgeScript(words: readonly ShellArgument[], context: ShellContext): void {
  const text = words.map((word) => word.text).join(' ');
  const inner = { ...context, depth: context.depth + 1 };
  if (text.includes(unknownPart)) context.findings.opaque('a text for a shell that is built when it runs');
  context.judgeText(text.replaceAll(unknownPart, '$unknown'), inner);
}

const xargsOptions = 'aEeIiLlnPsd';

export const judgeXargs: CommandJudge = (args, context) => {
  const at = commandAt(
    args,
    wrapper(xargsOptions, 'arg-file delimiter eof replace max-lines max-args max-procs max-chars process-slot-var'),
  );
  const command = args.slice(at);
  // Words that come from the input stand behind it.
  if (command.length > 0) judgeInner([...command, literalArgument(unknownPart)], context);
};

export const judgeParallel: CommandJudge = (args, context) => {
  const end = args.findIndex(({ text }) => /^:{3,4}\+?$/.test(text));
  const own = end === -1 ? args : args.slice(0, end);
  const at = commandAt(
    own,
    wrapper(
      'jJNLnXaEdISmPs',
      'jobs arg-file delimiter colsep joblog max-args delay timeout retries results tmpdir sshlogin',
    ),
  );
  if (at < own.length)
    judgeScript(
      own.slice(at).map(({ text }) => literalArgument(text.replaceAll(/\{[^}]*\}/g, 'x'))),
      context,
    );
  else context.findings.opaque('runs commands from its input');
};

export const judgeFind: CommandJudge = (args, context) => {
  for (const [at, { text }] of args.entries()) {
    if (text === '-delete') context.findings.destructive('find -delete');
    if (/^-(fprint|fprint0|fprintf|fls)$/.test(text)) context.findings.opaque('find writes a file');
    if (!/^-(exec|execdir|ok|okdir)$/.test(text)) continue;
    const end = args.findIndex((arg, index) => index > at && (arg.text === ';' || arg.text === '+'));
    judgeInner(args.slice(at + 1, end === -1 ? args.length : end), context);
  }
};

export const judgeFd: CommandJudge = (args, context) => {
  const at = args.findIndex(({ text }) => /^(-x|-X|--exec|--exec-batch)$/.test(text));
  if (at !== -1) judgeInner(args.slice(at + 1), context);
};

const sshOptions = 'BbcDEeFIiJLlmOopQRSWw';

export const judgeSsh: CommandJudge = (args, context) => {
  const harmful = /proxycommand|localcommand|permitlocal|proxyuse|knownhostscommand|match/i;
  if (args.some(({ text }) => harmful.test(text))) context.findings.opaque('ssh runs a command of this host');
  const at = commandAt(args, wrapper(sshOptions));
  const command = args.slice(at + 1);
  const own = at === -1 ? args : args.slice(0, at);
  if (own.some(({ text }) => text.startsWith('-F'))) context.findings.opaque('ssh reads a file that may run commands');
  if (own.some(({ text }) => text === '-V' || text === '-Q')) return;
  if (command.length > 0) judgeScript(command, context);
};
