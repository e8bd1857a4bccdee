/** Programs with subcommands: which of these act. */
import type { CommandJudge, ShellContext } from './shell-findings.ts';
import { isAboutShells, isHarmfulVerb, judgeMentions } from './shell-general.ts';
import { asksForHelp, hasOption, isManagerAsking, operandsOf } from './shell-options.ts';
import type { ShellArgument } from './shell-argument.ts';
import { judgeInner } from './shell-wrappers.ts';

/** What subcommands do, tried on the operands joined by a space. */
interface Manager {
  readonly destructive?: RegExp;
  readonly opaque?: RegExp;
  /** If it is there, anything else is opaque. */
  readonly benign?: RegExp;
}

const managers: Readonly<Record<string, Manager>> = {
  kubectl: {
    destructive:
      /^(delete|drain|cordon|taint|replace|scale|evict|rollout (restart|undo)|patch|apply .*--prune|certificate deny|set|label .*-$|config (delete-\S+|unset))\b/,
    opaque:
      /^(exec|attach|debug|run|edit|apply(?! view-last-applied)|create|certificate approve|auth reconcile|plugin(?! list))\b/,
  },
  helm: {
    destructive: /^(uninstall|delete|del|rollback|upgrade|plugin uninstall|repo remove|repo rm)\b/,
    opaque: /^(install|plugin install|push)\b/,
  },
  docker: {
    destructive:
      /\b(rm|rmi|prune|kill|stop|down|remove|pause|leave|restart|scale|rollback|update|disable|demote|uninstall|reset)\b/,
    opaque: /^(exec|run|attach|cp|compose (exec|run)|container (exec|run|attach|cp)|plugin install|stack deploy)\b/,
  },
  terraform: {
    destructive:
      /^(destroy|apply|state (rm|mv|push|replace-provider)|taint|untaint|workspace delete|force-unlock|import)\b/,
    opaque: /^(console|login)\b/,
  },
  systemctl: {
    destructive:
      /^(stop|disable|mask|kill|restart|try-restart|reload-or-restart|isolate|reboot|poweroff|halt|suspend|hibernate|hybrid-sleep|rescue|emergency|emergency|default|exit|switch-root|kexec|revert|reset-failed|set-default|daemon-reexec|clean|freeze|set-property|unmask)\b/,
    opaque: /^(edit|link|set-environment|import-environment)\b/,
  },
  service: { destructive: /\b(stop|restart|force-reload)\b/, opaque: /[/.]/ },
  btrfs: {
    destructive:
      /\b(delete|remove|replace|rescue|restore|convert|resize|clear-stats|balance (start|cancel|pause)|device add|set-default|--repair|check .*--repair)\b/,
  },
  rabbitmqctl: {
    destructive:
      /\b(delete\S*|stop\S*|reset|force\S*|close\S*|clear\S*|purge\S*|shutdown|kill|change\S*|forget\S*|eval|set\S*|add\S*)\b/,
  },
  aws: {
    destructive:
      /\b(delete|terminate|remove|rm|rb|destroy|deregister|detach|disable|stop|revoke|purge|reboot|reset|disassociate|cancel|release|empty)\b|\b(put|attach|detach)-\S*policy\b|\bput-\S*acl\b|^s3 mv\b|\bcreate-access-key\b|\bunsubscribe\b/,
    opaque: /\bssm (send-command|start-session)\b|\b(execute-command|invoke)\b/,
  },
  gcloud: {
    destructive:
      /\b(delete|remove|destroy|disable|stop|reset|remove-\S+|suspend|revoke|undelete|set-iam-policy|add-iam-policy-binding)\b/,
    opaque: /\bssh\b/,
  },
  az: {
    destructive: /\b(delete|remove|purge|stop|deallocate|disable|restart|reset|revoke|uninstall)\b|\brole assignment\b/,
    opaque: /\b(run-command|ssh|invoke)\b/,
  },
  gsutil: { destructive: /^(rm|rb|mv|rsync|setmeta|acl|iam|defacl|versioning|lifecycle|cp)\b/ },
  ip: { destructive: /\b(del|delete|flush|down|replace|change)\b/, opaque: /\bexec\b|-batch|-b\b/ },
  ufw: {
    benign: /^(status|show|version|app list|app info)?\b/,
    destructive: /\b(disable|reset|delete|deny|reject|enable|allow|insert|default|reload|limit|route)\b/,
  },
  nft: { benign: /^list\b/ },
  crontab: {},
  psql: {},
};

