/** The nftables rules that bring every connection to an MCP port to the sidecar (`injection.md` §2.2, `contracts.md`, In the pod). */

export interface RuleSettings {
  /** MCP ports; the n-th has the listeners 15001+10n (network), +1 (port-forward), +2 (in-pod). */
  readonly ports: readonly number[];
  /** Who may reach the application itself. */
  readonly sidecarUid: number;
  /** UID under which the runtime's port-forward shows: 0, or 65534 with a user namespace. */
  readonly hostUid: number;
}

const table = 'inet tachograph';
/** Marks connections that the sidecar opened ("mcp"). */
const mark = '0x6d6370';
const firstListener = 15_001;
const lastListener = 15_099;
const listenersPerPort = 10;

/** Listener ports of the n-th MCP port. */
export function listenerPorts(index: number): {
  readonly network: number;
  readonly forwarded: number;
  readonly inPod: number;
} {
  const network = firstListener + listenersPerPort * index;
  return { network, forwarded: network + 1, inPod: network + 2 };
}

/**
 * One file for `nft -f -`: atomic, and the same however often it is loaded. Both address families. Where the redirecting
 * chains are missing or the sidecar is down, `guard` resets every connection: closed, never open.
 */
export function renderRules({ ports, sidecarUid, hostUid }: RuleSettings): string {
  const each = (render: (port: number, index: number) => readonly string[]): readonly string[] => ports.flatMap(render);
  const own = `meta skuid ${sidecarUid}`;
  const local = 'fib daddr type local';
  return [
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...chain(
      'pre',
      'type nat hook prerouting priority -90; policy accept;',
      each((port, index) => [`tcp dport ${port} redirect to :${listenerPorts(index).network}`]),
    ),
    ...chain('out', 'type nat hook output priority -100; policy accept;', [
      `${own} return`,
      ...each((port, index) => [
        `${local} tcp dport ${port} meta skuid ${hostUid} redirect to :${listenerPorts(index).forwarded}`,
        `${local} tcp dport ${port} redirect to :${listenerPorts(index).inPod}`,
      ]),
    ]),
    ...chain(
      'stamp',
      'type filter hook output priority -150; policy accept;',
      each((port) => [`${own} ${local} tcp dport ${port} ct mark set ${mark}`]),
    ),
    ...chain('guard', 'type filter hook input priority 0; policy accept;', [
      ...each((port) => [`tcp dport ${port} ct mark != ${mark} counter reject with tcp reset`]),
      `tcp dport ${firstListener}-${lastListener} ct status and dnat == 0 counter reject with tcp reset`,
    ]),
    '}',
    '',
  ].join('\n');
}

/** nft 1.0.6 refuses a chain on one line. */
function chain(name: string, hook: string, rules: readonly string[]): readonly string[] {
  return [`  chain ${name} {`, `    ${hook}`, ...rules.map((rule) => `    ${rule}`), '  }'];
}
