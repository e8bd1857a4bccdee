/** The narrow port through which the product sees Kubernetes: plain types, no client library behind them leaks. */
import { KubeConfig } from '@kubernetes/client-node';
import { approvalsPath, createApprovalPort, type ApprovalPort } from './approvals.ts';
import { objectAt, objectsAt, textAt } from './fields.ts';
import { isKubeError, KubeError } from './kube-error.ts';
import { createLeasePort, type LeasePort } from './leases.ts';
import { createLoginPort, type LoginPort } from './logins.ts';
import type { WatchHandler } from './object-cache.ts';
import { toMeta, toPod, toPolicy } from './objects.ts';
import type { Namespace, ObjectMeta, Pod, PolicyObject } from './objects.ts';
import { systemTimers, type Logger, type Timers } from './ports.ts';
import { createRbacPort, type RbacPort } from './rbac.ts';
import { listAll, startReflector, type WatchHandle } from './reflector.ts';
import { createSecretPort, type SecretPort } from './secrets.ts';
import { createServerToolsPort, type ServerToolsPort } from './server-tools.ts';
import { createServerPort, serversPath, toServer, type ServerObject, type ServerPort } from './servers.ts';
import { toTokenReview, type TokenReviewResult } from './token-review.ts';
import { createTransport, isObject, type ApiRequest, type Json, type Transport } from './transport.ts';

/** Which pods to list or watch; `labelSelector` in Kubernetes' own syntax. Empty: every pod of the cluster. */
export interface PodSelector {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
}

/** A core/v1 Event about one object. */
export interface KubeEvent {
  readonly namespace: string;
  readonly about: { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid?: string };
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, machine-readable. */
  readonly reason: string;
  /** At most 1,024 characters are kept. */
  readonly message: string;
  /** Reporting program, for example `tachograph-injector`. */
  readonly component: string;
  readonly instance: string;
  /** RFC 3339. */
  readonly time: string;
}

/** Which webhooks a CA bundle goes to (`admissionregistration.k8s.io/v1`). */
export type WebhookConfigurationKind = 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';

/** One webhook of a configuration. */
export interface RegisteredWebhook {
  readonly name: string;
  /** Whether it says whose certificate is trusted: without it every call fails. */
  readonly hasCaBundle: boolean;
  /** `Fail` refuses what cannot be asked about. */
  readonly failurePolicy: string;
}

/** A question for the authoriser: may this user do that? */
export interface AccessQuestion {
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace: string;
  readonly name: string;
}