/** Package managers: removing takes away, installing runs scripts of strangers as root. */
const packages: Manager = {
  destructive:
    /(^|\s)(remove|purge|autoremove|revoke|destroy|unregister|uninstall|erase|del|delete|dist-upgrade|full-upgrade|clean|autoclean|downgrade|swap|distro-sync|deselect|depclean|prune|unlink|unpublish|deprecate|yank|rollback|rm|un|cleanup|untap|reset|undo)\b/,
};
const packageManagers = new Set(
  `apt apt-get aptitude dnf dnf5 yum microdnf zypper apk snap flatpak brew port pip pip3 pipx uv npm npx bun bunx deno pnpm yarn gem cargo dpkg rpm
  conda mamba poetry composer nix-env opkg xbps-remove emerge eopkg tdnf swupd guix pkg pkgin scoop choco winget mas cpan cabal stack luarocks go-pkg`.split(
    /\s+/,
  ),
);
/** Package managers that also run what a project defines. */
const runners = /^(npm|pnpm|yarn|npx|bun|bunx|deno|uvx|cargo|poetry|composer|pipx|uv|dlx)$/;

const packageRunner = /^(npx|bunx|uvx|dlx|pipx|deno)$/;

export function judgeManager(name: string, args: readonly ShellArgument[], context: ShellContext): boolean {
  const alias = aliases[name] ?? name;
  const manager = managerOf(alias);
  if (manager === undefined) return false;
  const line = subcommandsOf(args);
  if (isOnlyLooking(alias, args, line)) return true;
  if (!isAboutShells(args)) for (const { text } of args) judgeMentions(text, context);
  for (const one of linesOf(line, args)) judgeSubcommand(alias, manager, one, context);
  judgeExtras(args, context);
  if (packageManagers.has(alias)) judgePackages(alias, args, line, context);
  return true;
}

function isOnlyLooking(name: string, args: readonly ShellArgument[], line: string): boolean {
  const runsMore = args.some(({ text }) => /^--(post-renderer|exec|eval|plugin|config)/.test(text));
  if (isManagerAsking(args) || (isDryRun(args) && !isExec(line) && !runsMore)) return true;
  // What a package or an image does with `--help` is its own matter.
  return asksForHelp(args) && !packageRunner.test(name) && !/\b(exec|run|attach|x|dlx|create|init)\b ./.test(line);
}

function managerOf(name: string): Manager | undefined {
  if (packageManagers.has(name)) return packages;
  return Object.hasOwn(managers, name) ? managers[name] : undefined;
}

function judgeSubcommand(name: string, manager: Manager, line: string, { findings }: ShellContext): void {
  if (manager.destructive?.test(line) === true) findings.destructive(`${name} changes or removes something`);
  if (manager.opaque?.test(line) === true) findings.opaque(`${name} runs or places something`);
  if (manager.benign?.test(line) === false) findings.opaque(`${name} with a subcommand that is not known`);
}

const aliases: Readonly<Record<string, string>> = {
  k: 'kubectl',
  oc: 'kubectl',
  k3s: 'kubectl',
  podman: 'docker',
  nerdctl: 'docker',
  'docker-compose': 'docker',
  'podman-compose': 'docker',
  tofu: 'terraform',
  terragrunt: 'terraform',
  ip6tables: 'iptables',
};

