import { describe, expect, test } from '@jest/globals';
import type { AdmissionRequest, BreakGlassReport } from '@tachograph/protocol';
import { createConnectReviewer, type ConnectReviewOptions } from './review-connect.ts';
import { exampleKubePod } from './testing/fake-kube.ts';

const clock = { nowMs: () => Date.parse('2026-11-21T10:00:00Z'), monotonicNs: () => 0 };

function request(subResource: string, container = 'server'): AdmissionRequest {
  return {
    uid: 'r',
    kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource,
    name: 'mcp-0',
    namespace: 'team-a',
    operation: 'CONNECT',
    userInfo: { username: 'alice' },
    object: { container },
  };
}

async function reportsOf(
  asked: AdmissionRequest,
  options: Pick<ConnectReviewOptions, 'exec'> & { readonly mayBreak: boolean },
): Promise<readonly BreakGlassReport[]> {
  const reports: BreakGlassReport[] = [];
  const pod = exampleKubePod('mcp-0', { 'tachograph.dev/mcp-server': 'true' });
  await createConnectReviewer({
    kube: { getPod: async () => pod, reviewAccess: async () => options.mayBreak },
    journal: () => undefined,
    exec: options.exec,
    brokenGlass: (report) => void reports.push(report),
    clock,
  })(asked);
  return reports;
}

describe('broken glass', () => {
  test('is reported, with who, where and when', async () => {
    expect(await reportsOf(request('exec'), { exec: 'deny', mayBreak: true })).toEqual([
      {
        namespace: 'team-a',
        pod: 'mcp-0',
        podUid: 'uid-mcp-0',
        subResource: 'exec',
        container: 'server',
        user: 'alice',
        at: '2026-11-21T10:00:00.000Z',
      },
    ]);
  });

  test.each<[string, AdmissionRequest, 'allow' | 'deny', boolean]>([
    ['a denied exec', request('exec'), 'deny', false],
    ['an exec into our own container', request('exec', 'tachograph'), 'deny', true],
    ['an exec that is allowed to everybody', request('exec'), 'allow', true],
    ['a port-forward', request('portforward'), 'deny', true],
  ])('%s is none', async (_name, asked, exec, mayBreak) => {
    expect(await reportsOf(asked, { exec, mayBreak })).toEqual([]);
  });
});
