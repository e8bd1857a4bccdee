/** `McpApproval` in the chart against the code: a field that the schema does not know would be lost without a word. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  approval,
  approvalCaller,
  approvalDecision,
  approvalEnds,
  approvalReveal,
  approvalStates,
} from '@tachograph/protocol';
import { parse, parseAllDocuments } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly items: Schema;
  readonly enum: readonly string[];
}

const schemaOf = (part: string): Schema => parse(read(`charts/tachograph/files/mcpapproval-${part}.yaml`)) as Schema;
const keysOf = (object: object): readonly string[] => Object.keys(object).toSorted((a, b) => (a < b ? -1 : 1));

/** In the object's name, namespace and status. */
const elsewhere = ['id', 'namespace', 'state', 'decisions', 'reveals', 'ended'];

describe('the schema of McpApproval', () => {
  const [spec, status] = [schemaOf('spec'), schemaOf('status')];

  test('knows every field that the controller writes, and no other', () => {
    const asked = keysOf(approval.shape).filter((key) => !elsewhere.includes(key));
    expect(keysOf(spec.properties)).toEqual(asked);
    expect(keysOf(status.properties)).toEqual(['decisions', 'ended', 'reveals', 'state']);
    expect(keysOf(spec.properties['caller']?.properties ?? {})).toEqual(keysOf(approvalCaller.shape));
    expect(keysOf(status.properties['decisions']?.items.properties ?? {})).toEqual(keysOf(approvalDecision.shape));
    expect(keysOf(status.properties['reveals']?.items.properties ?? {})).toEqual(keysOf(approvalReveal.shape));
  });

  test('knows every state and every end', () => {
    expect(status.properties['state']?.enum).toEqual(approvalStates);
    expect(status.properties['ended']?.properties['reason']?.enum).toEqual(approvalEnds);
  });
});

test('nobody but the controller writes approvals, in no namespace', () => {
  const manifests = parseAllDocuments(read('manifests/tachograph.yaml')).map((document): unknown => document.toJS());
  const policy = manifests.find((one) =>
    JSON.stringify(one).includes('"kind":"ValidatingAdmissionPolicy","metadata":{"name":"tachograph-approvals"'),
  );
  expect(policy).toMatchObject({
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { resources: ['mcpapprovals', 'mcpapprovals/*'], operations: ['CREATE', 'UPDATE', 'DELETE'], scope: '*' },
        ],
      },
      validations: [
        { expression: expect.stringContaining("== 'system:serviceaccount:tachograph:tachograph-controller' ||") },
      ],
    },
  });
  expect(JSON.stringify(policy)).not.toContain('namespaceSelector');
});
