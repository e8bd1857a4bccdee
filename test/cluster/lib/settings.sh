# shellcheck shell=bash
# Directories, names and addresses of the test cluster. Sourced by every script here; runs nothing.

# The scripts export what the programs they start need; everything else stays a shell variable.
cluster_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repository=$(cd "$cluster_dir/../.." && pwd)
cache=${TACHO_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tachograph}
image_dir=$repository/out/images

# Several clusters may run at once on one machine: nothing of one is visible to another or to the host's network.
cluster_name=${TACHO_TEST_CLUSTER:-default}
state_root=$cache/cluster/run
state=$state_root/$cluster_name
log_dir=$cache/cluster/log/$cluster_name

node_name=node1
node_ip4=10.199.0.2
node_ip6=fd00:10:199::2
pod_cidr4=10.200.0.0/16
pod_cidr6=fd00:10:200::/64
service_cidr4=10.96.0.0/16
service_cidr6=fd00:10:96::/112
api_ip4=10.96.0.1
dns_ip4=10.96.0.10
dns_ip6=fd00:10:96::a
# Kubeconfigs name the loopback address: used outside the namespaces by mistake, they send nothing anywhere.
api_url=https://127.0.0.1:6443

EXIT_CANNOT_RUN_HERE=3

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }
cannot_run_here() { say "cannot run here: $*"; exit "$EXIT_CANNOT_RUN_HERE"; }

# Seconds since $1 (from $EPOCHREALTIME), with one decimal.
seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

# wait_until SECONDS COMMAND...: polls every 50 ms; false when the time is over.
wait_until() {
  local left=$(($1 * 20)); shift
  until "$@" >/dev/null 2>&1; do
    ((left-- > 0)) || return 1
    sleep 0.05
  done
}

need_commands() {
  local command missing=()
  for command in "$@"; do type -P "$command" >/dev/null || missing+=("$command"); done
  ((${#missing[@]} == 0)) || cannot_run_here "these programs are missing: ${missing[*]}"
}

# The build's directory: named by everything that decides its contents, so that a change builds anew beside the old.
build_dir() {
  local key
  key=$(cd "$cluster_dir" && sha256sum go/go.mod go/go.sum go/*/main.go debian-packages.txt build.sh lib/debian.sh | sha256sum)
  printf '%s/cluster/%s\n' "$cache" "${key:0:16}"
}
