/** The injector: webhooks, their certificate, and what both need from the cluster. */
import { createServer, type Server } from 'node:https';
import type { Kube, Namespace, Timers, WatchHandle } from '@tachograph/kube';
import type { InjectSettings } from '@tachograph/inject';
import {
  createHealth,
  createMetrics,
  describeError,
  type Clock,
  type Health,
  type Logger,
  type Metrics,
} from '@tachograph/service';
import { createAnnouncements, type Announcements } from './announcements.ts';
import { loadSharedKeys } from './authority.ts';
import type { CertifiedKey } from './certificates.ts';
import { createControllerClient, type Announcement } from './controller-client.ts';
import type { Installation } from './installation.ts';
import { createJournal } from './journal.ts';
import { createConnectReviewer } from './review-connect.ts';
import { createPodMutator, createPodValidator } from './review-pod.ts';
import { createPolicyReviewer } from './review-policy.ts';
import { reviewToken } from './review-token.ts';
import { watchPolicies, type WatchedPolicies } from './watched-policies.ts';
import { createServingCertificate, type ServingCertificate } from './serving-certificate.ts';
import { parseFingerprint, type InjectorSettings } from './settings.ts';
import type { Reviewer } from './verdict.ts';
import { createWebhookApp } from './webhook-app.ts';

/** What the injector is wired to; settings are read before. */
export interface InjectorOptions {
  readonly settings: InjectorSettings;
  readonly kube: Kube;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Reads a file of the settings; absent token file: pods are not announced. */
  readonly readFile: (path: string) => Promise<string>;
}

/** The running webhooks. `close` lets reviews under way be answered. */
export interface Injector {
  /** Resolves when listening; the port is the bound one. Readiness comes with the certificate. */
  listen(): Promise<number>;
  readonly health: Health;
  close(): Promise<void>;
}

/** How often the shared Secret and the webhook configurations are looked at. */
const refreshMs = 15_000;
const retryMs = 1000;

/**
 * Begins at once to watch namespaces and to look for certificate and trust root; what fails there is retried and shows in
 * `health`. Until both are known, pods that come to be injected are refused.
 */
export function createInjector(options: InjectorOptions): Injector {
  const { settings, kube, clock, log } = options;
  const health = createHealth();
  const namespaces = kube.watchNamespaces({ onObject: () => undefined });
  const policies = watchPolicies(kube);
  const server = createServer({ minVersion: 'TLSv1.3' });
  const certificate = createCertificate(options, (leaf) => server.setSecureContext({ ...leaf, minVersion: 'TLSv1.3' }));
  const trust = createTrust(options);
  const installation = createInstallation(options, { certificate, trust, namespaces, policies });
  health.add('certificate', () => certificate.problem());
  health.add('trust', () => (trust.fingerprint() === undefined ? 'the trust root is not known yet' : undefined));
  health.add('policies', () => (policies.list() === undefined ? 'policies are not listed yet' : undefined));
  health.add('namespaces', () => (namespaces.isSynced() ? undefined : 'namespaces are not listed yet'));
  const metrics = createMetrics({ defaults: true });
  const announcements = createPodAnnouncements(options, { metrics, trust });
  const reviewers = createReviewers(options, installation, (announcement) => announcements?.add(announcement));
  server.on('request', createWebhookApp({ reviewers, health, metrics, clock, log }));
  const stopRefreshing = repeat(options, async () => {
    await Promise.all([certificate.refresh(), trust.refresh()]);
    return Object.keys(health.reasons()).length === 0 ? refreshMs : retryMs;
  });
  return {
    health,
    listen: async () => listen(server, settings),
    async close() {
      stopRefreshing();
      announcements?.close();
      namespaces.stop();
      policies.stop();
      await closeServer(server);
    },
  };
}

