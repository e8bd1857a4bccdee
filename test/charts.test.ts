/** The chart against the code: one schema of policies, one set of names, and manifests that are what it renders. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { clusterPolicySpec, controllerAudience, policySpec, sequencerAudience } from '@tachograph/protocol';
import { injectedVolumes, injectPod } from '@tachograph/inject';
import { parse, parseAllDocuments } from 'yaml';
import { toJSONSchema } from 'zod';
import { secretNames } from '../packages/controller/src/keys/secret-names.ts';
import { examplePod } from '../packages/inject/src/testing/example-pod.ts';
import { contextWith } from '../packages/inject/src/testing/example-settings.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON schema in the form that Kubernetes takes: closed objects become preserving ones, so that the webhook sees what it refuses. */
function toStructural(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(toStructural);
  if (!isObject(schema)) return schema;
  const { additionalProperties, $schema: _schema, ...rest } = schema;
  const kept = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, toStructural(value)]));
  if (additionalProperties === false) return { ...kept, 'x-kubernetes-preserve-unknown-fields': true };
  return isObject(additionalProperties) ? { ...kept, additionalProperties: toStructural(additionalProperties) } : kept;
}

function withoutDescriptions(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withoutDescriptions);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) => key !== 'x-kubernetes-validations' && (key !== 'description' || typeof value !== 'string'),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutDescriptions(value)]));
}

test.each([
  ['McpPolicy', policySpec],
  ['ClusterMcpPolicy', clusterPolicySpec],
])('the schema of %s in the chart is the one in the code', (kind, spec) => {
  const chart = ofKind('CustomResourceDefinition').find(
    ({ spec: { names } }) => isObject(names) && names['kind'] === kind,
  );
  const [version] = (chart?.spec['versions'] ?? []) as readonly {
    schema: { openAPIV3Schema: { properties: { spec: Json } } };
  }[];
  const code = toStructural(toJSONSchema(spec, { target: 'openapi-3.0', io: 'input' }) as Json);
  expect(withoutDescriptions(version?.schema.openAPIV3Schema.properties.spec ?? null)).toEqual(code);
});

describe('values.yaml', () => {
  const values = parse(read('charts/tachograph/values.yaml')) as JsonObject;
  const schema = JSON.parse(read('charts/tachograph/values.schema.json')) as { properties: JsonObject };

  test('has every key that the schema knows, and no other', () => {
    const known = Object.keys(schema.properties).filter((key) => key !== 'global');
    expect(Object.keys(values).toSorted()).toEqual(known.toSorted());
  });

  test('explains every part, above it or inside', () => {
    const text = read('charts/tachograph/values.yaml');
    const silent = Object.keys(values).filter((key) => {
      const [before = '', after = ''] = text.split(new RegExp(`(?:^|\\n)${key}:`));
      return !/#[^\n]*$/.test(before) && !/^[^\n]*\n {2}#/.test(after);
    });
    expect(silent).toEqual([]);
  });
});

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Whether a rule gives the Secret's content away. */
function mayRead({ resources, verbs, resourceNames }: Rule, secret: string): boolean {
  const reads = verbs.some((verb) => ['get', 'list', 'watch', '*'].includes(verb));
  const isNamed = resourceNames === undefined || resourceNames.includes(secret);
  return reads && isNamed && resources.some((resource) => resource === 'secrets' || resource === '*');
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: JsonObject;
  /** Of a Role or ClusterRole. */
  readonly rules?: readonly Rule[];
  readonly webhooks: readonly {
    readonly name: string;
    readonly failurePolicy: string;
    readonly namespaceSelector?: Json;
  }[];
}

const manifests = parseAllDocuments(read('manifests/tachograph.yaml'))
  .map((document) => document.toJS() as Manifest | null)
  .filter((manifest) => manifest !== null);
const ofKind = (kind: string): readonly Manifest[] => manifests.filter((manifest) => manifest.kind === kind);

/** Names of the roles that let their holder read the Secret. */
function readers(secret: string): readonly string[] {
  return [...ofKind('Role'), ...ofKind('ClusterRole')]
    .filter(({ rules }) => (rules ?? []).some((rule) => mayRead(rule, secret)))
    .map(({ metadata }) => metadata.name)
    .toSorted();
}

