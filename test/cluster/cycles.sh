#!/bin/bash
# Starts and stops the cluster COUNT times (5) and compares the machine before and after: cycles.sh [COUNT]
# Exit 1 if anything is left behind. The cluster must not be running.
set -euo pipefail
source "$(dirname "$0")/lib/settings.sh"

# Everything that a cluster makes or might change. Of processes only its own programs: others come and go.
machine_state() {
  echo "# mounts"; cut -d' ' -f4- /proc/self/mountinfo | sort
  echo "# cgroups"; find /sys/fs/cgroup -type d \( -name 'tachograph-*' -o -name 'kubepods*' \) 2>/dev/null || true
  echo "# interfaces"; ip -brief link | awk '{ print $1 }'
  echo "# routes"; ip route show table all; ip -6 route show table all | sed 's/ expires [0-9]*sec//'
  echo "# rules"; "$(build_dir)/bin/nft" list ruleset
  echo "# processes"; ps -eo args | grep -E "^($(build_dir)/bin/|etcd |kube|containerd|/pause|/coredns)|$cluster_dir/init.sh" | grep -v grep || true
  echo "# files"; ls -d /run/* /var/lib/* /var/log/* /tmp/tacho* "$state_root"/* 2>/dev/null || true
  echo "# sysctls"; sysctl -n vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys \
    kernel.keys.root_maxbytes net.ipv4.ip_forward net.ipv6.conf.all.forwarding
}

count=${1:-5}
"$cluster_dir/cluster" status > /dev/null && fail "stop the cluster first"
"$cluster_dir/build.sh" > /dev/null
mkdir -p "$state_root"
touch "$state_root/lock"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
machine_state > "$work/before"
for cycle in $(seq "$count"); do
  "$cluster_dir/cluster" start 2> /dev/null
  "$cluster_dir/cluster" stop
  machine_state > "$work/after"
  diff "$work/before" "$work/after" || fail "left behind after cycle $cycle"
done
echo "$count cycles, nothing left behind"
