# shellcheck shell=bash
# The cluster's cgroup: one child of the caller's own cgroup in every hierarchy, so that limits and accounting of
# whoever starts the cluster hold for it too.

# Prints "controllers path-inside" for each hierarchy; controllers are empty for cgroup v2.
own_cgroups() { awk -F: '{ print $2 ":" $3 }' /proc/self/cgroup; }

# Prints where a hierarchy is mounted on this machine, or nothing.
cgroup_mount() {
  local controllers=$1
  if [ -z "$controllers" ]; then
    awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
  else
    awk -v wanted="${controllers#name=}" '$3 == "cgroup" {
      count = split($4, options, ",")
      for (i = 1; i <= count; i++) if (options[i] == wanted || options[i] == "name=" wanted) { print $2; exit }
    }' /proc/mounts
  fi
}

# One directory per line; the list is kept, because whoever stops the cluster may sit in another cgroup.
cluster_cgroups() {
  local controllers path mounted
  own_cgroups | while IFS=: read -r controllers path; do
    mounted=$(cgroup_mount "${controllers%%,*}")
    [ -z "$mounted" ] || echo "$mounted${path%/}/tachograph-$cluster_name"
  done
}

# The kubelet of a v2-only machine needs controllers handed down to it, which nobody has tried here.
need_cgroup_v1() {
  [ -n "$(cgroup_mount memory)" ] || cannot_run_here "no cgroup v1 memory hierarchy is mounted; a cgroup v2 machine is not supported yet"
}

# join_cgroups LIST-FILE: makes the directories and moves the calling process into them.
join_cgroups() {
  local dir
  while read -r dir; do
    mkdir -p "$dir"
    # A new v1 cpuset is empty and takes no process before it has both.
    if [ -e "$dir/cpuset.cpus" ]; then
      cat "$dir/../cpuset.cpus" > "$dir/cpuset.cpus"
      cat "$dir/../cpuset.mems" > "$dir/cpuset.mems"
    fi
    echo "$BASHPID" > "$dir/cgroup.procs"
  done < "$1"
}

remove_cgroup() {
  [ ! -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +
}

# remove_cgroups LIST-FILE: false, naming them, if some are still in use after 10 s.
remove_cgroups() {
  local dir status=0
  while read -r dir; do
    wait_until 10 remove_cgroup "$dir" || { say "left behind: $dir"; status=1; }
  done < "$1"
  return "$status"
}