/** Given once: a later one may take it back. */
function isDryRun(args: readonly ShellArgument[]): boolean {
  const given = args.filter(({ text }) => text.startsWith('--dry-run'));
  return (
    given.length === 1 &&
    /^--dry-run(=(client|server|true))?$/.test(given[0]?.text ?? '') &&
    !args.some(({ text }) => text === '--')
  );
}

function isExec(line: string): boolean {
  return /^(exec|run)\b/.test(line);
}

/**
 * The line, and where an option comes first its ends too: whether that option takes the word behind it is not known for
 * every program.
 */
function linesOf(line: string, args: readonly ShellArgument[]): readonly string[] {
  const words = line.split(' ');
  const isSure = args[0]?.text.startsWith('-') !== true;
  return isSure ? [line] : words.slice(0, 3).map((_, at) => words.slice(at).join(' '));
}

/** No option's value, most likely, but the subcommand behind an option without one. */
function isActing(arg: ShellArgument | undefined): boolean {
  return (
    arg !== undefined &&
    (isHarmfulVerb(arg.text) || /^(exec|run|apply|cordon|scale|patch|rollback|mask|upgrade)$/.test(arg.text))
  );
}

/** Operands without the values of the usual options before them. */
function subcommandsOf(args: readonly ShellArgument[]): string {
  const valued =
    /^(-n|-c|-f|-l|-o|-H|-p|-C|--namespace|--context|--cluster|--kubeconfig|--user|--profile|--region|--project|--output|--filter|--format|--query|--file|--host|--selector|--zone|--resource-group|--subscription|--name|--type|--location|--log-level|--config|-g|-t|-u)$/;
  const words: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const text = args[at]?.text ?? '';
    if (text === '--') break;
    if (valued.test(text) && !isActing(args[at + 1])) at += 1;
    else if (!text.startsWith('-') && words.length < 6) words.push(text.replaceAll(/(?<=\w)-(?=\w)/g, (dash) => dash));
  }
  return words.join(' ');
}

const removingOptions = ['prune', 'purge', 'grace-period', 'delete-emptydir-data', 'autoremove', 'force-remove'];

function judgeExtras(args: readonly ShellArgument[], { findings }: ShellContext): void {
  // No short form of anything.
  const others = args.filter(({ text }) => !/^--for(=|$)/.test(text));
  if (hasOption(others, '', ...removingOptions)) findings.destructive('removes more than it names');
  const isSetting = args.some(({ text }) => /^(-o|--option|-c|--config|--eval|--post-renderer|--exec)(=|$)/.test(text));
  if (isSetting && args.some(({ text }) => /APT::|Pre-Invoke|exec|post-renderer|eval/i.test(text)))
    findings.opaque('an option runs a command');
}

/** `pacman -R`, `emerge -C`, `dpkg -r`, `rpm -e`: options that remove. */
const removesByOption: Readonly<Record<string, RegExp>> = {
  emerge: /^(-\w*[cCP]|--unmerge|--depclean|--prune)/,
  'nix-env': /^(-e|--uninstall)/,
  'xbps-remove': /./,
  opkg: /^remove$/,
  dpkg: /^(-r|-P|--remove|--purge)/,
  rpm: /^(-\w*e|--erase)/,
};

function judgePackages(name: string, args: readonly ShellArgument[], line: string, { findings }: ShellContext): void {
  const removes = Object.hasOwn(removesByOption, name) ? removesByOption[name] : undefined;
  if (removes !== undefined && args.some(({ text }) => removes.test(text))) findings.destructive('removes a package');
  if (/^(npx|bunx|uvx|pipx)$/.test(name)) findings.opaque('fetches and runs a program');
  if (isLocalPackage(args, line)) findings.opaque('installs a package that runs its own scripts');
  if (/^(exec|shell|develop|run|open)\b/.test(line)) findings.opaque('runs what a package defines');
  if (runners.test(name) && /^(exec|x|dlx|create|init \S|run|start|test|explore|restart)\b/.test(line))
    findings.opaque('runs what a project defines');
}