describe('the rendered manifests', () => {
  test('run every part as the restricted Pod Security Standard wants', () => {
    const deployments = ofKind('Deployment');
    expect(deployments.map(({ metadata }) => metadata.name).toSorted()).toEqual([
      'tachograph-controller',
      'tachograph-injector',
      'tachograph-sequencer',
    ]);
    for (const { spec } of deployments) {
      expect(spec).toMatchObject({
        replicas: 2,
        template: {
          spec: {
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
          },
        },
      });
    }
  });

  test('fail closed, and leave alone the namespaces that must start without them', () => {
    const webhooks = [...ofKind('MutatingWebhookConfiguration'), ...ofKind('ValidatingWebhookConfiguration')].flatMap(
      (manifest) => manifest.webhooks,
    );
    expect(webhooks.length).toBe(6);
    for (const webhook of webhooks) expect(webhook.failurePolicy).toBe('Fail');
    const own = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'tachograph'] };
    const pods = webhooks.filter(({ name }) => /^(inject|pods|unlabelled|connect)\./.test(name));
    expect(pods.length).toBe(4);
    for (const { namespaceSelector } of pods) {
      expect(namespaceSelector).toMatchObject({ matchExpressions: expect.arrayContaining([own]) });
    }
  });

  test('ask about tokens for our audiences', () => {
    const text = read('manifests/tachograph.yaml');
    expect(text).toContain(`a == '${controllerAudience}' || a == '${sequencerAudience}'`);
  });

  test('forbid a token for our audiences to every pod of every other namespace, whatever its labels', () => {
    const policy = ofKind('ValidatingAdmissionPolicy').find(({ metadata }) => metadata.name === 'tachograph-audience');
    expect(policy?.spec).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['tachograph'] }],
        },
      },
    });
    expect(policy?.spec['matchConstraints']).not.toHaveProperty('objectSelector');
    expect(JSON.stringify(policy?.spec)).toContain(`['${controllerAudience}', '${sequencerAudience}']`);
  });

  test('let each part read its own Secrets only, by name', () => {
    expect(readers('any-other')).toEqual([]);
    expect(readers(secretNames.trustRoot)).toEqual(['tachograph-controller']);
    expect(readers(secretNames.bundleKey)).toEqual(['tachograph-controller']);
    expect(readers(secretNames.logKey)).toEqual(['tachograph-sequencer']);
    expect(readers(secretNames.trust)).toEqual([
      'tachograph-controller',
      'tachograph-injector',
      'tachograph-sequencer',
    ]);
  });

  test('let the admission policy know every variable that injection writes', () => {
    const annotations = {
      'tachograph.dev/workload': 'crm',
      'tachograph.dev/paths': '/mcp',
      'tachograph.dev/passthrough': 'GET /ui',
      'tachograph.dev/health-paths': '/healthz',
    };
    const result = injectPod(examplePod({ metadata: { annotations } }), contextWith({ hosts: ['mcp.example.com'] }));
    const pod = (result.kind === 'patched' ? result.pod : {}) as {
      spec: { initContainers: [{ env: { name: string }[] }] };
    };
    const shape = ofKind('ValidatingAdmissionPolicy').find(({ metadata }) => metadata.name === 'tachograph');
    const policy = JSON.stringify(shape?.spec);
    const names = pod.spec.initContainers[0].env.map(({ name }) => name);
    expect(names.length).toBe(24);
    expect(names.filter((name) => !policy.includes(`'${name}'`))).toEqual([]);
    const own = Object.values(injectedVolumes);
    expect(own.filter((name) => !policy.includes(`'${name}'`))).toEqual([]);
  });
});

const helm = spawnSync(join(root, 'scripts/find-helm.sh'), { encoding: 'utf8' });
if (helm.status !== 0) process.stdout.write(`skipped: rendering of the chart: ${helm.stderr}`);
const withHelm = helm.status === 0 ? describe : describe.skip;

withHelm('with Helm', () => {
  test('the manifests are what the chart renders, and every example of values lints', () => {
    const env = { ...process.env, HELM: helm.stdout.trim() };
    const { stdout, stderr } = spawnSync(join(root, 'scripts/check-charts.sh'), { encoding: 'utf8', env });
    expect(stderr + stdout).toBe('chart and manifests agree\n');
    expect(globSync('charts/tachograph/ci/*.yaml', { cwd: root }).length).toBeGreaterThan(1);
  });
});
