#!/bin/bash
# Lints the chart with every example of values, and checks that manifests/ is what it renders.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/render-manifests.sh --check
helm=$(scripts/find-helm.sh)
for values in charts/tachograph/ci/*.yaml; do
  "$helm" lint charts/tachograph --strict --quiet --values "$values"
  "$helm" template tachograph charts/tachograph --namespace tachograph --values "$values" > /dev/null
done
echo "chart and manifests agree"
