# shellcheck shell=bash
# Functions that fill the directories of an image's layers from files of this machine. Sourced.

# copy_program FILE ROOT DIR [LIBRARY-PATH]: a program and every shared library that ldd names for it.
copy_program() {
  local file=$1 root=$2 dir=$3 library_path=${4:-}
  install -D -m 755 "$file" "$root$dir/$(basename "$file")"
  copy_libraries "$root" "$library_path" "$file"
}

# Lines are "name => path (address)", the loader alone "path (address)". Headings and programs without libraries have none.
library_paths() { awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/lib64\// { print $1 }' | sort -u; }

# The loader finds libraries in /lib/x86_64-linux-gnu and itself in /lib64 whatever place they were taken from.
copy_libraries() {
  local root=$1 library_path=$2 library dir; shift 2   # the rest are files to ask about
  LD_LIBRARY_PATH=$library_path ldd "$@" | library_paths | while read -r library; do
    dir=/lib/x86_64-linux-gnu
    case $library in /lib64/*) dir=/lib64 ;; esac
    install -D -m 644 "$library" "$root$dir/$(basename "$library")"
  done
  [ ! -e "$root/lib64/ld-linux-x86-64.so.2" ] || chmod 755 "$root/lib64/ld-linux-x86-64.so.2"
}

# Accounts, name lookup and the directories that every image has. 65532 is the user of images that name none.
write_base() {
  local root=$1
  mkdir -p "$root"/{app,dev,etc,proc,run,sys,usr/bin,var}
  install -d -m 1777 "$root/tmp"
  printf '%s\n' 'root:x:0:0:root:/:/sbin/nologin' 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' 'nobody:x:65534:65534:nobody:/:/sbin/nologin' > "$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nonroot:x:65532:' 'nogroup:x:65534:' > "$root/etc/group"
  printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"
}
