#!/bin/bash
# Prints the path of Claude Code, from npm, in the cache: claude-code.sh [--cached]
#
# Its licence does not let us ship it: it is fetched for tests only, checked against the pin, and never installed.
# With --cached nothing is fetched: exit 1 if it is not there.
set -euo pipefail
source "$(dirname "$0")/../cluster/lib/settings.sh"

version=2.1.330
sha256=40ff30c5768723958032132065e6fcdd1e2dc3a2b3ff9a0bf36c6620ef1c40ef
target=$cache/claude-code/$version

fetch() {
  need_commands npm sha256sum tar
  [ "$(uname -sm)" = "Linux x86_64" ] || cannot_run_here "only the Linux x64 build is pinned"
  local work=$target.tmp
  rm -rf "$work"
  mkdir -p "$work"
  (cd "$work" && npm pack --silent "@anthropic-ai/claude-code-linux-x64@$version" > /dev/null) ||
    cannot_run_here "npm does not offer Claude Code $version"
  echo "$sha256  $(echo "$work"/*.tgz)" | sha256sum --check --quiet - >&2 || fail "Claude Code $version: wrong SHA-256"
  tar -C "$work" -xzf "$work"/*.tgz --strip-components=1
  rm -f "$work"/*.tgz
  mv "$work" "$target"
}

if [ ! -x "$target/claude" ]; then
  [ "${1:-}" != --cached ] || exit 1
  fetch
fi
echo "$target/claude"
