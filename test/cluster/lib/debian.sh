# shellcheck shell=bash
# Debian packages: downloaded with apt, checked against debian-packages.txt, unpacked and not installed.

# unpack_debian_packages LIST DIR
unpack_debian_packages() {
  local list=$1 into=$2 package version sha256 deb
  mkdir -p "$into"
  while read -r package version sha256; do
    deb=$(download_deb "$package" "$version" "$sha256") || return 1
    dpkg -x "$deb" "$into" || return 1
    rm -rf "$(dirname "$deb")"
  done < <(grep -v '^#' "$list")
}

# Prints the path of the downloaded file. A point release removes older versions from the mirror: then the version
# that apt offers is taken (apt has checked it against the signed release), and the list should be brought up to date.
download_deb() {
  local package=$1 version=$2 sha256=$3 dir
  dir=$(mktemp -d "${TMPDIR:-/tmp}/tacho-deb.XXXXXX") || return 1
  (
    cd "$dir" || exit 1
    [ "$(id -u)" != 0 ] || chown _apt . 2>/dev/null || true
    fetch() { apt-get -qq download "$1" >/dev/null 2>&1; }
    if fetch "$package=$version"; then
      echo "$sha256  $(echo ./*.deb)" | sha256sum --check --quiet || { say "$package $version: wrong SHA-256"; exit 1; }
    else
      say "note: $package $version is not offered any more; taking the version that apt offers"
      fetch "$package" || { say "cannot download $package"; exit 1; }
    fi
    echo "$dir"/*.deb
  )
}

# apt knows nothing until its lists have been fetched once on this machine.
update_debian_lists() {
  local first
  first=$(awk '!/^#/ { print $1; exit }' "$1")
  [ -n "$(apt-cache show "$first" 2>/dev/null)" ] || apt-get -qq update
}
