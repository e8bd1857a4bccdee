#!/bin/bash
# Makes the cluster's certificates, service account key and kubeconfigs in $state/pki: pki.sh
# One CA for everything; every start of the cluster makes a new one.
set -euo pipefail
source "$(dirname "$0")/lib/settings.sh"

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }

new_ca() {
  new_key ca
  openssl req -x509 -new -key ca.key -subj /CN=tachograph-test-cluster -days 30 -out ca.crt
}

# certificate NAME SUBJECT [SUBJECT-ALT-NAMES]
certificate() {
  local name=$1 subject=$2 names=${3:-}
  new_key "$name"
  openssl req -new -key "$name.key" -subj "$subject" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -days 30 -out "$name.crt" 2>/dev/null \
      -extfile <(printf 'extendedKeyUsage=serverAuth,clientAuth\n%s\n' "${names:+subjectAltName=$names}")
}

# client NAME SUBJECT: a certificate and the kubeconfig that uses it.
client() {
  certificate "$1" "$2"
  cat > "$1.conf" <<CONF
apiVersion: v1
kind: Config
clusters: [{name: tachograph, cluster: {server: "$api_url", certificate-authority: $PWD/ca.crt}}]
users: [{name: $1, user: {client-certificate: $PWD/$1.crt, client-key: $PWD/$1.key}}]
contexts: [{name: tachograph, context: {cluster: tachograph, user: $1}}]
current-context: tachograph
CONF
}

umask 077
mkdir -p "$state/pki"
cd "$state/pki"

new_ca
new_key service-accounts
openssl pkey -in service-accounts.key -pubout -out service-accounts.pub

certificate apiserver /CN=kube-apiserver "IP:$node_ip4,IP:$node_ip6,IP:127.0.0.1,IP:::1,IP:$api_ip4,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
certificate kubelet-serving "/CN=$node_name" "IP:$node_ip4,IP:$node_ip6,DNS:$node_name"
certificate front-proxy /CN=front-proxy-client

client kubelet "/O=system:nodes/CN=system:node:$node_name"
client controller-manager /CN=system:kube-controller-manager
client scheduler /CN=system:kube-scheduler
client proxy /CN=system:kube-proxy
client admin /O=system:masters/CN=admin
