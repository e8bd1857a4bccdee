/** Signs of harm that do not depend on which program it is. */
import type { ShellArgument } from './shell-argument.ts';
import type { CommandJudge, ShellContext } from './shell-findings.ts';
import { asksForHelp } from './shell-options.ts';
import { writeHarm } from './shell-paths.ts';

/** As a subcommand, one of the first words. */
const harmfulVerb =
  /^(del|delete|destroy|remove|rm|rmi|rmp|purge|wipe|erase|drop|prune|format|kill|terminate|uninstall|reset|revoke|flush|truncate|unlink|clean|clear|stop|disable|down|drain|evict|overwrite|shutdown|reboot|poweroff|halt|nuke|rollback|deregister|detach|expunge|autoremove|unregister|cleanup|empty|factory-reset|undeploy|deactivate|decommission|zap|obliterate|force-delete|(delete|remove|destroy|terminate|purge|drop|wipe|erase|reset|clean|disable|stop|kill)[-_:]\S+|\S+[-_:](delete|remove|destroy|terminate|purge|drop|wipe|erase|rm))$/i;
const harmfulOption =
  /^--?(del|delete(?!d\b)\S*|destroy|remove(?!d\b)\S*|rm|purge|wipe|erase|drop\S*|overwrite|kill|terminate|uninstall|shred|unlink|reset|flush|nuke|reboot|shutdown|no-preserve-root|expunge|zap\S*|factory-reset|trash)(=|$)/;
/** Options by which a program runs another one, or code. */
const runningOption =
  /^--?(exec|exec-\S+|execute|command|cmd|eval|run|rsh|rcfile|init-file|on-\S+|hook\S*|interpreter|filter-command|preprocessor|to-command|use-compress-program|checkpoint-action|load-module|proxy-command|events?-script|pinentry-program|agent-program|photo-viewer|diff-program|compress-program|open-command|spawn|invoke|rsync-path|upload-pack|receive-pack|extcmd|eval-file|daemonize-script|\S+-(command|cmd|script|exec)|script|vettool|toolexec|wrapper|unsafe-paths|dangerous|shell-escape)(=|$)/;
const outputOption =
  /^(-o[NGXA]?|-O|-w|-W|-out|-filename|-l|-Logfile|--\S+-xml|--out\S*|--output\S*|--write\S*|--save\S*|--log\S*|--dest\S*|--target\S*|--file|--dump\S*|--trace\S*|--report\S*|--pidfile|--logfile)$/;
const shellMention =
  /(^|[\s=/!'"`(,:;|&{[<>])(sh|bash|dash|zsh|ksh|ash|csh|tcsh|cmd\.exe|powershell|pwsh)($|[\s'"`),;&|\]}<>])/;
/** Code that starts programs, in most languages. */
const runningCode =
  /\b(os\.)?(system|popen|execv?p?e?|execl\w*|spawn\w*|posix_spawn|shell_exec|passthru|proc_open|execute|pcntl_exec|child_process)\s*[("'{]|os\.execute|Runtime\.getRuntime|ProcessBuilder|__import__|`[^`]+`|^!.|^:!|^\\!|\|\s*\w+\s*$|^exec\s|EXEC:|SYSTEM:|exec:|\b\w*(command|exec|script)=[^=]|\\write|\\openout|\\directlua|^:?[^/]*\.so(\.\d+)*$|\/[^/]+\.so$/;

/** For every command, readers included. */
export function judgeAnyWord({ text }: ShellArgument, { findings }: ShellContext): void {
  if (/\/dev\/(tcp|udp)\//.test(text)) findings.destructive('opens a connection by /dev/tcp');
  // Bash runs the command in the index of an array, even within quotes.
  if (text.startsWith('ext::')) findings.opaque('an address that runs a command');
  if (/\[\s*(\$\(|`)/.test(text)) findings.opaque('a command within the index of an array');
}

/** For programs of which only the name is known. */
export const judgeGeneral: CommandJudge = (args, context) => {
  let words = 0;
  for (const [at, arg] of args.entries()) {
    const { text } = arg;
    if (/^[-+]/.test(text)) judgeOption(args, at, context);
    else {
      if (words < 5 && harmfulVerb.test(text) && !asksForHelp(args))
        context.findings.destructive('a subcommand that removes, stops or resets');
      words += 1;
    }
    if (!isAboutShells(args)) judgeMentions(text, context);
  }
};

function judgeOption(args: readonly ShellArgument[], at: number, { findings }: ShellContext): void {
  const text = args[at]?.text ?? '';
  if (harmfulOption.test(text)) findings.destructive('an option that removes, stops or resets');
  if (runningOption.test(text)) findings.opaque('an option that may run a command');
  const harm = outputHarm(text, args[at + 1]?.text);
  if (harm !== undefined) findings.destructive(harm);
}

function outputHarm(option: string, next: string | undefined): string | undefined {
  const [name = '', value = next] = option.split(/=(.*)/s);
  const isOutput = outputOption.test(name) && value !== undefined && !value.startsWith('-');
  return isOutput ? writeHarm(value) : undefined;
}

/** A program whose name says that it removes or ends things. */
export function isHarmfulName(name: string): boolean {
  return (
    /(^|[-_.])(rm|del|delete|destroy|remove|uninstall|purge|wipe|erase|kill|trash|shred|clean|disable|stop|drop)([-_.]|$)|(kill|trash)$|^(nrm|xrm|mrm|atrm|lprm|ipcrm|srm|eclean|lxc-destroy|csrm)$/.test(
      name,
    ) &&
    name !== 'rfkill' &&
    name !== 'trash-list'
  );
}

/** As a subcommand. */
export function isHarmfulVerb(word: string): boolean {
  return harmfulVerb.test(word);
}

/** `completion bash`, `init zsh`: the name of a shell as data. */
export function isAboutShells(args: readonly ShellArgument[]): boolean {
  return (
    args.length <= 4 &&
    args.some(({ text }) => /complet|^(init|shellenv|hook|shell-init|activate|env)$/.test(text)) &&
    args.every(({ text }) => /^[\w=-]+$/.test(text))
  );
}

export function judgeMentions(text: string, { findings }: ShellContext): void {
  if (shellMention.test(text)) findings.opaque('names a shell');
  if (runningCode.test(text)) findings.opaque('holds code that may run a command');
  if (/^(\S+=)?\/dev\/(sd|hd|vd|xvd|nvme|mmcblk|loop|dm-|mapper|mem|kmem|port)/.test(text))
    findings.opaque('names a device');
}
