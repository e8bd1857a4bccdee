# shellcheck shell=bash
# Debian packages: downloaded with apt, checked against debian-packages.txt, unpacked and not installed.

# unpack_debian_packages LIST DIR
unpack_debian_packages() {
  local list=$1 into=$2 work status=0
  work=$(mktemp -d "${TMPDIR:-/tmp}/tacho-deb.XXXXXX") || return 1
  # apt downloads as this user, where it exists.
  chown _apt "$work" 2>/dev/null || true
  mkdir -p "$into"
  unpack_listed "$list" "$into" "$work" || status=1
  rm -rf "$work"
  return "$status"
}

unpack_listed() {
  local list=$1 into=$2 work=$3 package version sha256
  while read -r package version sha256; do
    rm -f "$work"/*.deb
    download_deb "$work" "$package" "$version" "$sha256" || return 1
    dpkg -x "$work"/*.deb "$into" || return 1
  done < <(grep -v '^#' "$list")
}

# A point release removes older versions from the mirror: then the version that apt offers is taken (apt has checked it
# against the signed release), and the list should be brought up to date.
download_deb() {
  local dir=$1 package=$2 version=$3 sha256=$4
  if fetch_deb "$dir" "$package=$version" || { update_debian_lists && fetch_deb "$dir" "$package=$version"; }; then
    echo "$sha256  $(echo "$dir"/*.deb)" | sha256sum --check --quiet - >&2 || { say "$package $version: wrong SHA-256"; return 1; }
    return
  fi
  say "note: $package $version is not offered any more; taking the version that apt offers"
  fetch_deb "$dir" "$package" || { say "cannot download $package"; return 1; }
}

fetch_deb() { (cd "$1" && apt-get -qq download "$2" > /dev/null 2>&1); }

# At most once: apt knows nothing before its lists are fetched, and the wrong things when they are old.
debian_lists_updated=
update_debian_lists() {
  [ -z "$debian_lists_updated" ] || return 1
  debian_lists_updated=yes
  apt-get -qq update
}
