# shellcheck shell=bash
# The node's network: its own namespace, with no link to the machine's. Runs inside.
#
# The node's addresses lie on one end of a veth pair whose other end hangs loose in the same namespace (not every kernel
# has dummy interfaces). So nothing outside can send to the cluster's addresses, and nothing inside can send anywhere
# else. There is no default route: what is not the cluster's fails at once.

set_up_network() {
  hostname "$node_name"
  ip link set lo up
  ip link add eth0 type veth peer name eth0-end
  ip link set eth0-end addrgenmode none up
  ip link set eth0 up
  ip address add "$node_ip4/24" dev eth0
  ip -6 address add "$node_ip6/64" dev eth0 nodad
  # A packet to a Service needs a route before kube-proxy's rules, which follow routing, can rewrite it.
  ip route add "$service_cidr4" dev eth0
  ip -6 route add "$service_cidr6" dev eth0
  echo 1 > /proc/sys/net/ipv4/ip_forward
  echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
  # Without these a pod's answer to its neighbour crosses the bridge unseen, and is not rewritten back.
  echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
  echo 1 > /proc/sys/net/bridge/bridge-nf-call-ip6tables
}
