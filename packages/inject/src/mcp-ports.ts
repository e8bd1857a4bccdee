import { annotations, type PodObject } from '@tachograph/protocol';
import { annotation, servingContainers } from './pod-view.ts';
import { reason, type Reason } from './reasons.ts';
import { maxMcpPorts, reservedPorts } from './settings.ts';

/** The MCP ports: the annotation, else the ports named `mcp`, else the only declared one (`architecture.md`, Names). */
export function mcpPorts(pod: PodObject): readonly number[] | Reason {
  const text = annotation(pod, annotations.ports);
  if (text !== undefined) return parsePorts(text);
  const declared = servingContainers(pod)
    .flatMap((container) => container.ports ?? [])
    .filter((port) => (port.protocol ?? 'TCP') === 'TCP');
  const named = declared.filter((port) => port.name === 'mcp');
  const ports = [...new Set((named.length > 0 ? named : declared).map((port) => port.containerPort))];
  if (ports.length === 0) {
    return reason('ports_missing', `no TCP port is declared; name one mcp or set the annotation ${annotations.ports}`);
  }
  if (named.length > 0 || ports.length === 1) return checkPorts(ports);
  return reason(
    'ports_ambiguous',
    `ports ${ports.join(', ')} are declared; name one mcp or set the annotation ${annotations.ports}`,
  );
}

/** TCP ports that the application declares inside the sidecar's own range. */
export function reservedPortReasons(pod: PodObject): readonly Reason[] {
  return servingContainers(pod).flatMap((container) =>
    (container.ports ?? [])
      .filter(({ containerPort }) => isReserved(containerPort))
      .map(({ containerPort }) => reservedPort(`container ${container.name}`, containerPort)),
  );
}

function parsePorts(text: string): readonly number[] | Reason {
  const items = text.split(',').map((item) => item.trim());
  const wrong = items.find((item) => !/^[1-9]\d{0,4}$/.test(item) || Number(item) > 65_535);
  if (wrong !== undefined) {
    return reason(
      'ports_invalid',
      `annotation ${annotations.ports}: expected port numbers, got ${JSON.stringify(text)}`,
    );
  }
  return checkPorts([...new Set(items.map(Number))]);
}

function checkPorts(ports: readonly number[]): readonly number[] | Reason {
  const reserved = ports.find(isReserved);
  if (reserved !== undefined) return reservedPort('the MCP port', reserved);
  if (ports.length > maxMcpPorts) {
    return reason('ports_invalid', `${ports.length} MCP ports; at most ${maxMcpPorts} are possible`);
  }
  return ports;
}

function isReserved(port: number): boolean {
  return port >= reservedPorts.first && port <= reservedPorts.last;
}

function reservedPort(what: string, port: number): Reason {
  const { first, last } = reservedPorts;
  return reason('port_reserved', `${what} uses port ${port}; ${first} to ${last} belong to the sidecar`);
}
