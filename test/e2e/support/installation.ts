import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { workloadUri } from '@tachograph/protocol';
import { apply, kubectl, until } from './kubectl.ts';

export const cluster = 'e2e';
export const system = 'tachograph';

export interface Installation {
  readonly bucket: string;
  /** Address of the in-cluster storage emulator, reachable from the node. */
  readonly endpoint: string;
  /** The verifier's policy file, taken from the installation, not from the bucket. */
  readonly policyFile: string;
}

/** What `setup.mjs` installed. */
export async function installation(): Promise<Installation> {
  return JSON.parse(readFileSync(process.env['TACHO_E2E_INSTALLATION'] ?? '', 'utf8')) as Installation;
}

/** A namespace of this run alone: what earlier runs recorded is in the same bucket, for good. */
export function namespaceOf(suite: string): string {
  return `e2e-${suite}-${process.env['TACHO_E2E_RUN'] ?? ''}`;
}

export function audienceOf(namespace: string, workload: string): string {
  return workloadUri({ cluster, namespace, workload });
}

/** A fresh namespace with the label, and a policy that allows everything in it. */
export async function namespaceReady(namespace: string): Promise<void> {
  await kubectl('create', 'namespace', namespace);
  await kubectl('label', 'namespace', namespace, 'tachograph.dev/inject=enabled');
  const policy = {
    apiVersion: 'tachograph.dev/v1alpha1',
    kind: 'McpPolicy',
    metadata: { name: 'all', namespace },
    spec: { default: 'allow' },
  };
  await applied(JSON.stringify(policy));
  await kubectl('-n', namespace, 'wait', 'serviceaccount/default', '--for=create', '--timeout=30s');
}

/** Ends a suite's namespace; what runs in it ships what it has. */
export async function endNamespace(namespace: string): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--wait=false', '--ignore-not-found');
}

/** Applies manifests of this folder; a webhook that is not yet reachable is tried again. */
export async function deploy(namespace: string, ...files: readonly string[]): Promise<void> {
  for (const file of files) {
    const text = readFileSync(fileURLToPath(new URL(`../manifests/${file}`, import.meta.url)), 'utf8');
    await applied(text, namespace);
  }
}

async function applied(manifest: string, namespace?: string): Promise<void> {
  await until(
    'objects to be applied',
    async () => {
      const { code, stderr } = await apply(manifest, namespace);
      if (code !== 0) throw new Error(stderr);
      return true;
    },
    30_000,
  );
}
