#!/bin/bash
# PID 1 of the test node: sets up its namespaces, starts its programs, then reaps what ends. Started by `cluster start`.
# Killing it ends every process of the cluster, whoever their parents are; there is nothing else to stop.
set -euo pipefail
source "$(dirname "$0")/lib/settings.sh"
source "$cluster_dir/lib/mounts.sh"
source "$cluster_dir/lib/network.sh"
source "$cluster_dir/lib/configs.sh"

# /proc is still the machine's here: it names us by the PID that `cluster stop` will kill.
read -r pid _ < /proc/self/stat
echo "$pid" > "$state/init.pid.new"
mv "$state/init.pid.new" "$state/init.pid"

bin=$TACHO_TEST_CLUSTER_BIN
pki=$state/pki
containerd_socket=/run/containerd.sock
read -ra mount_points < "$state/mount-points"

# run NAME COMMAND...: in the background, with its own log.
run() {
  local name=$1; shift
  "$@" > "$log_dir/$name.log" 2>&1 &
}

start_etcd() {
  run etcd etcd --name="$node_name" --data-dir="$state/etcd" --unsafe-no-fsync --log-level=warn \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
    --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \
    --initial-cluster="$node_name=http://127.0.0.1:2380"
}

start_apiserver() {
  local extra=()
  read -ra extra <<< "${TACHO_TEST_CLUSTER_APISERVER_ARGS:-}"
  run apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --advertise-address="$node_ip4" --secure-port=6443 \
    --service-cluster-ip-range="$service_cidr4,$service_cidr6" --allow-privileged=true \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --client-ca-file="$pki/ca.crt" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --kubelet-client-certificate="$pki/kubelet-client.crt" --kubelet-client-key="$pki/kubelet-client.key" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$pki/service-accounts.pub" --service-account-signing-key-file="$pki/service-accounts.key" \
    --requestheader-client-ca-file="$pki/ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$pki/front-proxy.crt" --proxy-client-key-file="$pki/front-proxy.key" \
    ${extra[@]+"${extra[@]}"}
}

# The default of 20 requests a second makes the first ServiceAccounts, and so the first pods, 4 s late.
start_controllers() {
  run controller-manager kube-controller-manager --kubeconfig="$pki/controller-manager.conf" --leader-elect=false \
    --kube-api-qps=500 --kube-api-burst=1000 --use-service-account-credentials --allocate-node-cidrs=false \
    --service-account-private-key-file="$pki/service-accounts.key" --root-ca-file="$pki/ca.crt" \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key"
  run scheduler kube-scheduler --kubeconfig="$pki/scheduler.conf" --leader-elect=false
}

start_node() {
  run kubelet kubelet --config="$state/kubelet.yaml" --kubeconfig="$pki/kubelet.conf" --root-dir="$state/kubelet" \
    --hostname-override="$node_name" --node-ip="$node_ip4,$node_ip6"
  run proxy kube-proxy --config="$state/proxy.yaml"
}

# A program that ends at once has refused its configuration; its log says why.
wait_for_apiserver() {
  local pid=$1
  until apiserver_is_ready; do
    kill -0 "$pid" 2>/dev/null || { echo "kube-apiserver ended"; exit 1; }
    sleep 0.05
  done
}

apiserver_is_ready() { [ "$(curl --silent --max-time 2 --cacert "$pki/ca.crt" https://127.0.0.1:6443/readyz)" = ok ]; }

mount_all
set_up_network
write_configs
start_etcd
start_apiserver
apiserver_pid=$!
run containerd containerd --config "$state/containerd.toml"
wait_until 20 test -S "$containerd_socket"
wait_for_apiserver "$apiserver_pid"
touch "$state/apiserver-ready"
run dns kubectl apply -f "$cluster_dir/manifests/coredns.yaml"
start_controllers
start_node

while :; do
  sleep infinity & wait $!
done
