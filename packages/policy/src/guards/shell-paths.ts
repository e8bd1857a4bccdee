/** Where a command writes. */

const scratch =
  /^(\/tmp|\/var\/tmp|\/dev\/shm|\/workspace|\/workspaces|\/home\/[\w.-]+\/(?!\.)|\/Users\/[\w.-]+\/(?!\.))(\/|$|(?<=\/))/;
const harmlessDevice = /^\/dev\/(null|stdout|stderr|stdin|tty|fd\/\d+|zero|full)$/;
/** Files that programs read when they start, or that hold rights, wherever they lie. */
const sensitive =
  /(^|\/)(\.ssh|\.aws|\.kube|\.docker|\.gnupg|\.bashrc|\.bash_profile|\.bash_login|\.bash_logout|\.profile|\.zshrc|\.zshenv|\.zprofile|\.gitconfig|\.npmrc|\.netrc|\.pgpass|\.vimrc|\.inputrc|\.config\/(fish|systemd|autostart)|\.git\/(hooks|config)|authorized_keys|sudoers|crontab|id_rsa|id_ed25519)(\/|$)/;

/** Why writing there needs a person, or undefined. */
export function writeHarm(path: string): string | undefined {
  if (harmlessDevice.test(path) || path === '-') return undefined;
  if (/^\/dev\/(tcp|udp)\//.test(path)) return 'opens a connection by /dev/tcp';
  if (path.startsWith('/dev/')) return 'writes to a device';
  if (sensitive.test(path)) return 'writes a file that grants or starts something';
  if (/^(~|\ufffc|\/home\/[\w.-]+|\/root)\/\.\w/.test(path)) return 'writes a file that programs read when they start';
  if (path.split('/').includes('..')) return 'writes outside of its directory';
  return path.startsWith('/') && !scratch.test(path) ? 'writes to a path of the system' : undefined;
}

/** Directories that hold the system or everything. */
export function isSystemTree(path: string): boolean {
  return /^(\/|~|\.|\.\.|\*|\/\*|~\/?\*?|\.\/?\*?|\/(bin|boot|dev|etc|home|lib|lib64|opt|proc|root|run|sbin|srv|sys|usr|var|mnt|data)(\/.*)?)$/.test(
    path,
  );
}
