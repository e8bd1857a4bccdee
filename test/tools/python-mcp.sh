#!/bin/bash
# Prints the directory of the Python MCP SDK for PYTHONPATH, from PyPI, in the cache: python-mcp.sh [--cached]
#
# The same pins as the test image's. With --cached nothing is fetched: exit 1 if it is not there.
set -euo pipefail
source "$(dirname "$0")/../cluster/lib/settings.sh"

pins=$repository/images/python-mcp/requirements.txt
target=$cache/python-mcp/$(sha256sum < "$pins" | cut -c1-16)

fetch() {
  need_commands python3
  rm -rf "$target.tmp"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes \
    --only-binary :all: --target "$target.tmp" --requirement "$pins" >&2 ||
    cannot_run_here "pip cannot install what $pins names"
  mv "$target.tmp" "$target"
}

if [ ! -d "$target" ]; then
  [ "${1:-}" != --cached ] || exit 1
  fetch
fi
echo "$target"
