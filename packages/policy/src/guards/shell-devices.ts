/** Programs that write devices, and also only look at them: how they are asked to look. */
import type { ShellArgument } from './shell-argument.ts';

const device = String.raw`/dev/[\w./-]+`;

/** The arguments, joined by spaces, all of them. */
const looking: Readonly<Record<string, RegExp>> = {
  blockdev: whole(`(--(get\\w+|report) )*--(get\\w+|report)( ${device})*`),
  'dump.exfat': whole(device),
  e2freefrag: whole(`(-c \\d+ )?${device}`),
  // With a second operand they set it.
  e2label: whole(device),
  exfatlabel: whole(device),
  fatlabel: whole(device),
  ntfslabel: whole(device),
  fsck: whole(`-[nN] ${device}`),
  e2fsck: whole(`-n ${device}`),
  'grub-probe': whole(`(--target|-t) \\w+ ${device}( --device)?`),
  udevadm: whole(`info( (-a|--attribute-walk|-q|--query|-n|--name|all|path|name|property|${device}|--\\w+=[\\w/]+))+`),
  udisksctl: whole(`(info|status)( (-b|--block-device|-d|--drive|-p|--object-path|[\\w/-]+))*`),
  dmstats: whole(`(report|list)( --?\\w+)*( ${device})?`),
  pvck: whole(`(${device} )?--dump \\w+( --settings \\S+)?( ${device})?`),
  'tune.exfat': whole(`(--print-\\w+|-[lis]) ${device}`),
  xfs_admin: whole(`(-[lu]+|--list|--uuid) ${device}`),
  sgdisk: whole(`((-p|--print|-v|--verify) ${device}|-L|--list-types)`),
  hdparm: whole(`-B ${device}`),
  zpool: whole('import'),
  fastboot: whole('(devices( -l)?|getvar [\\w-]+)'),
  at: whole('(-l|-c \\d+)'),
};

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** Whether a command only looks at a device, a partition or a queue. */
export function isLookingAtDevice(name: string, args: readonly ShellArgument[]): boolean {
  const how = Object.hasOwn(looking, name) ? looking[name] : undefined;
  return how?.test(args.map(({ text }) => text).join(' ')) === true;
}
