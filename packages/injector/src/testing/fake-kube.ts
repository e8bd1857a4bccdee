/** The parts of the Kubernetes port that the injector uses, in memory. */
import { KubeError } from '@tachograph/kube';
import type {
  AccessQuestion,
  Kube,
  KubeEvent,
  Namespace,
  Pod,
  PolicyObject,
  Secret,
  ServerTools,
  WatchHandle,
} from '@tachograph/kube';

export interface FakeKube extends Kube {
  readonly events: KubeEvent[];
  readonly questions: AccessQuestion[];
  /** Bundles by configuration name. */
  readonly bundles: Map<string, string>;
  readonly secrets: Map<string, Secret>;
  readonly namespaces: Map<string, Namespace>;
  readonly pods: Map<string, Pod>;
  readonly policies: PolicyObject[];
  /** Whether the policies are listed. */
  policiesListed: boolean;
  /** While set, every call fails with this. */
  failure: KubeError | undefined;
  mayBreakGlass: boolean;
  /** `undefined`: the cluster has no such resource. */
  servers: readonly ServerTools[] | undefined;
}

export function createFakeKube(): FakeKube {
  const secrets = new Map<string, Secret>();
  const fake = {
    events: [],
    questions: [],
    bundles: new Map(),
    secrets,
    namespaces: new Map<string, Namespace>(),
    pods: new Map<string, Pod>(),
    policies: [],
    policiesListed: true,
    failure: undefined,
    mayBreakGlass: false,
    servers: undefined,
  } as unknown as FakeKube;
  const answer = async <T>(value: () => T): Promise<T> => {
    if (fake.failure !== undefined) throw fake.failure;
    return value();
  };
  const store = (secret: Omit<Secret, 'resourceVersion'>, version: number): Secret => {
    const stored = { ...secret, resourceVersion: String(version) };
    secrets.set(secret.name, stored);
    return stored;
  };
  return Object.assign(fake, {
    getSecret: async (_namespace, name) => answer(() => secrets.get(name)),
    createSecret: async (secret) =>
      answer(() => {
        if (secrets.has(secret.name)) throw new KubeError('conflict', 'exists');
        return store(secret, 1);
      }),
    updateSecret: async (secret) =>
      answer(() => {
        const known = secrets.get(secret.name);
        if (known?.resourceVersion !== secret.resourceVersion) throw new KubeError('conflict', 'changed');
        return store(secret, Number(secret.resourceVersion) + 1);
      }),
    patchWebhookCaBundle: async (_kind, name, caBundle) =>
      answer(() => {
        fake.bundles.set(name, caBundle);
        return 'patched' as const;
      }),
    getNamespace: async (name) => answer(() => fake.namespaces.get(name)),
    getPod: async (namespace, name) => answer(() => fake.pods.get(`${namespace}/${name}`)),
    listServerTools: async () => answer(() => fake.servers),
    createEvent: async (event) => answer(() => void fake.events.push(event)),
    reviewAccess: async (question) =>
      answer(() => {
        fake.questions.push(question);
        return fake.mayBreakGlass;
      }),
    watchPolicies: () => policyHandle(fake, (policy) => policy.namespace !== ''),
    watchClusterPolicies: () => policyHandle(fake, (policy) => policy.namespace === ''),
    watchNamespaces: (): WatchHandle<Namespace> => ({
      synced: Promise.resolve(),
      isSynced: () => true,
      list: () => [...fake.namespaces.values()],
      get: (_namespace, name) => fake.namespaces.get(name),
      stop: () => undefined,
    }),
  } satisfies Partial<Kube>);
}

function policyHandle(fake: FakeKube, isOf: (policy: PolicyObject) => boolean): WatchHandle<PolicyObject> {
  return {
    synced: Promise.resolve(),
    isSynced: () => fake.policiesListed,
    list: () => fake.policies.filter(isOf),
    get: () => undefined,
    stop: () => undefined,
  };
}

export function exampleNamespace(
  name: string,
  inject: string,
  annotations: Readonly<Record<string, string>> = {},
): Namespace {
  return {
    uid: `uid-${name}`,
    name,
    namespace: '',
    resourceVersion: '1',
    labels: { 'tachograph.dev/inject': inject },
    annotations,
  };
}

export function exampleKubePod(name: string, labels: Readonly<Record<string, string>>): Pod {
  return {
    ...exampleNamespace(name, ''),
    namespace: 'team-a',
    labels,
    serviceAccount: 'default',
    phase: 'Running',
    podIps: [],
    owners: [],
    initContainers: ['tachograph', 'tachograph-netguard'],
    containers: ['server'],
    ephemeralContainers: [],
    initContainerStatuses: [],
    containerStatuses: [],
  };
}
