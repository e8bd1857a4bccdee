#!/bin/bash
# Builds every program of the test node into the cache, once: build.sh [--check]
#
# Prints the directory that holds bin/ and deb/. A directory whose recorded SHA-256 sums do not hold is rebuilt.
# With --check nothing is built: exit 1 if the build is missing or broken.
# Go modules come from the module proxy and are checked against go.sum, Debian packages against debian-packages.txt.
set -euo pipefail
source "$(dirname "$0")/lib/settings.sh"
source "$cluster_dir/lib/debian.sh"

target=$(build_dir)

is_intact() { (cd "$target" 2>/dev/null && sha256sum --check --quiet --strict SHA256SUMS >/dev/null 2>&1); }

# The version must be stamped: unstamped programs call themselves v0.0.0-master, and Helm's checks fail.
kubernetes_ldflags() {
  local version=$1 major minor base=k8s.io/component-base/version client=k8s.io/client-go/pkg/version
  IFS=. read -r major minor _ <<< "${version#v}"
  printf -- '-s -w'
  printf -- ' -X %s' "$base.gitVersion=$version" "$base.gitMajor=$major" "$base.gitMinor=$minor" "$base.gitTreeState=clean" \
    "$base.gitCommit=0000000000000000000000000000000000000000" "$base.buildDate=2026-01-01T00:00:00Z" \
    "$client.gitVersion=$version" "$client.gitMajor=$major" "$client.gitMinor=$minor"
}

build_go_programs() {
  local bin=$1 version containerd=github.com/containerd/containerd/v2/cmd cni=github.com/containernetworking/plugins/plugins
  version=$(go list -mod=readonly -m -f '{{.Version}}' k8s.io/kubernetes)
  CGO_ENABLED=0 nice go build -mod=readonly -buildvcs=false -trimpath -ldflags="$(kubernetes_ldflags "$version")" -o "$bin/" \
    ./kube ./coredns "$containerd"/{containerd,containerd-shim-runc-v2,ctr} \
    "$cni"/{ipam/host-local,main/bridge,main/loopback} helm.sh/helm/v4/cmd/helm
}

# runc alone needs C: libseccomp, statically, for pods with the RuntimeDefault seccomp profile.
build_runc() {
  local bin=$1 usr=$2/usr version
  local lib=$usr/lib/x86_64-linux-gnu
  version=$(go list -mod=readonly -m -f '{{.Version}}' github.com/opencontainers/runc)
  CGO_ENABLED=1 CGO_CFLAGS=-I$usr/include CGO_LDFLAGS=-L$lib PKG_CONFIG_PATH=$lib/pkgconfig \
    nice go build -mod=readonly -buildvcs=false -trimpath -tags "seccomp netgo osusergo" \
    -ldflags="-s -w -linkmode external -extldflags -static -X main.version=${version#v}" -o "$bin/runc" github.com/opencontainers/runc
}

# kube-proxy calls nft by name; ours lies in the cache with its libraries beside it.
write_nft_wrapper() {
  cat > "$1" <<'NFT'
#!/bin/sh
deb=$(dirname "$(readlink -f "$0")")/../deb
LD_LIBRARY_PATH=$deb/usr/lib/x86_64-linux-gnu:$deb/lib/x86_64-linux-gnu exec "$deb/usr/sbin/nft" "$@"
NFT
  chmod +x "$1"
}

build_into() {
  local dir=$1 program
  mkdir -p "$dir/bin"
  say "Debian packages ..."
  unpack_debian_packages "$cluster_dir/debian-packages.txt" "$dir/deb"
  say "Go programs (about 30 s with a warm compile cache, up to 20 min without) ..."
  cd "$cluster_dir/go"
  build_go_programs "$dir/bin"
  build_runc "$dir/bin" "$dir/deb"
  for program in etcd kubectl kubelet kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do
    ln -s kube "$dir/bin/$program"
  done
  write_nft_wrapper "$dir/bin/nft"
  cd "$dir"
  find bin deb -type f -print0 | sort -z | xargs -0 sha256sum > SHA256SUMS
}

main() {
  if is_intact; then
    echo "$target"
    return
  fi
  [ "${1:-}" != --check ] || fail "not built, or not as it was built: $target"
  need_commands go gcc apt-get dpkg sha256sum flock
  mkdir -p "$cache/cluster"
  exec 8> "$cache/cluster/build.lock"
  flock 8
  if ! is_intact; then
    local started=$EPOCHREALTIME
    rm -rf "$target" "$target".tmp
    build_into "$target.tmp" 8>&-
    mv "$target.tmp" "$target"
    say "built in $(seconds_since "$started") s"
  fi
  echo "$target"
}

main "$@"
