import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { injectPod } from './inject.ts';
import { examplePod, injected, type ExamplePod, type InjectedPod } from './testing/example-pod.ts';
import { exampleContext } from './testing/example-settings.ts';
import { verifyInjected } from './verify.ts';

interface ConformancePod {
  readonly name: string;
  readonly level: string;
  readonly expect: string;
  readonly pod: ExamplePod;
}

const conformance = readFileSync(new URL('../testdata/pods.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as ConformancePod);

/** A conformance pod as an MCP server. */
function labelled(pod: ExamplePod): ExamplePod {
  const annotations = { ...pod.metadata.annotations, 'tachograph.dev/ports': '8080' };
  const name = pod.metadata.name.replaceAll('_', '-');
  return { ...pod, metadata: { name, labels: { 'tachograph.dev/mcp-server': 'true' }, annotations } };
}

const port = fc.integer({ min: 1, max: 15_000 });
const probe = fc.oneof(
  fc.record({ httpGet: fc.record({ path: fc.webPath(), port }), periodSeconds: fc.nat(60) }),
  fc.record({ tcpSocket: fc.record({ port }) }),
  fc.record({ grpc: fc.record({ port }) }),
  fc.record({ exec: fc.record({ command: fc.array(fc.string()) }) }),
);
const securityContext = fc.record(
  {
    runAsUser: fc.integer({ min: 0, max: 70_000 }),
    runAsNonRoot: fc.boolean(),
    capabilities: fc.record(
      { add: fc.subarray(['CHOWN', 'KILL', 'MKNOD']), drop: fc.subarray(['ALL', 'NET_RAW', 'SETUID', 'FOWNER']) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const container = fc.record(
  {
    image: fc.string(),
    env: fc.array(fc.record({ name: fc.string(), value: fc.string() }), { maxLength: 2 }),
    ports: fc.array(fc.record({ containerPort: port }), { minLength: 1, maxLength: 1 }),
    livenessProbe: probe,
    readinessProbe: probe,
    lifecycle: fc.record({ preStop: probe }, { requiredKeys: [] }),
    securityContext,
    unknownField: fc.jsonValue(),
  },
  { requiredKeys: ['image', 'ports'] },
);
const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), { minLength: 1, maxLength: 4 });

/** A pod that nothing speaks against, with whatever it may hold besides. */
const anyPod = fc
  .record({
    names,
    containers: fc.array(container, { minLength: 4, maxLength: 4 }),
    inits: fc.nat(2),
    hostUsers: fc.option(fc.boolean()),
    annotations: fc.option(fc.dictionary(fc.string(), fc.string())),
  })
  .map((it) => {
    const all = it.names.map((name, index) => ({ ...it.containers[index], name }));
    const split = Math.min(it.inits, all.length - 1);
    const annotations = { ...it.annotations, 'tachograph.dev/ports': String(all[0]?.ports?.[0]?.containerPort) };
    return examplePod({
      metadata: { annotations },
      spec: { initContainers: all.slice(0, split), containers: all.slice(split), hostUsers: it.hostUsers, extra: 1 },
    });
  });

/** What a container may not lose: everything but the declared fields. */
function untouched(one: Readonly<Record<string, unknown>>): unknown {
  const {
    securityContext: _context,
    livenessProbe: _live,
    readinessProbe: _ready,
    lifecycle: _lifecycle,
    ...rest
  } = one;
  return rest;
}

describe('any pod', () => {
  test('injected twice is injected once', () => {
    fc.assert(
      fc.property(anyPod, (pod) => {
        const once = injected(pod);
        expect(injected(once.pod)).toEqual({ ...once, operations: [] });
        expect(verifyInjected(once.pod, exampleContext)).toEqual({ kind: 'intact' });
      }),
    );
  });

  test('keeps its containers, their order and every field that injection does not declare', () => {
    fc.assert(
      fc.property(anyPod, (pod) => {
        const before = structuredClone(pod);
        const after = injected(pod).pod;
        expect(pod).toEqual(before);
        const inits = pod.spec['initContainers'] as Record<string, unknown>[];
        expect(after.spec.initContainers.slice(2).map(untouched)).toEqual(inits.map(untouched));
        expect(after.spec.containers.map(untouched)).toEqual(pod.spec.containers.map(untouched));
        expect(after.spec['extra']).toBe(1);
        const all = [...after.spec.initContainers, ...after.spec.containers].map(({ name }) => name);
        expect(new Set(all).size).toBe(all.length);
        expect(all.slice(0, 2)).toEqual(['tachograph', 'tachograph-netguard']);
      }),
    );
  });

  test('keeps no capability and no user with which a container could pass', () => {
    fc.assert(
      fc.property(anyPod, (pod) => {
        const [sidecar, netguard, ...rest] = injected(pod).pod.spec.initContainers;
        const containers = [...rest, ...injected(pod).pod.spec.containers];
        expect(netguard?.name).toBe('tachograph-netguard');
        for (const { securityContext: context } of containers) {
          const drop = (context['capabilities'] as { drop: string[] }).drop;
          expect(drop.includes('ALL') || ['SETUID', 'SETGID', 'NET_RAW'].every((it) => drop.includes(it))).toBe(true);
          expect(context['allowPrivilegeEscalation']).toBe(false);
          expect(context.runAsUser).not.toBe(sidecar?.securityContext.runAsUser);
        }
      }),
    );
  });

  test('to which another mutator added things is brought back by a second injection', () => {
    fc.assert(
      fc.property(anyPod, fc.boolean(), (pod, inFront) => {
        const once = injected(pod).pod;
        const foreign = { name: 'z-foreign-container', image: 'mesh' };
        const inits = inFront ? [foreign, ...once.spec.initContainers] : [...once.spec.initContainers, foreign];
        const mutated = {
          ...once,
          spec: { ...once.spec, initContainers: inits, volumes: [{ name: 'mesh' }, ...once.spec.volumes] },
        };
        const again = injected(mutated).pod;
        expect(again.spec.initContainers.slice(0, 2).map(({ name }) => name)).toEqual([
          'tachograph',
          'tachograph-netguard',
        ]);
        expect(again.spec.initContainers.find(({ name }) => name === foreign.name)).toMatchObject({
          securityContext: { allowPrivilegeEscalation: false },
        });
        expect(verifyInjected(again, exampleContext)).toEqual({ kind: 'intact' });
      }),
    );
  });

  test('of any JSON is injected, skipped or refused, never a throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (metadata, spec, extra) => {
        const labels = { 'tachograph.dev/mcp-server': 'true' };
        for (const pod of [
          extra,
          { metadata, spec },
          { metadata: { labels }, spec: { containers: [extra], volumes: [spec] } },
        ]) {
          expect(['patched', 'skipped', 'refused']).toContain(injectPod(pod, exampleContext).kind);
        }
      }),
    );
  });
});

