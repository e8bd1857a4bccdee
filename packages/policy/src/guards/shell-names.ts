/** Programs by what they are. */

/** They run a text as shell commands. */
export const shells = new Set(
  'posh rc es sash scsh sh bash dash zsh ksh ksh93 mksh ash csh tcsh fish rbash rzsh rksh yash elvish xonsh nu'.split(
    ' ',
  ),
);

/** They run code of their own language. */
export const codeRunners = new Set(
  `python python2 python3 pypy pypy3 ipython ipython3 perl ruby irb node nodejs ts-node java javaw jdb tsx php lua luajit R Rscript
  julia tclsh wish expect gdb lldb groovy scala jshell jjs jrunscript ghci runghc ocaml erl elixir iex osascript kotlin puppet latexmk rake knife dosbox posh-script guile sbcl clisp
  racket swipl octave gawk mawk nawk awk pwsh powershell powershell.exe cmd cmd.exe wscript cscript mshta rundll32 emacs
  ed ex m4 gcore bpftrace stap dotnet-script kotlinc pry tsx nohup-script rustscript jq-repl vimdiff rvim rview
  php-cgi hhvm mono wine qemu rlua pdb gimp ansible-console scapy msfconsole`
    .split(/\s+/)
    .filter((name) => !name.endsWith('awk')),
);

/** They delete, stop, replace or give rights, whatever their arguments. */
export const destroyers = new Set(
  `rm rmdir unlink shred srm wipe scrub wipefs blkdiscard fdisk cfdisk sfdisk gdisk sgdisk parted mkswap swapoff truncate
  kill killall pkill killall5 xkill skill slay fuser-kill reboot shutdown halt poweroff init telinit
  userdel groupdel deluser delgroup usermod groupmod useradd adduser groupadd addgroup passwd chpasswd chage gpasswd vipw vigr
  visudo newusers chsh chfn insmod rmmod modprobe kexec cryptsetup lvremove vgremove pvremove lvreduce lvresize vgreduce
  mdadm zpool zfs debugfs tune2fs resize2fs e2fsck hdparm nvme sg_format flashrom fastboot efibootmgr grub-install
  update-grub pivot_root switch_root setcap chattr setfacl capsh unattended-upgrade dropdb dropuser pg_dropcluster
  pg_resetwal mysqladmin redis-shutdown format del erase rd deltree diskpart bcdedit vssadmin
  reg sc taskkill icacls takeown ipcrm nun tcpkill gomi rip userdel.sh sfill cupsdisable mosquitto_passwd-d cipher xfs_repair xfs_growfs  fsck.vfat badblocks at batch
  ipset ebtables arptables nftables-apply iptables-restore ip6tables-restore swapon losetup ldconfig`.split(/\s+/),
);

/** They print what they are given, or look at it. Words in their arguments are data. */
export const readers = new Set(
  `echo printf ls dir vdir cat tac nl head tail grep egrep fgrep zgrep zcat bzcat xzcat rg ag ack wc uniq cut paste tr rev fold fmt
  column comm diff diff3 cmp sdiff colordiff stat file du df free uptime uname hostnamectl hostname date cal whoami id
  groups who w last lastlog logname ps pstree pgrep pidof lsof lsblk lscpu lsmem lsusb lspci lsmod lsns lslocks blkid findmnt
  env-print printenv pwd basename dirname realpath readlink which whereis type whatis apropos man info help tldr seq yes-no sleep true false
  test [ [[ expr bc md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum base32 base64 od hexdump xxd strings
  locate tree getent getconf nproc arch tty locale ldd nm objdump readelf size iconv jq yq xmllint-read
  dig host nslookup ping ping6 traceroute tracepath mtr ss netstat arp whois nmap-list history jobs times ulimit umask
  dmesg journalctl vmstat iostat mpstat sar top htop btop atop glances pidstat numastat slabtop tload pmap
  look shuf-read factor numfmt tsort join zdiff zcmp zless zmore more less most bat exa eza lsd fd fdfind cd pushd popd dirs
  : local declare typeset readonly export let shift getopts break continue return wait hash alias unalias logger-read
  cloc tokei scc shellcheck figlet cowsay cowthink fortune lolcat toilet neofetch fastfetch sensors acpi
  zipinfo unzip-list pstack vmtouch-read ltrace-read getfacl getcap dumpe2fs smartctl xfs_info pvs lvs vgs pvdisplay vgdisplay lvdisplay lvmdiskscan lsattr namei ncdu dust duf pdfinfo pdftotext-read exiftool-read
  tput stty clear reset-terminal fc bind complete compgen compopt shopt mesg write-read`.split(/\s+/),
);
