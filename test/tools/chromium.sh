#!/bin/bash
# Prints the path of a headless Chromium, unpacked into the cache once, without root: chromium.sh [--cached]
#
# Debian packages are checked against chromium-packages.txt. Exit 3 where it cannot be: no apt, or another Debian.
# With --cached nothing is fetched: exit 1 if it is not there.
set -euo pipefail
source "$(dirname "$0")/../cluster/lib/settings.sh"

here=$(cd "$(dirname "$0")" && pwd)
list=$here/chromium-packages.txt

listed() { awk '!/^#/ { print $1, $2, $3 }' "$list"; }

# All in one call: apt reads its lists each time. A version that a point release has removed is for the list's keeper.
download() {
  local wanted=()
  mapfile -t wanted < <(listed | awk '{ print $1 "=" $2 }')
  (cd "$1" && apt-get -qq download "${wanted[@]}" > /dev/null 2>&1) ||
    (cd "$1" && apt-get -qq update && apt-get -qq download "${wanted[@]}" > /dev/null) ||
    cannot_run_here "apt does not offer what $list names"
}

# By checksum, not by name: a file's name is apt's to choose.
unpack() {
  local from=$1 into=$2 deb
  diff <(listed | awk '{ print $3 }' | sort) <(sha256sum "$from"/*.deb | awk '{ print $1 }' | sort) >&2 ||
    fail "Debian packages are not those of $list"
  mkdir -p "$into"
  for deb in "$from"/*.deb; do dpkg -x "$deb" "$into"; done
}

# Chromium finds its libraries and its font here, wherever the cache is.
write_program() {
  cat > "$1/chromium" <<'PROGRAM'
#!/bin/sh
deb=$(dirname "$(readlink -f "$0")")/deb
lib=usr/lib/x86_64-linux-gnu
export FONTCONFIG_SYSROOT=$deb
export LD_LIBRARY_PATH=$deb/$lib:$deb/lib/x86_64-linux-gnu:$deb/$lib/pulseaudio
exec "$deb/usr/lib/chromium/chromium-headless-shell" "$@"
PROGRAM
  chmod +x "$1/chromium"
}

main() {
  local key target debs
  key=$(sha256sum < "$list" | cut -c1-16)
  target=$cache/chromium/$key
  if [ ! -x "$target/chromium" ]; then
    [ "${1:-}" != --cached ] || exit 1
    need_commands apt-get dpkg sha256sum flock
    mkdir -p "$cache/chromium"
    exec 8> "$cache/chromium/lock"
    flock 8
    say "unpacking Chromium (110 MB to download) ..."
    rm -rf "$target.tmp" "$target"
    debs=$target.tmp/debs
    mkdir -p "$debs"
    download "$debs"
    unpack "$debs" "$target.tmp/deb"
    rm -rf "$debs"
    write_program "$target.tmp"
    mv "$target.tmp" "$target"
  fi
  echo "$target/chromium"
}

main "$@"