const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: expect.arrayContaining(['ALL']) } };
const isWindows = ({ pod }: ConformancePod): boolean => pod.spec['os'] !== undefined;
const passing = conformance.filter((it) => it.expect === 'pass' && !isWindows(it));

test.each(conformance)('conformance pod $level $expect $name is refused with a reason, or verifies', ({ pod }) => {
  const result = injectPod(labelled(pod), exampleContext);
  const outcome = result.kind === 'patched' ? verifyInjected(result.pod, exampleContext) : result;
  expect([
    { kind: 'intact' },
    { kind: 'refused', reasons: expect.arrayContaining([expect.anything()]) },
  ]).toContainEqual(outcome);
});

test.each(passing)('conformance pod $level $name keeps to its level, netguard excepted', ({ pod, level }) => {
  const { spec }: InjectedPod = injected(labelled(pod)).pod;
  const others = [...spec.initContainers, ...spec.containers].filter(({ name }) => name !== 'tachograph-netguard');
  const demanded = level === 'restricted' ? restricted : {};
  for (const { securityContext: context } of others) {
    expect(context).toMatchObject(demanded);
    expect(context['privileged'] ?? false).toBe(false);
  }
});

test('the conformance data holds pods of both kinds', () => {
  const kinds = conformance.map(({ pod }) => injectPod(labelled(pod), exampleContext).kind);
  expect(kinds.filter((kind) => kind === 'patched').length).toBeGreaterThan(15);
  expect(kinds.filter((kind) => kind === 'refused').length).toBeGreaterThan(5);
});
