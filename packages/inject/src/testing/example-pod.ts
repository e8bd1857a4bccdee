import type { InjectionStatus } from '@tachograph/protocol';
import { injectPod, type InjectContext } from '../inject.ts';
import { exampleContext } from './example-settings.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface ExamplePod {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly spec: { readonly containers: readonly Fields[]; readonly [field: string]: unknown };
}

/** A labelled pod with one container on port 8080; `container` and `spec` are merged over it. */
export function examplePod(
  parts: { readonly container?: Fields; readonly spec?: Fields; readonly metadata?: Fields } = {},
): ExamplePod {
  const container = {
    name: 'server',
    image: 'registry.example/server:1',
    ports: [{ containerPort: 8080 }],
    securityContext: { runAsUser: 1000 },
    ...parts.container,
  };
  return {
    metadata: { name: 'mcp-0', labels: { 'tachograph.dev/mcp-server': 'true' }, ...parts.metadata },
    spec: { containers: [container], ...parts.spec },
  };
}

export interface InjectedContainer {
  readonly name: string;
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: { readonly runAsUser: number; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What tests look at in an injected pod. */
export interface InjectedPod {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>>; readonly [field: string]: unknown };
  readonly spec: {
    readonly initContainers: readonly InjectedContainer[];
    readonly containers: readonly InjectedContainer[];
    readonly volumes: readonly { readonly name: string; readonly [field: string]: unknown }[];
    readonly [field: string]: unknown;
  };
}

/** Injects, or throws with the reasons. */
export function injected(
  pod: unknown,
  context: InjectContext = exampleContext,
): {
  readonly pod: InjectedPod;
  readonly operations: readonly unknown[];
  readonly warnings: readonly string[];
  readonly status: InjectionStatus;
} {
  const result = injectPod(pod, context);
  if (result.kind !== 'patched') throw new Error(`not injected: ${JSON.stringify(result)}`);
  return { ...result, pod: result.pod as InjectedPod };
}

/** The codes of a refusal; empty when the pod is not refused. */
export function refusalsOf(pod: unknown, context: InjectContext = exampleContext): readonly string[] {
  const result = injectPod(pod, context);
  return result.kind === 'refused' ? result.reasons.map(({ code }) => code) : [];
}

export function environmentOf(container: InjectedContainer | undefined): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
}
