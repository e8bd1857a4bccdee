import { workloadUri, type WorkloadRef } from '@tachograph/protocol';
import { loopbackHosts } from './loopback-hosts.ts';

/**
 * Whether a resource indicator (RFC 8707) names this workload: its URI, or an http(s) URL whose host is a loopback name
 * (any port), that of the request's own origin, a Service of its namespace, or a configured one (`*.suffix` for those
 * below it). Which workload listens there only the sidecar's pod
 * token says; the token's audience is the workload's URI whatever was asked.
 */
export function isOwnResource(
  resource: string,
  at: { readonly workload: WorkloadRef; readonly origin: string; readonly hosts: readonly string[] },
): boolean {
  if (resource === workloadUri(at.workload)) return true;
  const url = parsePlainUrl(resource);
  if (url === undefined) return false;
  if (loopbackHosts.has(url.hostname) || url.host === URL.parse(at.origin)?.host) return true;
  return isServiceOf(at.workload.namespace, url.hostname) || at.hosts.some((host) => covers(host, url.hostname));
}

/** As programs within the cluster name it; a single label is their own namespace's. */
function isServiceOf(namespace: string, host: string): boolean {
  const [service = '', ...rest] = host.split('.');
  const domains = ['', namespace, `${namespace}.svc`, `${namespace}.svc.cluster.local`];
  return /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(service) && domains.includes(rest.join('.'));
}

function covers(configured: string, host: string): boolean {
  return configured.startsWith('*.') ? host.endsWith(configured.slice(1)) : host === configured;
}

/** An http(s) URL without credentials and fragment. */
function parsePlainUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || text.includes('#')) return undefined;
  return url.username === '' && url.password === '' ? url : undefined;
}
