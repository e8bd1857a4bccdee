#!/bin/bash
# Imports image archives into a containerd directory: import-images.sh BIN DIR ARCHIVE...
# Started by lib/image-store.sh as the first process of its own mount, network and PID namespaces.
set -euo pipefail
source "$(dirname "$0")/lib/settings.sh"
bin=$1 root=$2; shift 2

mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
# Content, snapshots and names only: no pods run here.
cat > /run/containerd.toml <<TOML
version = 3
root = "$root"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.nri.v1.nri",
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs",
  "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
]
[grpc]
  address = "/run/containerd.sock"
TOML
"$bin/containerd" --config /run/containerd.toml &
containerd=$!
wait_until 20 test -S /run/containerd.sock
for archive in "$@"; do
  "$bin/ctr" --address /run/containerd.sock --namespace k8s.io images import --local "$archive"
done
# An orderly end, so that its databases are whole; our own end would kill it.
kill -TERM "$containerd"
wait "$containerd" || true
