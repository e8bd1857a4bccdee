/** What `tacho check` asks of a cluster. */
import type { Kube, Pod } from '@tachograph/kube';
import { containers, labels } from '@tachograph/protocol';
import { trustSecret } from '../trust/published-trust.ts';
import type { Check, CheckOutcome } from './check.ts';

/** Where to look. `namespaces`: those whose pods are recorded, as their owners say. */
export interface ClusterScope {
  readonly system: string;
  readonly namespaces: readonly string[];
}

type ReadKube = Pick<Kube, 'getNamespace' | 'listPods' | 'getSecret' | 'getWebhooks'>;

const parts = [
  { component: 'injector', job: 'pods are injected at admission', hint: 'new labelled pods cannot start' },
  { component: 'controller', job: 'segments are archived', hint: 'spools fill until calls are refused' },
  { component: 'sequencer', job: 'the log grows', hint: 'nothing is archived without it' },
] as const;

/** The checks of one installation. */
export function clusterChecks(kube: ReadKube, scope: ClusterScope): readonly Check[] {
  return [
    systemNamespace(kube, scope),
    ...parts.map((part) => partRuns(kube, scope, part)),
    trustRoot(kube, scope),
    webhooks(kube),
  ].concat(
    scope.namespaces.flatMap((namespace) => [namespaceLabel(kube, namespace), podsAreRecorded(kube, namespace)]),
  );
}

function systemNamespace(kube: ReadKube, { system }: ClusterScope): Check {
  return {
    id: 'system-namespace',
    description: `namespace ${system} exists`,
    hint: 'install the chart: helm install tachograph charts/tachograph -n tachograph --create-namespace',
    weight: 'fatal',
    run: async () => ((await kube.getNamespace(system)) === undefined ? fails('not found') : { kind: 'holds' }),
  };
}

function partRuns(kube: ReadKube, { system }: ClusterScope, part: (typeof parts)[number]): Check {
  return {
    id: `${part.component}-ready`,
    description: `${part.component} is ready: ${part.job}`,
    hint: `${part.hint}: kubectl -n ${system} describe pods -l app.kubernetes.io/component=${part.component}`,
    weight: 'fatal',
    run: async () => {
      const labelSelector = `app.kubernetes.io/component=${part.component}`;
      const pods = await kube.listPods({ namespace: system, labelSelector });
      const ready = pods.filter(isReady).length;
      return ready > 0
        ? { kind: 'holds', found: `${ready} of ${pods.length} ready` }
        : fails(`0 of ${pods.length} ready`);
    },
  };
}

function trustRoot(kube: ReadKube, { system }: ClusterScope): Check {
  return {
    id: 'trust-root',
    description: 'trust root and log key are published',
    hint: 'controller and sequencer write them at their start; no pod is injected without the fingerprint',
    weight: 'fatal',
    run: async () => {
      const data = (await kube.getSecret(system, trustSecret))?.data ?? {};
      const missing = ['fingerprint', 'logKeys'].filter((key) => (data[key] ?? '') === '');
      if (missing.length > 0) return fails(`Secret ${trustSecret} lacks ${missing.join(' and ')}`);
      return { kind: 'holds', found: data['fingerprint'] ?? '' };
    },
  };
}

/** Configurations of the chart. */
const configurations = [
  ['MutatingWebhookConfiguration', 'tachograph'],
  ['ValidatingWebhookConfiguration', 'tachograph'],
  ['ValidatingWebhookConfiguration', 'tachograph-connect'],
] as const;

function webhooks(kube: ReadKube): Check {
  return {
    id: 'webhooks',
    description: 'the API server asks the injector, and refuses what it cannot ask about',
    hint: 'upgrade the chart; the injector writes its certificate authority into the configurations itself',
    weight: 'fatal',
    run: async () => {
      const found = await Promise.all(configurations.map(async (one) => wrongWebhooks(kube, one)));
      const wrong = found.flat();
      return wrong.length === 0 ? { kind: 'holds' } : fails(wrong.join('; '));
    },
  };
}

async function wrongWebhooks(
  kube: ReadKube,
  [kind, name]: (typeof configurations)[number],
): Promise<readonly string[]> {
  const registered = await kube.getWebhooks(kind, name);
  if (registered === undefined || registered.length === 0) return [`no ${kind} ${name}`];
  return registered.flatMap((webhook) => [
    ...(webhook.hasCaBundle ? [] : [`${webhook.name} has no caBundle`]),
    ...(webhook.failurePolicy === 'Fail' ? [] : [`${webhook.name} fails open`]),
  ]);
}

function namespaceLabel(kube: ReadKube, name: string): Check {
  return {
    id: 'namespace-label',
    description: `namespace ${name} is recorded`,
    hint: `where it exists: kubectl label namespace ${name} ${labels.inject}=enabled`,
    weight: 'fatal',
    run: async () => {
      const namespace = await kube.getNamespace(name);
      if (namespace === undefined) return fails('not found');
      const value = namespace.labels[labels.inject];
      const recorded = value === 'enabled' || value === 'enforced';
      return recorded ? { kind: 'holds', found: value } : fails(`label ${labels.inject} is ${value ?? 'absent'}`);
    },
  };
}

function podsAreRecorded(kube: ReadKube, namespace: string): Check {
  return {
    id: 'pods-recorded',
    description: `every labelled pod of ${namespace} has a ready sidecar`,
    hint: `delete the pods named, so that they are admitted again: kubectl -n ${namespace} delete pod …`,
    weight: 'warning',
    run: async () => {
      const pods = await kube.listPods({ namespace, labelSelector: `${labels.mcpServer}=true` });
      const wrong = pods.filter((pod) => isLive(pod) && !hasReadySidecar(pod));
      if (wrong.length === 0) return { kind: 'holds', found: `${pods.length} pods` };
      return fails(
        `${wrong.length} of ${pods.length}: ${wrong
          .slice(0, 5)
          .map(({ name }) => name)
          .join(', ')}`,
      );
    },
  };
}

function isReady(pod: Pod): boolean {
  return (
    pod.phase === 'Running' && pod.containerStatuses.length > 0 && pod.containerStatuses.every(({ ready }) => ready)
  );
}

/** Pods that have run to their end keep no sidecar running. */
function isLive({ deletionTimestamp, phase }: Pod): boolean {
  return deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

function hasReadySidecar(pod: Pod): boolean {
  return pod.initContainerStatuses.some(({ name, ready }) => name === containers.sidecar && ready);
}

function fails(found: string): CheckOutcome {
  return { kind: 'fails', found };
}