/** Every method throws `KubeError`; what may be absent is `undefined` instead of `not_found`. */
export interface Kube extends SecretPort, LeasePort, ApprovalPort, LoginPort, ServerToolsPort, ServerPort, RbacPort {
  /** TokenReview. `refused` is an answer; a `KubeError` means that nobody knows. */
  reviewToken(token: string, audiences: readonly string[]): Promise<TokenReviewResult>;
  /** SubjectAccessReview. */
  reviewAccess(question: AccessQuestion): Promise<boolean>;
  getPod(namespace: string, name: string): Promise<Pod | undefined>;
  /** The pod as the API server sends it, for code that checks its whole shape. */
  getPodObject(namespace: string, name: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  listPods(selector?: PodSelector): Promise<readonly Pod[]>;
  getNamespace(name: string): Promise<Namespace | undefined>;
  watchPods(selector: PodSelector, handler: WatchHandler<Pod>): WatchHandle<Pod>;
  watchNamespaces(handler: WatchHandler<Namespace>): WatchHandle<Namespace>;
  /** `McpPolicy` objects of all namespaces. */
  watchPolicies(handler: WatchHandler<PolicyObject>): WatchHandle<PolicyObject>;
  /** `ClusterMcpPolicy` objects. */
  watchClusterPolicies(handler: WatchHandler<PolicyObject>): WatchHandle<PolicyObject>;
  /** `McpApproval` objects of all namespaces; of each only the metadata is kept. */
  watchApprovals(handler: WatchHandler<ObjectMeta>): WatchHandle<ObjectMeta>;
  /** `McpServer` objects of all namespaces. */
  watchServers(handler: WatchHandler<ServerObject>): WatchHandle<ServerObject>;
  /** Replaces the members of a policy's `status` that the caller names; `conflict` when the policy is not the one seen. */
  updatePolicyStatus(seen: SeenPolicy, status: Readonly<Record<string, unknown>>): Promise<'updated' | 'conflict'>;
  /** Writes the PEM bundle into every webhook of a configuration; does nothing when it is there already. */
  patchWebhookCaBundle(kind: WebhookConfigurationKind, name: string, caBundle: string): Promise<'patched' | 'same'>;
  /** The webhooks of a configuration; `undefined`: there is no such configuration. */
  getWebhooks(kind: WebhookConfigurationKind, name: string): Promise<readonly RegisteredWebhook[] | undefined>;
  createEvent(event: KubeEvent): Promise<void>;
  /** The issuer of the cluster's ServiceAccount tokens and its public keys (JWKs), as the API server publishes them. */
  serviceAccountIssuer(): Promise<ServiceAccountIssuer>;
}

/** `issuer` as in the tokens' `iss`; `keys` are JWKs, unchecked. */
export interface ServiceAccountIssuer {
  readonly issuer: string;
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** A policy as it was seen; without a namespace a `ClusterMcpPolicy`. */
export type SeenPolicy = Pick<ObjectMeta, 'namespace' | 'name' | 'resourceVersion'>;

/** `random` (0 to 1) and `timers` spread and time the retries of watches; tests replace them. */
export interface KubeOptions {
  readonly log: Logger;
  /** Path of a kubeconfig; absent: the usual places, then the pod's own ServiceAccount. */
  readonly kubeconfig?: string;
  readonly timers?: Timers;
  readonly random?: () => number;
  /** Bound of one call, default 10,000. */
  readonly timeoutMs?: number;
}

const group = '/apis/tachograph.dev/v1alpha1';

/** Reads the configuration from disk; makes no request. */
export function createKube(options: KubeOptions): Kube {
  const config = new KubeConfig();
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(options.kubeconfig);
  } catch (cause) {
    throw new KubeError('configuration', 'no usable kubeconfig', { cause });
  }
  // Without any configuration the client library falls back to this, where nobody listens.
  if (config.getCurrentCluster()?.server === 'http://localhost:8080') {
    throw new KubeError('configuration', 'no kubeconfig found, and not in a pod');
  }
  return createKubeOver(createTransport(config, options.timeoutMs), options);
}

/** The port over any transport. */
export function createKubeOver(transport: Transport, options: KubeOptions): Kube {
  const get = async (path: string): Promise<Json | undefined> => {
    try {
      return await transport.call({ method: 'GET', path });
    } catch (error) {
      if (isKubeError(error, 'not_found')) return undefined;
      throw error;
    }
  };
  return {
    ...createSecretPort(transport),
    ...createLeasePort(transport),
    ...createApprovalPort(transport),
    ...createLoginPort(transport),
    ...createServerToolsPort(transport),
    ...createServerPort(transport),
    ...createRbacPort(transport),
    ...createReviews(transport),
    ...createWatches(transport, options),
    getPod: async (namespace, name) => maybe(await get(podPath(namespace, name)), toPod),
    getPodObject: async (namespace, name) => get(podPath(namespace, name)),
    getNamespace: async (name) => maybe(await get(`/api/v1/namespaces/${encodeURIComponent(name)}`), toMeta),
    async listPods(selector = {}) {
      const { objects } = await listAll(transport, podCollection(selector), labelQuery(selector));
      return objects.map(toPod);
    },
    updatePolicyStatus: async (seen, status) => patchPolicyStatus(transport, seen, status),
    getWebhooks: async (kind, name) => maybe(await get(configurationPath(kind, name)), toWebhooks),
    patchWebhookCaBundle: async (kind, name, caBundle) => patchCaBundle(transport, { kind, name }, caBundle),
    async createEvent(event) {
      await transport.call(eventRequest(event));
    },
    async serviceAccountIssuer() {
      const configuration = await transport.call({ method: 'GET', path: '/.well-known/openid-configuration' });
      const keySet = await transport.call({ method: 'GET', path: '/openid/v1/jwks' });
      const issuer = textAt(configuration, 'issuer');
      if (issuer === undefined) throw new KubeError('protocol', 'expected an issuer in the OpenID configuration');
      return { issuer, keys: objectsAt(keySet, 'keys') };
    },
  };
}

async function patchPolicyStatus(
  transport: Transport,
  { namespace, name, resourceVersion }: SeenPolicy,
  status: Readonly<Record<string, unknown>>,
): Promise<'updated' | 'conflict'> {
  const collection =
    namespace === '' ? 'clustermcppolicies' : `namespaces/${encodeURIComponent(namespace)}/mcppolicies`;
  try {
    await transport.call({
      method: 'PATCH',
      path: `${group}/${collection}/${encodeURIComponent(name)}/status`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { resourceVersion }, status },
    });
    return 'updated';
  } catch (error) {
    if (isKubeError(error, 'conflict') || isKubeError(error, 'not_found')) return 'conflict';
    throw error;
  }
}

