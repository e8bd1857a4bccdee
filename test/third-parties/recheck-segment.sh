#!/bin/bash
# Re-checks one segment of a pulled archive by sha256sum, gunzip and jq alone: recheck-segment.sh ARCHIVE
#
# Its recipe is the one in the README, word for word; a test compares them.
set -euo pipefail
cd "$1"
# recipe
leaf=$(sed -n '/"type":"segment"/{p;q}' v1/log/batch/*)
object=$(jq -r .object <<<"$leaf")
echo "$(jq -r .sha256 <<<"$leaf")  $object" | sha256sum --check
gunzip -c "$object" | while IFS= read -r line; do printf %s "$line" | sha256sum | cut -c1-64; done > hashes
diff <(gunzip -c "$object" | jq -r .prev; jq -r .lastHash <<<"$leaf") <(jq -r .firstPrev <<<"$leaf"; cat hashes) && echo "chain holds"
