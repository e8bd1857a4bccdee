import { serviceHosts, workloadUri, type WorkloadRef } from '@tachograph/protocol';
import { loopbackHosts } from './loopback-hosts.ts';

/** Of whom and where a resource is asked for. */
interface ResourcePlace {
  readonly workload: WorkloadRef;
  readonly origin: string;
  /** Host names, or `*.suffix`. */
  readonly hosts: readonly string[];
}

/**
 * Whether a resource indicator (RFC 8707) names this workload: its URI, or an http(s) URL whose host is a loopback name
 * (any port), that of the request's own origin, a Service's of the workload's namespace, or a configured one. Which
 * workload listens there only the sidecar's pod token says; the token's audience is the workload's URI whatever was asked.
 */
export function isOwnResource(resource: string, at: ResourcePlace): boolean {
  if (resource === workloadUri(at.workload)) return true;
  const url = parsePlainUrl(resource);
  if (url === undefined) return false;
  return loopbackHosts.has(url.hostname) || url.host === URL.parse(at.origin)?.host || isNamed(url.hostname, at);
}

function isNamed(host: string, { workload: { namespace }, hosts }: ResourcePlace): boolean {
  return [...serviceHosts(namespace), ...hosts].some((name) =>
    name.startsWith('*.') ? isBelow(host, name.slice(1)) : host === name,
  );
}

function isBelow(host: string, suffix: string): boolean {
  return host.length > suffix.length && host.endsWith(suffix);
}

/** An http(s) URL without credentials and fragment. */
function parsePlainUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || text.includes('#')) return undefined;
  return url.username === '' && url.password === '' ? url : undefined;
}