function createReviews(transport: Transport): Pick<Kube, 'reviewToken' | 'reviewAccess'> {
  return {
    async reviewToken(token, audiences) {
      const path = '/apis/authentication.k8s.io/v1/tokenreviews';
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } };
      const result = toTokenReview(await transport.call({ method: 'POST', path, body }), token);
      if (result.kind === 'refused' || audiences.length === 0) return result;
      // An authenticator that ignores audiences answers none: a token for somebody else must not pass here.
      if (result.audiences.some((one) => audiences.includes(one))) return result;
      return { kind: 'refused', message: `the token is not for ${audiences.join(' or ')}` };
    },
    async reviewAccess(question) {
      const { user, groups, verb, resource, subresource, namespace, name } = question;
      const answer = await transport.call({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user,
            groups,
            resourceAttributes: { verb, group: question.group, resource, subresource, namespace, name },
          },
        },
      });
      const status = answer['status'];
      return isObject(status) && status['allowed'] === true && status['denied'] !== true;
    },
  };
}

function createWatches(
  transport: Transport,
  options: KubeOptions,
): Pick<
  Kube,
  'watchPods' | 'watchNamespaces' | 'watchPolicies' | 'watchClusterPolicies' | 'watchApprovals' | 'watchServers'
> {
  const { log, timers = systemTimers, random = Math.random } = options;
  const start = <T extends ObjectMeta>(
    path: string,
    narrow: (object: Json) => T,
    handler: WatchHandler<T>,
    labelSelector?: string,
  ): WatchHandle<T> =>
    startReflector({
      transport,
      path,
      narrow,
      handler,
      log,
      timers,
      random,
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
  return {
    watchPods: (selector, handler) => start(podCollection(selector), toPod, handler, selector.labelSelector),
    watchNamespaces: (handler) => start('/api/v1/namespaces', toMeta, handler),
    watchApprovals: (handler) => start(approvalsPath, toMeta, handler),
    watchServers: (handler) => start(serversPath, toServer, handler),
    watchPolicies: (handler) => start(`${group}/mcppolicies`, toPolicy, handler),
    watchClusterPolicies: (handler) => start(`${group}/clustermcppolicies`, toPolicy, handler),
  };
}

function configurationPath(kind: WebhookConfigurationKind, name: string): string {
  return `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s/${name}`;
}

function toWebhooks(configuration: Json): readonly RegisteredWebhook[] {
  return objectsAt(configuration, 'webhooks').map((webhook) => ({
    name: textAt(webhook, 'name') ?? '',
    hasCaBundle: (textAt(objectAt(webhook, 'clientConfig'), 'caBundle') ?? '') !== '',
    failurePolicy: textAt(webhook, 'failurePolicy') ?? '',
  }));
}

async function patchCaBundle(
  transport: Transport,
  { kind, name }: { readonly kind: WebhookConfigurationKind; readonly name: string },
  caBundle: string,
): Promise<'patched' | 'same'> {
  const path = configurationPath(kind, name);
  const configuration = await transport.call({ method: 'GET', path });
  const encoded = Buffer.from(caBundle).toString('base64');
  const stale = objectsAt(configuration, 'webhooks').flatMap((webhook, index) => {
    const client = webhook['clientConfig'];
    return isObject(client) && client['caBundle'] === encoded ? [] : [{ name: textAt(webhook, 'name') ?? '', index }];
  });
  if (stale.length === 0) return 'same';
  // The test pins each webhook to its index: a configuration that changed meanwhile is a conflict, not a wrong write.
  const body = stale.flatMap((webhook) => [
    { op: 'test', path: `/webhooks/${webhook.index}/name`, value: webhook.name },
    { op: 'add', path: `/webhooks/${webhook.index}/clientConfig/caBundle`, value: encoded },
  ]);
  await transport.call({ method: 'PATCH', path, contentType: 'application/json-patch+json', body });
  return 'patched';
}

function eventRequest(event: KubeEvent): ApiRequest {
  const { namespace, about, time, component, instance } = event;
  return {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/events`,
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${about.name.slice(0, 200)}.`, namespace },
      involvedObject: { ...about, namespace },
      type: event.type,
      reason: event.reason,
      message: event.message.slice(0, 1024),
      action: event.reason,
      count: 1,
      firstTimestamp: time.replace(/\.\d+Z$/, 'Z'),
      lastTimestamp: time.replace(/\.\d+Z$/, 'Z'),
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
    },
  };
}

function podCollection(selector: PodSelector): string {
  return selector.namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${selector.namespace}/pods`;
}

function podPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
}

function labelQuery(selector: PodSelector): Readonly<Record<string, string>> {
  return selector.labelSelector === undefined ? {} : { labelSelector: selector.labelSelector };
}

function maybe<T>(object: Json | undefined, narrow: (object: Json) => T): T | undefined {
  return object === undefined ? undefined : narrow(object);
}
