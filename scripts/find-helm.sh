#!/bin/bash
# Prints a Helm to use: HELM, the one on PATH, or the test cluster's. Exits 3 when there is none.
set -uo pipefail
cd "$(dirname "$0")/.."

for candidate in "${HELM:-}" helm; do
  [ -n "$candidate" ] && command -v "$candidate" && exit
done
if built=$(test/cluster/build.sh --check 2> /dev/null) && [ -x "$built/bin/helm" ]; then
  echo "$built/bin/helm"
  exit
fi
echo "no helm found: put it on PATH, name it in HELM, or run test/cluster/build.sh" >&2
exit 3
