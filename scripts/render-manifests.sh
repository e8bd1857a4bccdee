#!/bin/bash
# Renders the chart with its defaults and the example's required values into manifests/, for people without Helm.
# render-manifests.sh [--check]: with --check nothing is written; a difference is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

helm=$(scripts/find-helm.sh)

render() {
  echo "# Rendered from charts/tachograph by scripts/render-manifests.sh with cluster=example and bucket=gs://example-recordings."
  echo "# Change both, and apply into a namespace named tachograph."
  "$helm" template tachograph charts/tachograph --namespace tachograph --values charts/tachograph/ci/example-values.yaml
}

if [ "${1:-}" = --check ]; then
  render | diff -u manifests/tachograph.yaml - || { echo "manifests/ is stale: run scripts/render-manifests.sh" >&2; exit 1; }
else
  rendered=$(render)
  printf '%s\n' "$rendered" > manifests/tachograph.yaml
fi