function createReviewers(
  options: InjectorOptions,
  installation: Installation,
  announce: (announcement: Announcement) => void,
): Readonly<Record<string, Reviewer>> {
  const { settings, kube, clock, log } = options;
  const journal = createJournal({ kube, clock, log, instance: settings.instance });
  const pods = { installation, journal, upgrader: settings.upgrader, admitted: announce };
  return {
    mutate: createPodMutator(pods),
    validate: createPodValidator(pods),
    connect: createConnectReviewer({ kube, journal, exec: settings.exec, brokenGlass: announce, clock }),
    policies: createPolicyReviewer(kube),
    tokens: reviewToken,
  };
}

function createCertificate(
  { settings, kube, clock, log }: InjectorOptions,
  serve: (leaf: CertifiedKey) => void,
): ServingCertificate {
  const { namespace, service, authoritySecret, mutatingConfigurations, validatingConfigurations } = settings;
  return createServingCertificate({
    names: [`${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`],
    load: async () => loadSharedKeys({ secrets: kube, namespace, name: authoritySecret, clock }),
    async publish(caBundle) {
      for (const name of mutatingConfigurations) {
        await kube.patchWebhookCaBundle('MutatingWebhookConfiguration', name, caBundle);
      }
      for (const name of validatingConfigurations) {
        await kube.patchWebhookCaBundle('ValidatingWebhookConfiguration', name, caBundle);
      }
    },
    serve,
    clock,
    log,
  });
}

function createPodAnnouncements(
  { settings, clock, timers, log, readFile }: InjectorOptions,
  { metrics, trust }: { readonly metrics: Metrics; readonly trust: Trust },
): Announcements | undefined {
  const { tokenFile, inject } = settings;
  if (tokenFile === undefined) return undefined;
  const announce = createControllerClient({
    url: inject.controllerUrl,
    cluster: inject.cluster,
    fingerprint: () => trust.fingerprint(),
    readToken: async () => (await readFile(tokenFile)).trim(),
    clock,
  });
  return createAnnouncements({ announce, timers, metrics, log });
}

interface Trust {
  fingerprint(): string | undefined;
  refresh(): Promise<void>;
}

/** The controller makes the root at its first start; it never changes afterwards, so one sight is enough. */
function createTrust({ settings, kube, log }: InjectorOptions): Trust {
  let fingerprint = settings.trust;
  return {
    fingerprint: () => fingerprint,
    async refresh() {
      if (fingerprint !== undefined) return;
      try {
        const secret = await kube.getSecret(settings.namespace, settings.trustSecret);
        fingerprint = parseFingerprint(secret?.data['fingerprint'] ?? '');
      } catch (error) {
        log.warn('trust root not read', { err: describeError(error) });
      }
    },
  };
}

function createInstallation(
  { settings, kube }: InjectorOptions,
  parts: {
    readonly certificate: ServingCertificate;
    readonly trust: Trust;
    readonly namespaces: WatchHandle<Namespace>;
    readonly policies: WatchedPolicies;
  },
): Installation {
  return {
    settings(): InjectSettings | undefined {
      const trustFingerprint = parts.trust.fingerprint();
      const nonceKey = parts.certificate.nonceKey();
      if (trustFingerprint === undefined || nonceKey === undefined) return undefined;
      return { ...settings.inject, trustFingerprint, nonceKey };
    },
    namespace: async (name) => parts.namespaces.get('', name) ?? kube.getNamespace(name),
    policies: () => parts.policies.list(),
  };
}

/** Runs again and again, waiting as long as each run says, until stopped. */
function repeat({ timers }: InjectorOptions, run: () => Promise<number>): () => void {
  let cancel: (() => void) | undefined;
  let stopped = false;
  const next = async (): Promise<void> => {
    const delayMs = await run();
    if (!stopped) cancel = timers.after(delayMs, () => void next());
  };
  void next();
  return () => {
    stopped = true;
    cancel?.();
  };
}

async function listen(server: Server, { listen: { host, port } }: InjectorSettings): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Reviews under way are answered; idle keep-alive connections are not waited for. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await closed;
}