/** `dnf install ./x.rpm`: from a file or address, not from a repository. */
function isLocalPackage(args: readonly ShellArgument[], line: string): boolean {
  const isInstalling =
    /^(install|localinstall|add|reinstall|update|upgrade|i|try-install)\b/.test(line) ||
    args.some(({ text }) => /^-[UiI]/.test(text));
  return (
    isInstalling &&
    args.some(({ text }) =>
      /^(\.{1,2}$|\.{0,2}\/|https?:)|\.(rpm|deb|apk|snap|flatpak|flatpakref|pkg|txz)$|^localinstall$|^--(dangerous|nogpgcheck|allow-untrusted)$/.test(
        text,
      ),
    )
  );
}

const judgeGit: CommandJudge = (args, context) => {
  const at = gitSubcommandAt(args);
  const sub = args[at]?.text ?? '';
  const rest = args.slice(at + 1);
  const line = operandsOf(args.slice(at))
    .map(({ text }) => text)
    .join(' ');
  const harm = gitHarms.find(([pattern, option]) => pattern.test(line) && (option === undefined || option(rest)));
  if (harm !== undefined) context.findings.destructive(`git ${sub} throws work away or rewrites it`);
  if (args.slice(0, at).some(({ text }) => /^(-c|--config-env|--exec-path=)/.test(text)) || gitRuns(sub, rest, line)) {
    context.findings.opaque(`git ${sub} may run commands`);
  }
  if (sub === 'submodule' && operandsOf(rest)[0]?.text === 'foreach') judgeInner(operandsOf(rest).slice(1), context);
};

const gitRunningOption =
  /^(--upload-pack|--receive-pack|--exec|-x|-u|-c|--config|--extcmd|--template|--separate-git-dir)(=|$)/;
const gitOpeningOption = /^(-O|--open-files-in-pager|--output|--ext-diff)/;
const gitRunner =
  /^(filter-branch|bisect run|submodule foreach|mergetool|difftool|instaweb|daemon|shell|credential|config --global|p4|svn|send-email)\b/;

function gitRuns(sub: string, rest: readonly ShellArgument[], line: string): boolean {
  const has = (pattern: RegExp): boolean => rest.some(({ text }) => pattern.test(text));
  if (gitRunner.test(line)) return true;
  if (/^(clone|fetch|pull|ls-remote|rebase|archive|init|submodule)$/.test(sub)) return has(gitRunningOption);
  if (/^(grep|log|diff|show)$/.test(sub)) return has(gitOpeningOption);
  const isSetting = sub === 'config' && operandsOf(rest).length > 1;
  return isSetting && /alias|command|editor|pager|hook|helper|ssh|fsmonitor|textconv|program|insteadof/i.test(line);
}

function gitSubcommandAt(args: readonly ShellArgument[]): number {
  let at = 0;
  while (at < args.length && args[at]?.text.startsWith('-') === true)
    at += /^(-C|-c|--git-dir|--work-tree|--namespace|--config-env|--super-prefix)$/.test(args[at]?.text ?? '') ? 2 : 1;
  return at;
}

type GitHarm = readonly [RegExp, ((rest: readonly ShellArgument[]) => boolean)?];

