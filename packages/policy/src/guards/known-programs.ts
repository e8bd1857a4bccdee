/**
 * Names of the programs that people use on the command line. A program that is not here, and of which nothing else is
 * known, is opaque. That a name is here says only that its words and options can be read as those of a program.
 */
const names = `
12 2to3 30 3d-ascii-viewer 7z 7za 7zr AdGuardHome DumpNTLMInfo.py FileCheck Get-NodeInstallLocation Get-NodeVersions GetADUsers.py
GetNPUsers.py GetUserSPNs.py Install-NodeVersion Invoke-Binary Invoke-Item J5 Projucer QOwnNotes ROPgadget Remove-NodeVersion
RsaCtfTool.py Rscript Set-NodeInstallLocation Set-NodeVersion VBoxManage Xephyr a2disconf a2dismod a2dissite a2enconf a2enmod a2ensite
a2ping a2query aa-audit aa-cleanprof aa-complain aa-decode aa-disable aa-enforce aa-genprof aa-logprof aa-mergeprof aa-remove-unknown
aa-status aa-teardown aa-unconfined aa-update-browser aapt ab abbr abduco abroot abrt abrt-action-analyze-backtrace abrt-action-analyze-c
abrt-cli abrt-watch-log ac accelerate ack acme.sh acme.sh-dns aconnect acountry acpi acpi_listen act acyclic adb adb-connect adb-devices
adb-disconnect adb-forward adb-install adb-logcat adb-pair adb-reboot adb-reverse adb-shell adb-uninstall add add-apt-repository
addcomputer.py addpart addr2line adduser adguardhome adig adscript afconvert ag agate age age-inspect age-keygen agetty agg agy aha ahost
aide aider aircrack-ng airdecap-ng aireplay-ng airmon-ng airodump-ng airpaste airshare ajson akmods alacritty alembic alex alias alien
alpaca alpine alr alr-help alr-version alsamixer alter alternatives amass amass-enum amass-intel amdgpu_top amixer anbox androguard
ani-cli animdl anki ansible ansible-doc ansible-galaxy ansible-inventory ansible-lint ansible-playbook ansible-pull ansible-vault
ansiweather ant antibody anytopnm apache2ctl apachectl apg apk apkeep apkleaks apktool aplay apm apparmor_parser apparmor_status
application_name appman apport-bug apptainer apptainer-build apptainer-cache apptainer-capability apptainer-config apptainer-delete
apptainer-exec apptainer-inspect apptainer-overlay apptainer-pull apptainer-push apptainer-registry apptainer-run apptainer-search
apptainer-shell apptainer-sign apptainer-test apptainer-verify apropos apt apt-cache apt-clone apt-file apt-get apt-key apt-mark aptitude
apx apx-pkgmanagers apx-stacks apx-subsystems ar arc arch arch-chroot archey archinstall archivemount archlinux-java archwiki-rs arduino
arduino-builder arecord argocd argocd-app argon2 argos-translate argospm args aria2 aria2c arithmetic arjun ark arp arp-scan arpaname
arping arpspoof arptables arptables-save arthas arthas-trace arthas-watch as asar ascii ascii-image-converter ascii-xfr asciiart
asciidoctor asciinema asciiquarium asciitopgm asdf asnmap aspell assimp ast-grep asterisk astronomer astroterm astyle at atktopbm atom
atomupd-manager atool atop atoum atq atrm attr atuin audacious audit2allow audit2why auditctl auditd audtool aur aur-sync aura auracle
aureport aurman aurpublish aurvote ausearch ausyscall authconfig auto-cpufreq autoconf autoexpect autoflake autojump autoload automake
autopep8 autopkgtest autorandr autorecon autossh avahi-browse avahi-resolve avifenc avo avrdude away awk aws aws-google-auth aws-vault
awslogs awww axel az azcopy azure-cli azurite b2 b2sum b3sum b4 b4-am b4-prep b4-send b4-shazam babel babeld backlight_control bacon
badblocks balena balooctl bandwhich banner barotrauma base32 base64 basename basenc bash bash-it bashmarks bastet bat batcat batch bats
battop bazel bb bc bcachefs bcachefs-device bcftools bchunk bcomps bd bdfr beanstalkd bear bedtools beep beet behat berks betterdiscordctl
betterlockscreen betty bfg bfs bg bgpgrep biber biff binary bind bindfs bindkey bing-rewards binwalk biome bioradtopgm bird birdc bison
bitcoin-cli bitcoind bitwise bk black blackfire blahaj blastn blastp bleachbit blender blight blkdiscard blkid blkpr blockdev blockout2
bloodhound-python bluebuild bluetoothctl bluetoothd bluetui blurlock bmaptool bmon bmptopnm bmptoppm bob boltctl boot bootc bootc-switch
bootctl bore bore-local borg bosh bower box boxes boxxy bpftool bpftrace bpkg bpython bpytop bq br braa brave brctl break brew bridge
brightnessctl brittany broot brotli browser-sync browsh bru brushtopbm bshell bspc bspwm bssh bsub btm btop btrbk btrfs builtin buku bully
bun bun-add bun-audit bun-build bun-c bun-create bun-exec bun-feedback bun-i bun-info bun-init bun-install bun-link bun-list bun-outdated
bun-patch bun-pm bun-publish bun-remove bun-rm bun-run bun-test bun-unlink bun-update bun-upgrade bun-why bun-x bundle bundler bundletool
bundletool-dump bundletool-validate bunx bunzip2 bup burpsuite busctl busybox buzzphrase bvnc bw bwa bwrap bye byobu byobu-config
byobu-disable byobu-enable byobu-select-backend byzanz-record bzcat bzegrep bzfgrep bzgrep bzip2 bzip2recover bzip3 c++ c99 cabal
cacaclock cacademo cacafire cacaview cadaver caddy caffeinate caffeine caffeine-indicator cage caja cake cal calc calcurse calcurse-caldav
calendar calibre-server calibredb caligula caller calligraflow calligrasheets calligrastage calligrawords cam cancel carbon-now carbonyl
cargo cariddi carp case cat catimg cava cavif cb cbatticon cbonsai cbt cc ccache ccomps cd cdecl cdk cdparanoia cdrdao cdrecord cec-client
cec-ctl ceph cephadm certbot certtool certutil cewl cf cfdisk cfssl cfv cgclassify cgcreate cgexec cgroups chafa chage chainctl charm
chars chat chatgpt chattr chcat chcon chcpu chdir chdman cheat cheatshh check-dfsg-status check-language-support check-support-status
checkinstall checkov checksec checkupdates checkupdates-aur chezmoi chfn chgrp chisel chkconfig chkfont chkrootkit chmem chmod chntpw
choom choose chown chpasswd chroma chromium chronic chronyc chroot chrt chsh chvt ci cidr circo circup cjxl cksum clamav clamdscan
clamscan clang clang++ clang-check clang-cpp clang-format clang-tidy clangd claude clear clementine cli4 cli53 clido clifm clip-view
cliphist clj cloc clockwork-cli clojure close cloud-init cloudflared cluster clusterdb cmake cmark cmatrix cmctl cmd-wrapped cmp cmus
cmus-remote cmusfm cmuwmtopbm co cockpit-bridge cockpit-desktop cockpit-tls cockpit-ws code code2prompt codecrafters codespell codex
codium coffee cointop col cola colcrt colima collectd colon color_command colordiff colorls colorpicker colrm column combine comby comm
comma command command_name compare compgen complete compopt compose composer composer-audit composer-require-checker compress compseq
compsize con2fbmap conan conda confettysh conky connect conntrack consul consul-kv continue convert convmv copilot copr copr-cli coproc
copyq cordova core-validate-commit coredumpctl corepack coreutils cosign cotton couchdb cowsay cowthink cp cpan cpdf cpio cppcheck
cppclean cpuctl cpufreq-aperf cpufreq-info cpufreq-set cpuid cpulimit cpupower crackle cradle cradle-deploy cradle-elastic cradle-install
cradle-package cradle-sql crane crane-append crane-auth crane-blob crane-catalog crane-config crane-copy crane-cp crane-delete
crane-digest crane-export crane-flatten crane-index crane-ls crane-manifest crane-mutate crane-pull crane-push crane-rebase crane-registry
crane-tag crane-validate crane-version create create-image create_ap createdb createdomuser createrepo createuser crictl critique criu
croc cron crond cronic crontab crunch crush cryfs cryfs-unmount cryptcat cryptsetup cryptsetup-luksformat cryptsetup-open crystal cs
cs-fetch cs-install cs-java cs-launch cs-resolve cs2 csc csh csplit csslint csv-diff csv2tsv csvclean csvcut csvformat csvgrep csvlook
csvpy csvsort csvsql csvstat csvtool ctags ctest ctop ctr ctrlaltdel cu cups cups-config cupsaccept cupsctl cupsd cupsdisable cupsenable
cupsreject cupstestppd curl curlie cut cuyo cvs cwebp cypher-shell cython czkawka_cli d d2 d8 daemon daemonize dagger dalfox daps
darkhttpd darling dart dash datamash datashader_cli date db dbclient dbeaver dbt dbus-daemon dbx dc dcfldd dcg dcgmi dcode dconf
dconf-read dconf-reset dconf-write dd ddcutil ddev ddgr ddrescue deactivate deb-get debchange debman debootstrap deborphan debsecan debtap
debugfs debuginfod-find debuild decaffeinate declare decode-dimms deemix deepseek deepseek-r1 delpart delta deluge deluge-console deluged
deluser deno dep depmod depotdownloader desc describepod detox devcontainer devenv devpod devspace dex dexdump dexter df dfc dget dhclient
dhcpcd dhcpig dhcpwn dialog dict diff diff-pdf diff3 diffimg diffoscope diffstat difft dig dijkstra dillo dir dirb dirbuster dircolors
direnv dirname dirs dirsearch disable diskonaut disown distcc distccd distrobox distrobox-create distrobox-enter distrobox-export
distrobox-host-exec distrobox-list distrobox-rm distrobox-stop distrobox-upgrade dive django-admin djxl dkms dlv dm-tool dmd dmenu dmesg
dmidecode dmstats dmypy dnf dnf-builddep dnf-changelog dnf-clean dnf-deplist dnf-download dnf-group dnf-install dnf-module dnf-repoquery
dnf-reposync dnf-versionlock dnf4 dnf5 dnf5-copr dnf5-group dnote dnsdomainname dnsmap dnsmasq dnsrecon dnstracer dnswalk dnsx do
do-release-upgrade doas dockdiver docker docker-machine dockerd docsify doctl doctum dog doggo dokku dolphin dolt done doom doppler
doppler-projects doppler-run doppler-secrets dos2unix dosbox dot dotenvx dotnet dotty doxx doxygen dphys-swapfile dpigs dpkg
dpkg-buildpackage dpkg-deb dpkg-query dpkg-reconfigure dracut drawing drill drm_info drop dropbearconvert dropbearkey dropdb dropuser
drupal drupal-check drush dstat dtc dtrx du dua dub duc duckdb duf dump.exfat dumpcap dumpe2fs dumpntlminfo.py dune dunst dunstctl
dunstify duperemove duplicacy duplicity dust dutree dvc dvc-add dvc-checkout dvc-commit dvc-config dvc-dag dvc-destroy dvc-diff dvc-fetch
dvc-freeze dvc-gc dvc-init dvc-unfreeze dwebp dysk dzdo e2freefrag e2fsck e2image e2label e2undo e4 e4defrag ebook-convert ebuild echo
eclean eclean-kernel ecpg ect ed edgepaint edid-decode edit editor edquota efibootdump efibootmgr efivar eget eglinfo ego egrep eim einfo
eix eject eksctl elasticsearch-certutil elasticsearch-create-enrollment-token elasticsearch-croneval elasticsearch-keystore
elasticsearch-node elasticsearch-reset-password elasticsearch-saml-metadata elasticsearch-syskeygen elasticsearch-users electron-packager
electrum elif elink elinks elixir elm else elvish emacs emacsclient emaint ember emerge emulate emulator enable enca encfs engrampa
enscript entr enum4linux enumdomusers enumprivs env envoy envsubst envycontrol eog eol eopkg eqn equery erl erlc ern errno esac esbuild
escp2topbm esearch eselect eselect-kernel eselect-locale eselect-news eselect-profile eselect-repository eslint espanso espeak espeak-ng
esptool.py etcd etcdctl etckeeper ethtool eu-readelf euse eva eval evil-winrm evince evtest eww ex exa exch exec execpod exenv exercism
exfatlabel exif exiftool exiqgrep exit exiv2 exo exo-compute exo-dbaas exo-iam exo-storage expac expand expect explodepkg expo export
expose expr exrex extrace extrepo extundelete eyeD3 eyed3 eyuvtoppm eza f3fix f3probe f3read f3write f5fpc fabric factor factorio fadvise
fail2ban-client faillock fakedata faker fakeroot faketime fallocate false fancontrol farge fast fastapi fastboot fastd fastfetch fastlane
fastmod fatlabel fatrace fav fbgrab fbi fbset fc fc-cache fc-list fc-match fc-pattern fc-scan fclones fcrackzip fd fd-format fdfind fdisk
fdp fdroid fdroidcl fdupes feedreader feh feroxbuster fetch ffe ffmpeg ffplay ffprobe ffsend fftest ffuf fg fgconsole fgrep fi fiascotopnm
figlet figlist file file-rename filebrowser filecheck filefrag filen fin finch fincore find findfs findmnt findpod finger fio firebase
firecfg firefox firejail firewall-cmd fish fisher fitstopnm fixfiles fj fkill flac flake8 flameshot flarectl flash flashrom flask
flask-unsign flatpak flatpak-builder flex flexget flips flite float flock flow flox fls fluidsynth flutter flutterfire flux flux-bootstrap
flux-build flux-check flux-create fluxctl fly flyctl fmt fmtutil fmtutil-sys fmtutil-user fnm fold fonttools fonttools-subset foot
footclient for foreman foremost forever fortune fossa fossil fossil-add fossil-ci fossil-commit fossil-delete fossil-forget fossil-init
fossil-new fossil-rm fping fprintd fprintd-delete fprintd-enroll fprintd-list fprintd-verify fpsync free freeramdisk freeze fresh
freshclam frida frida-ps frida-trace from frp frpc frps fs_cli fsadm fsck fscrypt fselect fstopgm fstrim fswatch fswebcam ftp fuck func
func_name function funzip fuser fusermount fuzzel fvm fwconsole fwupdmgr fwupdtool fx fzf g++ gacutil gallery-dl gamemoderun gamescope
gammastep ganache-cli gatsby gau gawk gbp gc gcal gcalcli gcc gcloud gcov gcpdiag gcrane gdal2tiles.py gdal_contour gdal_translate
gdaladdo gdalbuildvrt gdaldem gdalinfo gdalwarp gdb gdbus gdc gdebi gdisk gdm gdm-binary gdm-restart gdm-safe-restart gdm-stop gdmsetup
gdown gdrive gdu gedit gem gemini gemma3 gemma4 gemtopbm gemtopnm gendesk genfstab genie genisoimage genkernel ges-launch-1.0 get get-edid
get-nodeinstalllocation get-nodeversions getArch.py getST.py getTGT.py get_iplayer getadusers.py getarch.py getcap getconf getenforce
getent getfacl getfattr geth getln getnpusers.py getopt getopts getsebool getst.py gettext gettgt.py getuserspns.py gfortran gh ghc ghci
ghcid ghcup ghdl ghost ghostty ghq gibo gif2webp gifdiff gifsicle giftopnm gimp gio gio-trash gist git git-lfs-transfer git-sizer
git_subcommand gita gitea github-label-sync gitk gitlab gitlab-backup gitlab-ctl gitlab-runner gitleaks gitlint gitmoji gitsome gitstats
gitui gitwatch gixy gixy-next gksu gksudo glab glab-alias glab-auth glab-issue glab-mr glab-pipeline glab-release glab-repo gladtex
glances gleam glib-compile-resources glob glow glxgears gml2gv gmssl gnatmake gnatprep gnmic gnmic-get gnmic-set gnmic-sub gnmic-subscribe
gnome-calculator gnome-extensions gnome-screenshot gnome-software gnome-terminal gnomon gnuarch gnub2sum gnubase32 gnubase64 gnubasename
gnubasenc gnucash gnucash-cli gnucat gnuchcon gnuchess gnuchgrp gnuchmod gnuchown gnucksum gnucomm gnucp gnucsplit gnucut gnudate gnudd
gnudf gnudir gnudircolors gnudirname gnudu gnuecho gnuenv gnuexpand gnuexpr gnufactor gnufalse gnufmt gnufold gnugo gnugroups gnuhead
gnuhostid gnuid gnuinstall gnujoin gnulink gnuln gnulogname gnuls gnumd5sum gnumkdir gnumkfifo gnumknod gnumktemp gnumv gnunice gnunl
gnunohup gnunproc gnunumfmt gnuod gnupaste gnupathchk gnupinky gnuplot gnupr gnuprintenv gnuprintf gnuptx gnupwd gnureadlink gnurealpath
gnurm gnurmdir gnuruncon gnuseq gnusha1sum gnusha224sum gnusha256sum gnusha384sum gnusha512sum gnushred gnushuf gnusleep gnusort gnusplit
gnustat gnustdbuf gnustty gnusum gnusync gnutac gnutail gnutee gnutest gnutimeout gnutouch gnutr gnutrue gnutruncate gnutsort gnutty
gnuuname gnuunexpand gnuuniq gnuunlink gnuusers gnuvdir gnuwc gnuwho gnuwhoami gnuyes go go-bug go-build go-clean go-doc go-env go-fix
go-fmt go-generate go-get go-install go-list go-mod go-run go-test go-tool go-version go-vet goaccess gobuster gocr gocryptfs godoc godot
goenv gofmt gofumpt goimports golangci-lint goldeneye.py gomi gomoku goobook google-chrome googler gopass gops goreload gosec gotelemetry
gotty gouldtoppm gource gow gox gpasswd gpclient gpg gpg-card gpg-tui gpg-zip gpg2 gpgconf gpgv gphoto2 gpm gprbuild gprclean gprinstall
gprof gpu-screen-recorder grabc gradle gradle-build gradle-clean gradle-dependencies gradle-dependencyinsight gradle-init gradle-projects
gradle-properties gradle-tasks gradle-test gradle-wrapper grafana grafana-cli grant grap graphml2gv greater-than greed grep grex grim grip
groff gron groupadd groupdel groupmod groups growpart grpcurl grub-bios-setup grub-editenv grub-file grub-install grub-mkconfig
grub-mkrescue grub-mount grub-probe grub-reboot grub-script-check grub-set-default grub2-mkpasswd-pbkdf2 grubby grumphp grunt grype gs
gsettings gst-device-monitor-1.0 gst-discoverer-1.0 gst-inspect-1.0 gst-launch-1.0 gst-play-1.0 gst-transcoder-1.0 gst-typefind-1.0 gsutil
gt gtk-launch gtop guacd guake guetzli guile guix guix-package gulp gum gummy gunicorn gunzip gup gv2gml gv2gxl gvcolor gvedit gvgen gvim
gvmap gvpack gxl2gv gyb gzexe gzip hadolint hakyll-init halt handbrakecli handlr hangman hangups haproxy hardhat hardinfo hardlink hash
hashcat hashid hatch haveged haxelib hcitool hcloud hd hd-idle hddtemp hdparm head helix hello helm helmfile help help2man herdr heroku
hexdump hexedit hexo hexyl hey hf hg hg-add hg-branch hg-clone hg-commit hg-init hg-log hg-pull hg-push hg-remove hg-root hg-serve
hg-status hg-update highlight hipstopgm history hive hledger hledger-accounts hledger-add hledger-aregister hledger-balance
hledger-balancesheet hledger-import hledger-incomestatement hledger-print hledger-ui hledger-web hlint hlsq hn holehe hollywood home
home-manager homectl homeshick host hostapd hostess hostid hostname hostnamectl hping hping3 hr hsd-cli hsw-cli html5validator htmlq htop
htpasswd htpdate http http-prompt http-server http-server-upload http_load httpflow httpie httping httprobe httpry https httpx httrack hub
hub-branch hub-browse hub-clone hub-create hub-delete hub-fork hub-init hub-issue huggingface-cli hugo hugo-serve hugo-server hunspell
hurl husky hut hw-probe hwclock hwinfo hwloc-ls hx hydra hydra-wizard hyperfine hyprctl hyprpaper hyprpicker hyprpm hyprshot hyprsunset
i2cdetect i2cdump i2cget i2cset i3 i3-msg i3-nagbar i3-scrot i386 i3exit i3lock i3status i7z ia ibmcloud ibmcloud-api ibmcloud-config
ibmcloud-cr ibmcloud-iam ibmcloud-ks ibmcloud-login ibmcloud-logout ibmcloud-regions ibmcloud-target ibmcloud-update ibmcloud-version ic
ical ico icontopbm iconv id id3tag id3v2 idea ident identify idevice_id idevicebackup idevicebackup2 idevicecrashreport idevicedate
idevicediagnostics ideviceimagemounter ideviceinfo idevicename idevicepair idevicescreenshot idevicesetlocation idevicesyslog idnits iex
if ifconfig ifdata ifdown ifmetric ifne ifs ifstat ifstatus iftop ifup ignite ikaros ilbmtoppm imapsync img2pdf img2sixel img2txt img2webp
imgcat imgp imgtoppm imhex immich immich-go imp impacket-addcomputer impacket-dumpntlminfo impacket-getadusers impacket-getarch
impacket-getnpusers impacket-getst impacket-gettgt impacket-getuserspns impacket-mqtt_check impacket-mssqlclient impacket-ping
impacket-ping6 impacket-psexec impacket-rdp_check impacket-reg impacket-rpcdump impacket-rpcmap impacket-sambapipe impacket-secretsdump
impacket-smbclient impacket-smbserver impacket-sniff impacket-sniffer impacket-ticketconverter impala import importctl imv in
in-toto-record in-toto-run in-toto-sign in2csv incus indent infection inference-snap influx info informant init initdb inkmake inkscape
inkview inotifywait input inputattach insmod install install-nodeversion install-tl installpkg instaloader intercept interdiff inxi ionic
ionice ioping iostat iotop ip ip6tables ip6tables-restore ip6tables-save ipaggcreate ipaggmanip ipcalc ipcmk ipcrm ipcs iperf iperf3 ipfs
ipinfo ipmitool ippeveprinter ippfind ipptool iproxy ipscan ipset ipsumdump iptables iptables-restore iptables-save ipython irb irssi
is-up iscsiadm isisdl isoinfo isosize ispell istioctl isutf8 iverilog ivpn iw iw-dev iw-event iw-help iw-phy iw-reg iwconfig iwctl iwinfo
iwlist jadx jar jarsigner java javac javadoc javap jbang jc jc.json jcal jco jdeps jdupes jekyll jello jenkins jenv jest jetifier jf jfrog
jhat jhead jhipster jhsdb jigsaw jira jira-browse jira-issue jira-issues jira-me jira-navigate jira-open jira-project jira-projects
jira-sprint jira-sprints jj jj-abandon jj-absorb jj-bisect jj-bookmark jj-commit jj-config jj-describe jj-diff jj-diffedit jj-duplicate
jj-edit jj-evolog jj-git jj-interdiff jj-log jj-new jj-next jj-operation jj-parallelize jj-prev jj-rebase jj-resolve jj-restore jj-revert
jj-show jj-split jj-squash jj-status jj-tag jj-undo jless jmap jmeter jmtpfs jo jobs joe john join josm journalctl jp2a jpegoptim
jpegtopnm jpegtran jps jq jrnl json5 jstack jtbl julia jupyter jupyter-lab jupyterlab jupytext just just.1 just.js jwt jxlinfo k3d k3s
k3s-uninstall.sh k6 k8s-unused-secret-detector k8sec k9s kafkacat kaggle kaggle-competitions kaggle-config kaggle-datasets kaggle-kernels
kaggle-models kahlan kak katana kate kcadm.sh kcat kcmshell6 kdash kde-builder kde-inhibit kdeconnect-cli kdenlive kdesrc-build kdialog
kdig kdocker keep-header keepass2 keepassxc-cli kerl kerl_deactivate kernel-install kernelstub kexec keybase keychain keyctl keyd keytool
khal kill killall kind kinfocenter kinit kioclient kismet kite kiterunner kiterunner-brute kiterunner-kb kiterunner-scan
kiterunner-wordlist kitex kitty kiwi-ng kjv kmod kmscon knife knock knockd knotc ko koboldcpp kodi-send koji koji-build koji-buildinfo
koji-call koji-cancel koji-help koji-resubmit koji-taginfo komac kompose konsave konsole kool kopia kops kosmorro kotlin kotlinc
kpackagetool5 kpackagetool6 kpartx kr krdc krdpserver kreadconfig5 krfb-virtualmonitor krita krunvm kscreen-console kscreen-doctor ksh
ksvgtopng5 kube-capacity kube-fzf kubeadm kubectl kubectx kubens kubeseal kubetail kubie kustomize kwallet-query kwin_wayland kwrite
kwriteconfig5 l l2ping lambo lambo-new lame lando laptop-detect larasail laravel laravel-zero last lastb lastcomm lastlog latex latexdiff
latexmk latexpand latte-dock lavat laydown lazydocker lazygit lb lbu lchage lci lckdo ld ldapdomaindump ldapsearch ldc ldc2 ldconfig ldd
lddd leaftoppm leave lebab ledctl ledger legit lein lerna less less-than lesskey let lex lftp libinput libreoffice librewolf libtool
libtoolize libuser-lid license licensor lid lid.idutils lid.libuser light light-arionum-cli lighthouse lilypond lima limactl limine
limine-enroll-config limine-entry-tool limine-install limine-scan limine-snapper-info limine-snapper-list limine-snapper-restore
limine-snapper-sync limine-snapper-watcher limine-update line link linkchecker links links2 linode-cli linux-boot-prober linux32 linux64
liquidctl lispmtopgm list lit live-server llama-cli llc lldb lldpctl lli llm lls llvd llvm-ar llvm-as llvm-bcanalyzer llvm-cat llvm-config
llvm-dis llvm-g++ llvm-gcc llvm-mc llvm-nm llvm-objdump llvm-strings lmms ln lnav lndir load loadkeys loadtest loc local locale locale-gen
localectl localedef locate locust loft logger login loginctl logname logout logread logrotate logsave logstash logwatch lolcat longbridge
look lookandfeeltool lorem losetup lp lpadmin lpass lpinfo lpmove lpoptions lpq lpr lprm lpstat lr lrunzip lrzip lrztar lrzuntar ls lsar
lsattr lsb_release lsblk lscpu lsd lsdev lsfd lshw lsinitcpio lsinitrd lsipc lsix lslocks lslogins lsmem lsmod lsns lsof lspath lspci
lsscsi lstopo lstopo-no-graphics lsusb lsvirtualenv lsyncd lt ltrace lua luac luajit lualatex luanti luantiserver ludusavi lumen lure
lvchange lvconvert lvcreate lvdisplay lvextend lvm lvm_import_vdo lvmconfig lvmdevices lvmdiskscan lvmdump lvmpersist lvmpolld lvmsadc
lvmsar lvreduce lvremove lvrename lvresize lvs lvscan lwp-request lxc lxc-attach lxc-checkconfig lxc-console lxc-create lxc-destroy
lxc-info lxc-ls lxc-start lxc-stop lxc-top lxi lxterminal lychee lynis lynx lz lz4 lz4cat lzcat lzcmp lzdiff lzegrep lzfgrep lzgrep lzip
lzless lzma lzmore lzop m4 m4b-tool mac2unix macchanger macchina machinectl macptopbm maestral magento magick magick-compare
magick-convert magick-identify magick-import magick-mogrify magick-montage maigret mail mailsy mailx maim make makebuildserver makensis
makepasswd makepkg mako makoctl makoctl-dismiss makoctl-invoke makoctl-mode mamba mamba-repoquery man mandb mangohud manim manpath mapfile
mariadb mariadb-binlog mariadb-install-db marimo markdown2pdf marketplace marzban marzban-cli mashtree mashtree_bootstrap.pl masscan
massdns mat2 matchpathcon mate-about mate-calc mate-calc-cmd mate-dictionary mate-screenshot mate-search-tool matlab maza mbw mc mc.cli
mc.fm mcat mcfly mcli mcookie mcopy mcs md-to-clip md5sum mdadm mdatopbm mdbook mdelete mdk4 mdp mediainfo mediamtx medusa megadl
megatools-dl meld melt memray menu mesg meshlabserver meshnamed meson metaflac meteor mg mget mgrtopbm mh_copyright mh_lint mh_metric mhwd
mhwd-gpu mhwd-kernel micro microcom micromamba microsoft-edge mid3v2 middleman mimetype minecraft minetest minetestserver mingle minicom
minidlna minifab minikube minikube-start minio minio-client minio-server minipro miniserve minisign mirror mirrord mise mispipe mitmdump
mitmproxy mitmweb mix mixxx mk mkcert mkdir mkdocs mke2fs mkfifo mkfile mkfs mkfs.bcachefs mkfs.btrfs mkfs.cramfs mkfs.erofs mkfs.exfat
mkfs.ext4 mkfs.f2fs mkfs.fat mkfs.minix mkfs.ntfs mkfs.vfat mkfs.xfs mkhomedir_helper mkid mkinitcpio mkinitfs mkisofs mklost+found mknod
mkosi mkpart mksquashfs mkswap mktemp mktexfmt mktorrent mkvextract mkvirtualenv mkvmerge mkvpropedit mlabel mlr mm2gv mmcli mmdblookup
mmdc mmdebstrap mmls mmv mocha mocp mode modetest modinfo modprobe mods module modules modutil moe mogrify mokutil molecule mongo mongod
mongodump mongoexport mongoimport mongorestore mongosh mono monodevelop monodis monolith monop mons montage moon-buggy mopac more moro
mosh mosquitto mosquitto_passwd mosquitto_pub mosquitto_sub most mount mount.cifs mount.ddi mount.smb3 mount.steamos mountpoint mozillavpn
mp3info mp4box mp4decrypt mpc mpd mpg123 mpg321 mpic++ mpicc mpicxx mpiexec mpijavac mpirun mplayer mpremote mpstat mput mpv mqtt_check.py
mr mrm msbuild mscore msedge msedit msfconsole msfvenom msgattrib msgcat msgfmt msginit msgmerge msgunfmt msmtp mssh mssqlclient.py mt mtm
mtr mtvtoppm mu mullvad multipass multitail mumble mupdf musescore musl-gcc mutagen mutool mutt mux mv mvn mvn-archetype mvn-compile
mvn-dependency mvn-deploy mvn-idea mvn-install mvn-package mvn-site mycli mypy mysql mysql_secure_installation mysqlbinlog mysqlcheck
mysqld mysqldump mysqlsh mytop n na naabu nagios nagios2 nagios3 nagios4 nala namcap named namei nano nano-ffmpeg nasm nativefier nautilus
navi nb nbtscan nc ncal ncat ncc ncdu nci ncmpcpp ncspot ncu ndc ndctl neato ned needrestart nemo nemotron3-nano neo neo4j-admin neofetch
neomutt neotoppm nerdctl nest netcat netdiscover netexec nethogs netlify netperf netplan netselect netselect-apt netserver netstat
nettacker networkctl newgrp newman newrole newsboat next nextclade nextflow nf-core nft nft-monitor ng ng-add ng-analytics ng-build
ng-cache ng-completion ng-config ng-deploy ng-e2e ng-generate ng-lint ng-new ng-run ng-serve ng-test ng-update ng-version nginx ngrep
ngrok ngs nh nh-clean nh-home nh-os nh-search nhentai ni nice nicotine nikto nim nimble ninja niri nitch nitrogen nix nix-build
nix-channel nix-collect-garbage nix-env nix-instantiate nix-shell nix-store nixos-container nixos-option nixos-rebuild nixpkgs-review nkf
nl nload nlx nm nm-classic nm-online nmap nmblookup nmcli nmon nms nmtui nmtui-connect nmtui-edit nmtui-hostname nnn node nodemon nodenv
noglob nohup nokogiri nologin nomad nop nordvpn noseyparker noti notify-send notmuch nova now nping npm npm-check npm-home npm-name
npm-why nproc npx nr nrm nsenter nslookup nsnake nstat nsxiv ntfs-read.py ntfsfix ntfy ntfyme nth ntl ntp-ctl ntpctl ntpd ntpdate ntpq nu
nuclei nudoku numactl numbat numfmt numlockx nun nup nvcc nvidia-smi nvim nvm nvm.fish nvme nvtop nwipe nx nxc nxc-ftp nxc-ldap nxc-mssql
nxc-nfs nxc-rdp nxc-smb nxc-ssh nxc-vnc nxc-winrm nxc-wmi nxcdb nyxt oathtool oauth2c obabel objcopy objdump obs obsidian oc ocaml ocamlc
ocamlfind ocamlopt ocrmypdf octave octez-client od odpscmd odpscmd-auth odpscmd-func odpscmd-inst odpscmd-resource odpscmd-table
odpscmd-tunnel offlineimap ogr2ogr ogrinfo ogrmerge.py oh-my-posh ohdear ohdear-cli okular olevba ollama oma omf omz on on_ac_power
onefetch oneliner onionsearch oniux oomctl ooniprobe op opam open open.fish openai openclaw openclaw-agent openclaw-channels
openclaw-doctor openclaw-gateway openclaw-message openclaw-nodes openclaw-onboard openclaw-update opencode opencode-agent opencode-auth
opencode-debug opencode-export opencode-import opencode-mcp opencode-models opencode-session opencode-stats opencode-uninstall
opencode-upgrade opencode-web openconnect openfortivpn openocd openrc openrgb openscad openssl openssl-dgst openssl-genpkey openssl-genrsa
openssl-passwd openssl-prime openssl-rand openssl-req openssl-s_client openssl-speed openssl-ts openssl-x509 openstack openstack-flavor
openstack-help openstack-image openstack-network openstack-port openstack-server openstack-subnet openstack-volume openttd openvpn
openvpn3 opera opera-stable opkg opt optimus-manager optipng opusenc orange orca-c osage osmium ostree osv-scanner other_command ots ouch
output owut oxipng p p10k p4 p5 p7zip pacaur paccache paccapability paccheck pacconf pacdiff pacfile pacgraph paci pacinfo pacini
pacinstall packer packtpub packwiz paclock paclog pacman pacman-d pacman-database pacman-deptest pacman-f pacman-files pacman-key
pacman-mirrors pacman-q pacman-query pacman-r pacman-remove pacman-s pacman-sync pacman-t pacman-u pacman-upgrade pacman4console
pacman4consoleedit pacremove pacrepairdb pacrepairfile pacreport pacsift pacstall pacstrap pacsync pactl pactrans pactree pageres pake
palmtopnm palworld pamac pamarith pambackground pambrighten pamcomp pamcrater pamcut pamdeinterlace pamdepth pamdice pamditherbw pamedge
pamenlarge pamexec pamfile pamfix pamfixtrunc pamflip pamfunc pamixer pammixinterlace pamnoraw pamoil pampick pampop9 pamrgbatopng
pamscale pamshadedrelief pamslice pamsplit pamstack pamstretch pamstretch-gen pamtofits pamtogif pamtopam pamtopng pamtopnm pamtoqoi
pamtosrf pamtotga pamtotiff pamtouil pamtowinicon pamtoxvmini pamundice pamvalidate pandoc pangolin pants paperkey papermc par2 parallel
parallel-lint parquet-tools partclone partclone.ext4 parted parted.interactive particle partprobe partx paru pass pass-otp passage passwd
paste pastel pasuspender patator patch patchwork pathchk patool pause pax paxs pbmclean pbmlife pbmmake pbmmask pbmnoise pbmpage pbmpscale
pbmreduce pbmtext pbmtextps pbmto4425 pbmtoascii pbmtoatk pbmtobbnbg pbmtocmuwm pbmtoepsi pbmtoepson pbmtoescp2 pbmtogem pbmtogo pbmtoicon
pbmtolj pbmtomacp pbmtomda pbmtomgr pbmtonokia pbmtopgm pbmtopi3 pbmtoplot pbmtoppa pbmtoptx pbmtosunicon pbmtowbmp pbmtox10bm pbmtoxbm
pbmtoybm pbmtozinc pbmupc pbzip2 pcapfix pcdindex pcdovtoppm pct pcxtoppm pdbedit pdf-parser pdfattach pdfbook2 pdfcrop pdfdetach pdffonts
pdfgrep pdfimages pdfinfo pdfjam pdfjoin pdflatex pdfposter pdfseparate pdftex pdftk pdftocairo pdftohtml pdftoppm pdftotext pdfunite
pdfxup pecl peco pee peerflix peerindex peludna-prognoza perf perl perl-rename perlbrew perldoc pest pfetch pfpod pg pg_amcheck
pg_archivecleanup pg_basebackup pg_checksums pg_combinebackup pg_config pg_controldata pg_createsubscriber pg_ctl pg_dump pg_dumpall
pg_isready pg_receivewal pg_recvlogical pg_resetwal pg_restore pg_rewind pg_test_fsync pg_test_timing pg_upgrade pg_verifybackup
pg_waldump pg_walsummary pgbench pgcli pgmbentley pgmcrater pgmdeshadow pgmedge pgmenhance pgmhist pgmkernel pgmmake pgmnoise pgmnorm
pgmoil pgmramp pgmslice pgmtexture pgmtofs pgmtolispm pgmtopbm pgmtopgm pgmtoppm pgmtosbig pgmtost4 pgrep phan phar phing phive photorec
php php-artisan php-coveralls php-cs-fixer php-yii phpbu phpcbf phpcpd phpcs phpdismod phpdox phpenmod phpenv phpize phploc phpmd phpquery
phpspec phpstan phpstorm phpunit physlock pi pi1toppm pi3topbm piactl pic picard picgo pickle pico picocom picom picom-trans picotool
picttoppm pidof pidstat pie pigz pihole pikman ping ping.py ping6 ping6.py pinky pinout pint pinta pio piodebuggdb pip pip3 pipenv piper
piper-tts pipes.sh pipetron pipewire pipewire-aes67 pipewire-avb pipewire-pulse pipx pirut pivot_root pivpn pixi pixi-config pixi-global
pixi-project pixi-task pixiecore pixterm pjtoppm pkcon pkcs11-tool pkexec pkg-config pkgadd pkgctl pkgctl-auth pkgctl-build pkgctl-diff
pkgctl-release pkgctl-repo pkgdiff pkgfile pkginfo pkgmk pkgrm pkgstats pkgtool pkgz pkill pkl plantuml plasma-apply-colorscheme
plasma-apply-cursortheme plasma-apply-desktoptheme plasma-apply-lookandfeel plasma-apply-wallpaperimage plasmashell platformio play
playerctl plenv plesk plink plocate pluma pm2 pmap pmount pngcheck pngcrush pngquant pngtopam pngtopnm pnmalias pnmarith pnmcolormap
pnmcomp pnmconvol pnmcrop pnmcut pnmdepth pnmenlarge pnmfile pnmflip pnmgamma pnmhisteq pnmhistmap pnmindex pnminterp pnminvert pnmmargin
pnmmercator pnmmontage pnmnlfilt pnmnorm pnmpad pnmpaste pnmpsnr pnmquant pnmquantall pnmremap pnmrotate pnmscale pnmscalefixed pnmshear
pnmsmooth pnmsplit pnmtile pnmtoddif pnmtofiasco pnmtofits pnmtojpeg pnmtopalm pnmtopclxl pnmtoplainpnm pnmtopng pnmtopnm pnmtops
pnmtorast pnmtorle pnmtosgi pnmtosir pnmtotiff pnmtotiffcmyk pnmtoxwd pnpm pnpx po4a po4a-gettextize po4a-translate po4a-updatepo pocount
podman podman-compose poetry pokeget pokego polybar polybar-msg pomo pop popd popeye portablectl portageq ports posh postconf postcss
postfix postgres poweroff powerprofilesctl powershell powerstat powertop powertop2tuned ppmbrighten ppmchange ppmcie ppmcolormask ppmdim
ppmdist ppmdither ppmdraw ppmfade ppmflash ppmforge ppmglobe ppmhist ppmlabel ppmmake ppmmix ppmnorm ppmntsc ppmpat ppmquant ppmquantall
ppmrainbow ppmrelief ppmshadow ppmshift ppmspread ppmtoacad ppmtoapplevol ppmtoarbtxt ppmtoascii ppmtobmp ppmtoeyuv ppmtogif ppmtoicr
ppmtoilbm ppmtojpeg ppmtoleaf ppmtolj ppmtomap ppmtomitsu ppmtompeg ppmtoneo ppmtopcx ppmtopgm ppmtopi1 ppmtopict ppmtopj ppmtopjxl
ppmtoppm ppmtopuzz ppmtorgb3 ppmtosixel ppmtospu ppmtoterm ppmtotga ppmtouil ppmtowinicon ppmtoxpm ppmtoyuv ppmtoyuvsplit ppmtv ppmwheel
pppd pprof pr pre-commit prek prename presenterm prettier pretty-bytes pridecat prime-run print print.zsh printenv printf prlimit pro
procs proctl progpilot program progress project-zomboid projucer prompt promtool propelauth prosodyctl protector protoc protocol
protontricks protontricks-launch protonvpn protonvpn-connect prowler prowler-aws prowler-azure prowler-gcp prowler-github
prowler-kubernetes prowler-m365 proxify prqlc prt-get ps ps-nvm psalm psexec.py psgrep psidtopgm psql pssh pstoedit pstopnm pstree psysh
pt ptargrep ptghci ptpython ptpython3 ptx ptyxis pueue pueue-add pueue-clean pueue-completions pueue-edit pueue-enqueue pueue-follow
pueue-group pueue-help pueue-kill pueue-log pueue-parallel pueue-pause pueue-remove pueue-reset pueue-restart pueue-send pueue-shutdown
pueue-start pueue-stash pueue-status pueue-switch pulseaudio pulseaudio-ctl pulumi pup puppet puppet-agent puppet-apply pushd pushln put
putty pv pvchange pvck pvcreate pvdisplay pve-firewall pveam pvecm pvenode pvenode-config pveperf pvesh pvesm pvesm-add pvesubscription
pveum pveversion pvremove pvs pvscan pw-cat pw-cli pw-config pw-container pw-dot pw-dsdplay pw-dump pw-encplay pw-jack pw-link pw-loopback
pw-metadata pw-midi2play pw-midi2record pw-mididump pw-midiplay pw-midirecord pw-mon pw-play pw-profiler pw-record pw-reserve pw-top
pw-v4l2 pwd pwdx pwgen pwn pwqgen pwsh py-spy pyats pyats-shell pyats-version pycodestyle pydoc pydocstyle pyenv pyenv-virtualenv pyflakes
pygbag pygmentize pyinfra pyinstaller pylint pypy pyrit pystun3 pytest python python3 qalc qc qcp qdbus qemu-img qemu-system-i386
qemu-system-riscv64 qemu-system-x86_64 qgis qgis_process qjoypad qm qmake qmmp qmrestore qmv qoitopam qownnotes qpdf qr qrcp qrencode
qrttoppm qsub qtchooser qtcreator qtgrace qtile quarkus quarto queryuser quickemu quickget quilt quit quota quotacheck qutebrowser qwen
qwen-vl r.lang r.zsh r2 r2e rabbitmq-diagnostics rabbitmq-plugins rabbitmq-queues rabbitmq-streams rabbitmq-upgrade rabbitmqctl
rabbitmqctl-cluster rabbitmqctl-users rabbitmqctl-vhosts rabin2 racket raco radare2 radeontop rage rails rails-console rails-db
rails-destroy rails-generate rails-new rails-routes rails-server railway rainbowstream rake raku ranger rankmirrors rapper rar rarcrack
raspi-config raspinfo rasttopnm rauc raw rawtopgm rawtoppm rbac-lookup rbash rbenv rbt rbw rc rc-service rc-status rc-update rcat rclone
rcp rcs rcsdiff rcsmerge rdesktop rdfind rdiff-backup rdp_check.py react-native read readarray readcd readelf readlink readonly readpe
realpath reboot recon-ng recsel rector redis-benchmark redis-cli redis-server redshift reflac reflector reflex reg.py regedit regex
register_new_matrix_user rehash reindexdb rekor-cli remote-viewer remove-nodeversion removepkg rename rename.ul rename.util renice
repo-add repo-remove repomix reportbug repquota repren reptyr resend reset resize resize2fs resizepart resolvconf resolvectl resolveip
restart restic resticprofile resticprofile-schedule resticprofile-unschedule restorecon restorecond resume retroarch retry return reuse
rev rexec rfetch rfkill rg rga rgb3toppm rgpt rgrep rhash ri rich rig rip ripmime rkdeveloptool rkhunter rlatopam rletopnm rlog rlogin
rlwrap rm rmdir rmlint rmmod rmpc rmvirtualenv rnano rnm roave-backward-compatibility-check robo rofi roll rolldice ropgadget ropper route
routel rpcclient rpcdump.py rpcinfo rpcmap.py rpi-eeprom-update rpi-imager rpi-otp-private-key rpicam-hello rpicam-jpeg rpicam-raw
rpicam-still rpicam-vid rpk rpm rpm-ostree rpm2cpio rpmbuild rpmconf rpmkeys rpmspec rr rs rsactftool.py rscript rsh rspamc rspec rsql
rsstail rsync rt rtcwake rtl_sdr rtmon rtmpdump rtorrent rtv rubocop ruby ruff ruff-check ruff-format ruget run run-help run-mailcap run0
run_init runcon runit runlevel runlim runsv runsvchdir runsvdir runuser rusnapshot rustc rustdoc rustfmt rustic rustscan rustup
rustup-init.sh rvm s s3cmd sa sacct sacctmgr safe sails salloc salt salt-call salt-key salt-run sam sam2p sambaPipe.py sambapipe.py samply
samtools sar sass satis sattach sbatch sbcast sbcl sbctl sbigtopgm sbt sbuild sc_analysis_dump sc_tracediff sc_ttlexp sc_warts2csv
sc_warts2json sc_warts2pcap sc_warts2text sc_wartscat sc_wartsdump sc_wartsfilter sc_wartsfix scala scala-cli scalafmt scamper scan-build
scancel scanimage scc sccache sccmap scd scdoc scheme schroot scim scontrol scp scrapy scrcpy screen screenfetch screenkey script
script.ps1 scriptlive scriptreplay scrontab scrot scrub scrun sd sdcv sdiag sdiff sdk sdkmanager sealert search searchsploit secon
secret-tool secrethub secretsdump.py security-checker sed see select selinuxenabled semanage semanage-boolean semanage-fcontext
semanage-interface semanage-login semanage-permissive semanage-port semanage-user semodule semver sendmail sensible-browser
sensible-editor sensors seq sequelize sequin serialver serve serverless service sesearch sestatus set set-nodeinstalllocation
set-nodeversion setarch setcap setenforce setfacl setfattr setfiles setfont setopt setsebool setserial setsid setup-alpine setxkbmap sf
sfdisk sfdk sfdk-apply sfdk-check sfdk-cmake sfdk-compiledb sfdk-config sfdk-deploy sfdk-device sfdk-emulator sfdk-engine sfdk-init
sfdk-maintain sfdk-make sfdk-package sfdk-prepare sfdk-qmake sfdk-qmltypes sfdk-scrape sfdk-undeploy sfdp sfill sftp sg sg_raw sgdisk
sgitopnm sgpt sh sh5util sha1sum sha224sum sha256sum sha384sum sha512sum shar shards shasum shc shellcheck shelly sherlock shfmt shift
shiny-mirrors shiori shnsplit shntool-split shopt shotcut show showfigfonts showkey showmount shpool shred shuf shutdown sic siege
silentcast silicon simple-mtpfs simplehttpserver sindresorhus sinfo singularity sipcalc sirtopnm size sk skaffold skate skicka skills
skopeo sl slabtop slackcat slapt-get slapt-src sldtoppm sleep slideshow slim slimrb slocate slop slurmctld slurmd slurmdbd slurmrestd
slurmstepd slurp sm smalltalkci smartctl smbcacls smbclient smbclient.py smbget smbmap smbnetfs smbpasswd smbserver.py smem sn snake4
snake4scores snakefmt snap snap.esa snap.pkg snapper sngrep sniff.py sniffer.py snmpbulkget snmpdf snmpget snmpgetnext snmpnetstat snmpset
snmpstatus snmptable snmptest snmpwalk snort snowsql snyk socat sockstat soffice solcjs solo sonar-scanner sops sort soupault source sox
soxi spa-acp-tool spa-inspect spa-json-dump spa-monitor spa-resample spark spctoppm speak-ng speaker-test spectacle
spectre-meltdown-checker speed-test speedcrunch speedometer speedread speedtest speedtest-cli speedtest-rs spf spfquery sphinx-build spi
spicetify spike split sponge sport spotdl spotify_player spottopgm sprio sprof sputoppm sq sqfscat sqfstar sqlfluff sqlite-utils sqlite3
sqlmap sqlx sqsc squeue squid sr sreport srftopam srm srun ss ss-local ssh ssh-add ssh-agent ssh-copy-id ssh-keygen ssh-keyscan sshare
sshd sshfs sshpass sshuttle sslscan sslstrip sstat st st-flash st-info st-util st.stat st.term st4topgm stack standard standard-version
standby starship starship-init startx stat stats status stdbuf steam steamcmd steamos-add-to-steam steamos-bootdebug steamos-chroot
steamos-devmode steamos-dump-info steamos-factory-reset steamos-factory-reset-config steamos-finalize-install steamos-readonly
steamos-select-branch steamos-session-select steamos-update steamosctl steghide stegsnow step stern stl2gts stolonctl stop storagectl
stormlock stow strace stratis streamlink streamlit stress stress-ng stressapptest strigger strings strip strip-nondeterminism stripe stty
stun stylua su subcommand subfinder subl subliminal sublist3r sudo sudoedit sui sui-client sui-move sulogin sum sunicontopnm sup supabase
supervisorctl supervisord surfraw surge suspend sv svg2png svgcleaner svgo svgr svgtopam sview svn svn-changelist swagger-codegen swaks
swaplabel swapoff swapon sway swaybg swayidle swaylock swaymsg swaynag swc swift swig swipl switch_root switcherooctl swupd swww sxiv syft
symfony sync syncthing synopkg synoupgrade sysbench sysctl sysdig systemctl systemd-ac-power systemd-analyze systemd-ask-password
systemd-cat systemd-cgls systemd-cgtop systemd-confext systemd-creds systemd-cryptenroll systemd-cryptsetup systemd-delta
systemd-detect-virt systemd-dissect systemd-escape systemd-firstboot systemd-hwdb systemd-id128 systemd-inhibit systemd-machine-id-setup
systemd-mount systemd-notify systemd-nspawn systemd-path systemd-repart systemd-resolve systemd-run systemd-socket-activate
systemd-stdio-bridge systemd-sysext systemd-sysusers systemd-tmpfiles systemd-tty-ask-password-agent systemd-umount systemsettings systool
t tabula tac tail tailf tailpod tailscale takeout talk talosctl tar target tarsnap tarsnap-keygen task taskset tb tbl tc tcc tcpdump
tcpflow tcpick tcpkill tcpreplay tcptraceroute tcsh tdf tea tectonic tee tegrastats telegram-desktop telinit telnet termdown terminalizer
terminator termshark termusic terraform terragrunt terraria tesseract test testdisk testparm testssl tex tex-fmt texconfig texcount texdoc
texliveonfly textql tftp tgatoppm tgcloud tginfo tgpt tgsend tgutil theHarvester theharvester then thinkjettopbm thunar thunderbird tic
ticketConverter.py ticketconverter.py tidy tidy-viewer tifftopnm tig time timedatectl timeout times timeshift timetrap timew timg timidity
tio tip title tldr tldr-lint tldrl tlmgr tlmgr-arch tlmgr-backup tlmgr-candidates tlmgr-check tlmgr-conf tlmgr-generate tlmgr-gui
tlmgr-info tlmgr-install tlmgr-key tlmgr-option tlmgr-paper tlmgr-path tlmgr-pinning tlmgr-platform tlmgr-remove tlmgr-repository
tlmgr-restore tlmgr-search tlmgr-shell tlmgr-update tload tlp tlp-stat tlsx tmpmail tmsu tmt tmt-run tmt-try tmux tmuxinator tod todo
todo.sh todoist todoman tofu tofu-fmt tofu-output tofu-plan togglesebool toilet toipe tokei tomb tookie-osint toolbox toolbox-create
toolbox-enter toolbox-help toolbox-list toolbox-rm toolbox-rmi toolbox-run top topgrade topydo tor torify torsocks touch tox
tox-quickstart toybox tpm2 tpm2-pcrextend tpm2-pcrread tpm2-pcrreset tpp tput tqdm tr trace trace-cmd tracepath traceroute traefik
trafilatura trans transcode transcrypt transfersh transmission transmission-cli transmission-create transmission-daemon transmission-edit
transmission-remote transmission-show trap trash trash-cli trash-empty trash-list trash-put trash-restore trash-rm trashy travis trawl
trayer trdsql tre tred tree treemd treetime trip trivy trizen troff true truffle trufflehog truncate trunk trunk.io trunk.rs trust try-rs
ts ts-node tsc tshark tslint tsort tspin tsv-filter tt tts tty tty-clock ttyd ttyplot tuc tuckr tuir tuitube tune.exfat tune2fs tuned
tuned-adm tunelp tunnel tuptime turbo turbostat tuxi tv tv.fzf twine twm twopi twurl twurl-accounts twurl-authorize tye type typeinc
typeorm typeset typos typst tzconfig tzselect u3d ubuntu-bug ubuntu-drivers ubuntu-security-status ubus uci udevadm udevmon udiskie
udiskie-dmenu udiskie-mount udiskie-umount udisksctl ufraw-batch ufw ufw-allow ufw-deny ufw-disable ufw-enable ufw-status ug ugrep uinput
ukify ul ulimit umask umount unalias uname uname26 unar unclutter uncompress uncrustify unexpand unflatten unfunction unhash unimatrix
uniq unison units unity unix2dos unix2mac unlink unlzma unmount unopkg unp unrar unrtf unset unsetopt unshadow unshare unsquashfs until
unxz unzip unzipsfx unzstd update-alternatives update-ca-certificates update-desktop-database update-grub update-initramfs update-rc.d
updatectl updatedb updog updpkgsums upgradepkg upload upnpc upower uprecords upt uptime upx urpme urpmf urpmi urpmi.addmedia
urpmi.removemedia urpmi.update urpmq urxvt usbip use useradd userdbctl userdel usermod users usleep usql utmpdump uudecode uuencode uuid
uuidd uuidgen uuidparse uv uvcdynctrl uvicorn uvx v4l2-ctl v4l2loopback-ctl vacuumdb vagrant vainfo vala valac vale valgrind valheim
valkey-cli var-dump-server varnishlog vault vboxmanage vboxmanage-clonevm vboxmanage-cloud vboxmanage-controlvm vboxmanage-createvm
vboxmanage-export vboxmanage-extpack vboxmanage-import vboxmanage-list vboxmanage-modifyvm vboxmanage-movevm vboxmanage-registervm
vboxmanage-showvminfo vboxmanage-startvm vboxmanage-unregistervm vc vcgencmd vcluster vcpkg vcsh vdir vectorize-pixelart vegeta vela
velero ventoy venv veracrypt vercel verilator vertical-bar vet vf vgcfgbackup vgcfgrestore vgchange vgcreate vgdisplay vgextend
vgmstream_cli vgremove vgrep vgs vgscan vhs vi vibe vidir view viewnior vifm vigr vim vimdiff vimtutor vinmap vipe vipw virsh virt-clone
virt-install virt-manager virt-qemu-run virt-sparsify virt-sysprep virt-viewer virt-what virt-xml virt-xml-validate virtualenv
virtualenvwrapper visudo vite vitest viu vivaldi vivaldi-stable vkcube vkpurge vladimyr vlc vlock vmstat vmtouch vmware-checkvm vncserver
vncviewer vnstat vnstati volta vpnc vpnc-disconnect vrms vsce vso vt vue vue-build vue-init vue-serve vulkaninfo vzdump w w3m wacli
wacli-auth wacli-sync wafw00f waifu2x-ncnn-vulkan wait wait4x wait4x-http wait4x-tcp waitpid waitress-serve wajig wakeonlan wal
wal-telegram walker wall wami wapm warp-cli warp-diag warpd wasm-objdump wasm-opt wasm2c wasm2wat wat2wasm watch watchexec watchman watson
waybar waydroid wayland-info waymore waypipe wbmptopbm wc wcurl wdctl wdiff weasyprint web-ext webpack webpmux webstorm webtorrent weechat
wev wezterm wezterm-cli wf-recorder wfuzz wg wg-quick wget wget2 whatis whatwaf whatweb whence where whereis which while whiptail whisper
who whoami whois wifi-menu wiggle wikiman wikit wine wine-reg winetricks winicontopam winicontoppm wipeclean wipefs wireplumber wishlist
wkhtmltopdf wl-copy wl-paste wlc wlsunset wmctrl wn wodim woeusb wofi wol wondershaper wordgrinder workon workspaces wormhole wp wpa_cli
wpa_passphrase wpa_supplicant wpaclean wpctl wpctl-settings wpexec wpm wpscan wrangler write wrk wtf wtype wuzz x-ping x-tping x0vncserver
x11docker x11vnc x8 x86_64 x_x xar xargs xauth xbacklight xbanish xbmtopbm xbps xbps-install xbps-query xbps-remove xcaddy xclip xclock
xcowsay xcursorgen xcv xdelta xdelta3 xdg-desktop-menu xdg-mime xdg-open xdg-settings xdg-terminal-exec xdg-user-dir xdg-user-dirs-update
xdotool xdp-filter xe xed xephyr xetex xev xeyes xfce4-screenshooter xfce4-terminal xfreerdp xfs_admin xfs_repair xgettext xh xhost xidel
ximtoppm xinput xkbcli xkcdpass xkill xlsclients xmake xman xml xml-c14n xml-canonic xml-depyx xml-edit xml-elements xml-escape xml-format
xml-list xml-p2x xml-pyx xml-select xml-transform xml-unescape xml-validate xml-xmln xmllint xmlstarlet xmlto xmodmap xmount xo xonsh xpdf
xplr xpmtoppm xprop xrandr xrdb xsel xset xsetwacom xsp xsv xteddy xterm xtrlock xvfb-run xvminitoppm xwdtopnm xwininfo xwinwrap xxd xxh
xxhsum xz xzcat xzcmp xzdiff xzegrep xzfgrep xzgrep xzless xzmore ya yacas yacc yad yadm yadm-alt yadm-bootstrap yadm-clone yadm-config
yadm-decrypt yadm-encrypt yadm-enter yadm-gitconfig yadm-init yadm-introspect yadm-list yadm-perms yadm-transcrypt yadm-upgrade yakuake
yamllint yank yaourt yapf yara yarac yard yarn yarn-why yay yazi ybacklight ybmtopbm ydotool ydotoold yek yes yesod yetris yj ykinfo ykman
ykman-config ykman-fido ykman-oath ykman-openpgp yolo you-get youtube-dl youtube-viewer yplan yq yt-dlp ytfzf ytmdl yum yumdownloader
yuvsplittoppm yuvtoppm yuy2topam z zabbix_agent2 zabbix_agentd zabbix_server zandronum-server zapier zapier-analytics zapier-build
zapier-convert zapier-history zapier-init zapier-login zapier-push zapier-scaffold zapier-test zapier-validate zapier-versions zathura
zbarcam zbarimg zcat zcmp zdb zdiff zdump zed zeditor zeek zegrep zeisstopnm zek zellij zenity zeroclaw zeroclaw-agent zeroclaw-channel
zeroclaw-cron zeroclaw-daemon zeroclaw-doctor zeroclaw-gateway zeroclaw-hardware zeroclaw-integrations zeroclaw-migrate zeroclaw-models
zeroclaw-onboard zeroclaw-service zeroclaw-skills zeroclaw-status zerotier-cli zerotier-idtool zerotier-one zfgrep zforce zformat zfs
zgrep zic zig zile zinit zint zip zip2john zipalign zipcloak zipgrep zipinfo zipnote zipsplit zizmor zle zless zlib-flate zm zmap zmodload
zmore zmv znc znew zola zopflipng zotero zoxide zpaq zpool zramctl zrok zrun zsh zstd zstdcat zstdless zstdmt zsteg zstyle zsync zypper
`;

let known: ReadonlySet<string> | undefined;

export function isKnownProgram(name: string): boolean {
  known ??= new Set(names.trim().split(/\s+/));
  return known.has(name);
}
