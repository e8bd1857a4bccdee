# shellcheck shell=bash
# Configuration files of the node's programs, written to $state for every start.

write_configs() {
  write_containerd_config > "$state/containerd.toml"
  mkdir -p "$state/cni"
  write_cni_config > "$state/cni/10-tachograph.conflist"
  write_kubelet_config > "$state/kubelet.yaml"
  write_proxy_config > "$state/proxy.yaml"
}

# restrict_oom_score_adj: without CAP_SYS_RESOURCE a lower score is refused and no container would start.
write_containerd_config() {
  cat <<TOML
version = 3
root = "$state/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.nri.v1.nri", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs",
  "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
]
[grpc]
  address = "$containerd_socket"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "tachograph.test/pause:1"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  disable_apparmor = true
  enable_selinux = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["$bin"]
    conf_dir = "$state/cni"
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        BinaryName = "$bin/runc"
        SystemdCgroup = false
TOML
}

write_cni_config() {
  cat <<JSON
{"cniVersion": "1.0.0", "name": "tachograph", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": false, "ipam": {
    "type": "host-local", "dataDir": "/run/cni-ipam",
    "ranges": [[{"subnet": "$pod_cidr4"}], [{"subnet": "$pod_cidr6"}]],
    "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}]}
JSON
}

# No eviction and no image removal: the machine's disk is not the cluster's to judge.
# maxOpenFiles is what the hard limit allows: a higher one needs CAP_SYS_RESOURCE.
# KubeletInUserNamespace lets the kubelet go on where /dev/kmsg is missing.
write_kubelet_config() {
  cat <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
featureGates: {KubeletInUserNamespace: true}
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
maxOpenFiles: $(open_files_limit)
makeIPTablesUtilChains: false
evictionHard: {memory.available: 50Mi, nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%", imagefs.inodesFree: "0%"}
imageGCHighThresholdPercent: 100
serializeImagePulls: false
containerRuntimeEndpoint: unix://$containerd_socket
clusterDNS: [$dns_ip4, "$dns_ip6"]
clusterDomain: cluster.local
resolvConf: $state/resolv.conf
podLogsDir: $state/kubelet/pod-logs
tlsCertFile: $pki/kubelet-serving.crt
tlsPrivateKeyFile: $pki/kubelet-serving.key
authentication: {x509: {clientCAFile: $pki/ca.crt}, webhook: {enabled: true}, anonymous: {enabled: false}}
authorization: {mode: Webhook}
YAML
}

open_files_limit() {
  local hard
  hard=$(ulimit -Hn)
  if [ "$hard" = unlimited ] || [ "$hard" -gt 1000000 ]; then echo 1000000; else echo "$hard"; fi
}

# The conntrack settings are read-only outside the machine's first network namespace: zeros leave them alone.
write_proxy_config() {
  cat <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
hostnameOverride: $node_name
clientConnection: {kubeconfig: $pki/proxy.conf}
clusterCIDR: $pod_cidr4,$pod_cidr6
nftables: {minSyncPeriod: 100ms}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
YAML
}
