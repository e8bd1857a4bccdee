# shellcheck shell=bash
# What the node sees of the machine's files. Runs inside the cluster's mount namespace: nothing here reaches the host.

mount_all() {
  mount --make-rprivate /
  mount --make-rshared /        # pods get their own copies by propagation
  mount -t proc proc /proc
  mount_cgroups
  pin_sysctls
  mount_scratch
  lay_over_etc
}

# Through the cgroup namespace our own cgroup is the root of each hierarchy, so the kubelet's cgroups land below it.
# The old mounts must go first: they show paths outside the namespace and the kubelet would find them first.
mount_cgroups() {
  local controllers name
  umount --recursive --lazy /sys
  mount -t sysfs sysfs /sys
  mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  while IFS=: read -r _ controllers _; do
    name=${controllers#name=}
    mkdir -p "/sys/fs/cgroup/${name:-unified}"
    if [ -z "$controllers" ]; then
      mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
    else
      mount -t cgroup -o "$controllers" cgroup "/sys/fs/cgroup/$name"
    fi
  done < /proc/self/cgroup
}

# The kubelet would set these for the whole machine. It finds the value it wants in a file laid over each, and writes
# nothing; the machine keeps its own.
pin_sysctls() {
  local path value file
  mkdir -p "$state/sysctl"
  while read -r path value; do
    file=$state/sysctl/${path//\//.}
    echo "$value" > "$file"
    mount --bind "$file" "/proc/sys/$path"
  done <<'SYSCTLS'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SYSCTLS
}

# containerd, CNI and the kubelet write here whatever directories they are given. `cluster start` made the mount points.
mount_scratch() {
  local dir
  for dir in /run "${mount_points[@]}"; do mount -t tmpfs -o mode=755 tmpfs "$dir"; done
}

# containerd dials "localhost" for a port-forward by the node's hosts file: without the second line it never tries ::1.
# Names are asked of the cluster's own DNS, which knows nothing else: no name leaves the machine.
lay_over_etc() {
  printf '127.0.0.1 localhost\n::1 localhost\n%s %s\n' "$node_ip4" "$node_name" > "$state/hosts"
  mount --bind "$state/hosts" /etc/hosts
  printf 'nameserver %s\n' "$dns_ip4" > "$state/resolv.conf"
  mount --bind "$state/resolv.conf" /etc/resolv.conf
}