const gitHarms: readonly GitHarm[] = [
  [
    /^push\b/,
    (rest) =>
      hasOption(rest, 'fd', 'force', 'force-with-lease', 'force-if-includes', 'delete', 'mirror', 'prune') ||
      operandsOf(rest).some(({ text }) => /^[+:]/.test(text)),
  ],
  [/^clean\b/, (rest) => !hasOption(rest, 'n', 'dry-run')],
  [/^reset\b/, (rest) => hasOption(rest, '', 'hard', 'merge', 'keep')],
  [
    /^(checkout|switch|restore)\b/,
    (rest) =>
      hasOption(rest, 'f', 'force', 'discard-changes', 'ours', 'theirs') || rest.some(({ text }) => text === '--'),
  ],
  [/^checkout \.$/],
  [/^restore\b/, (rest) => !hasOption(rest, 'S', 'staged') || hasOption(rest, 'W', 'worktree')],
  [/^branch\b/, (rest) => hasOption(rest, 'dDfM', 'delete', 'force')],
  [/^tag\b/, (rest) => hasOption(rest, 'df', 'delete', 'force')],
  [
    /^(rm|filter-branch|filter-repo|prune|gc|update-ref|reflog (expire|delete)|stash (drop|clear)|worktree (remove|prune)|remote (remove|rm|prune|set-url)|notes (remove|prune)|submodule deinit|replace|read-tree|checkout-index|lfs prune|annex (drop|unused|dropunused)|svn dcommit|symbolic-ref|pack-refs|obliterate|delete\S*|reset-file|undo|rebase|clear\S*|graft|maintenance unregister|lock|bulk --removeworkspace)\b/,
  ],
  [/^apply\b/, (rest) => hasOption(rest, '', 'unsafe-paths')],
];

const judgeFirewall: CommandJudge = (args, { findings }) => {
  const isListing = args.every(({ text }) =>
    /^(-[LSnvxt46Vh]+|--(list|list-rules|numeric|verbose|line-numbers|table|version|help|exact)(=.*)?|filter|nat|mangle|raw|security|INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING|[A-Z_-]+|\d+)$/.test(
      text,
    ),
  );
  const isAsking = args.some(({ text }) =>
    /^(-[nvt]*[LS][nv]*|--list|--list-rules|-V|--version|-h|--help)$/.test(text),
  );
  if (!isListing || !isAsking || args.length === 0) findings.destructive('changes the firewall');
};

const judgeCrontab: CommandJudge = (args, { findings }) => {
  if (hasOption(args, 'r')) findings.destructive('crontab -r removes every job');
  else if (!hasOption(args, 'l') || hasOption(args, 'e')) findings.opaque('changes what runs by the clock');
};

const judgeSysctl: CommandJudge = (args, { findings }) => {
  if (args.some(({ text }) => /^(-[a-z]*[wpf]|--(write|load|system))/.test(text) || /^[\w./]+=/.test(text)))
    findings.destructive('changes the kernel');
};

/** Clients of databases: their texts are SQL, which no shell guard judges. */
const judgeDatabase: CommandJudge = (args, { findings }) => {
  if (
    args.some(({ text }) =>
      /^(-c|-f|-e|-Q|-q|-i|--command|--file|--execute|--eval|--query|--init-command|--source|\.)/.test(text),
    )
  )
    findings.opaque('a database client runs a text or file');
  const statement =
    /\b(delete|drop|truncate|update|insert|alter|create|grant|flushall|flushdb|del|set|eval|config|shutdown|remove|system|shell)\b|^[.\\!]/i;
  if (args.some(({ text }) => statement.test(text))) findings.opaque('a database client runs a text');
};

export const managerCommands: Readonly<Record<string, CommandJudge>> = {
  git: judgeGit,
  iptables: judgeFirewall,
  ip6tables: judgeFirewall,
  crontab: judgeCrontab,
  sysctl: judgeSysctl,
  psql: judgeDatabase,
  pgcli: judgeDatabase,
  mysql: judgeDatabase,
  mariadb: judgeDatabase,
  mycli: judgeDatabase,
  sqlite3: judgeDatabase,
  sqlcmd: judgeDatabase,
  mongosh: judgeDatabase,
  mongo: judgeDatabase,
  'redis-cli': judgeDatabase,
  duckdb: judgeDatabase,
  'clickhouse-client': judgeDatabase,
  cqlsh: judgeDatabase,
};
