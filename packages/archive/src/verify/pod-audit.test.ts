import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { verify, whole } from '../testing/verify-fixture.ts';
import { LogFixture, StreamFixture } from '../testing/archive-fixture.ts';
import { createPodAuditReader, type PodAudit } from './pod-audit.ts';

interface Told {
  readonly uid: string;
  readonly at: string;
  readonly verb?: string;
  readonly label?: string;
  readonly sidecar?: boolean;
  readonly code?: number;
}

/** An event of the API server, as `level: RequestResponse` writes it. */
function event({ uid, at, verb = 'create', label = 'true', sidecar = true, code = 201 }: Told): object {
  const metadata = { name: `pod-${uid}`, namespace: 'team-a', uid, labels: { 'tachograph.dev/mcp-server': label } };
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    stage: 'ResponseComplete',
    verb,
    objectRef: { resource: 'pods', namespace: 'team-a', name: metadata.name },
    responseStatus: { code },
    responseObject: {
      kind: 'Pod',
      metadata,
      spec: { initContainers: sidecar ? [{ name: 'tachograph' }] : [], containers: [{ name: 'server' }] },
    },
    stageTimestamp: at,
  };
}

function auditOf(...events: readonly (object | string)[]): PodAudit {
  const reader = createPodAuditReader();
  for (const it of events) reader.take(typeof it === 'string' ? it : JSON.stringify(it));
  return reader.finish();
}

const hour = (minute: number): string => new Date(Date.UTC(2026, 10, 21, 11, minute)).toISOString();
/** The pod of the whole archive, and events around it. */
const own = event({ uid: 'uid-0', at: hour(59) });
const before = event({ uid: 'other', at: hour(0), label: 'false' });
const after = event({ uid: 'another', at: hour(120), label: 'false' });

describe('an audit log of the API server', () => {
  test('that tells of the same pods confirms the coverage', async () => {
    const report = await verify(whole(), { podAudit: auditOf(before, own, after) });
    expect(report).toMatchObject({ exitCode: 0, all: [], coverage: 'compared with the audit log' });
  });

  test('is what the coverage does not rest on when there is none', async () => {
    expect((await verify(whole())).coverage).toBe('stated by the operator');
  });

  test.each([
    ['without a recorder', false],
    ['with a recorder', true],
  ])('names a labelled pod that ran %s, of which the log says nothing', async (how, sidecar) => {
    const hidden = event({ uid: 'hidden', at: hour(30), sidecar });
    const report = await verify(whole(), { podAudit: auditOf(before, hidden, own, after) });
    expect(report).toMatchObject({ exitCode: 1, found: ['audit.unrecorded'] });
    expect(report.all[0]?.reason).toBe(
      `pod team-a/pod-hidden (hidden) was created ${how} at ${hour(30)}; the log does not mention it`,
    );
  });

  test('names a stream whose pod was never created', async () => {
    const report = await verify(whole(), { podAudit: auditOf(before, after) });
    expect(report).toMatchObject({ exitCode: 1, found: ['audit.invented'] });
    expect(report.all[0]?.reason).toBe('pod files-0 (uid-0) has a stream, but the API server never created it');
  });

  test('says nothing of a time that it does not cover', async () => {
    const report = await verify(whole(), { podAudit: auditOf(after) });
    expect(report).toMatchObject({ exitCode: 0, found: ['audit.outside'] });
  });

  test('adds nothing to a gap that the log itself states', async () => {
    const log = new LogFixture(new Map());
    const pod = { v: 1, cluster: 'demo', namespace: 'team-a', pod: 'p', podUid: 'gap', at: hour(31) } as const;
    const stream = new StreamFixture();
    log.batch(
      { ...pod, type: 'coverage.gap', reason: 'no_sidecar' },
      stream.openLeaf(),
      stream.seal(log.objects, 0, 0),
    );
    log.checkpoint();
    const podAudit = auditOf(before, event({ uid: 'gap', at: hour(30), sidecar: false }), own, after);
    expect((await verify({ objects: log.objects, log }, { podAudit })).found).toEqual(['stream.open', 'coverage.gap']);
  });

  test.each([
    ['it was refused', event({ uid: 'x', at: hour(30), code: 403 })],
    ['it is not labelled', event({ uid: 'x', at: hour(30), label: 'false' })],
    ['it came after the log ends', event({ uid: 'x', at: hour(100) })],
    ['it is too young to have a stream', event({ uid: 'x', at: hour(58) })],
    [
      'only its log was read',
      { ...event({ uid: 'x', at: hour(30) }), objectRef: { resource: 'pods', subresource: 'log' } },
    ],
  ])('says nothing of a pod when %s', async (_why, told) => {
    expect((await verify(whole(), { podAudit: auditOf(before, told, own, after) })).found).toEqual([]);
  });

  test('takes a pod that was deleted soon for one that ran', async () => {
    const [made, gone] = ['create', 'delete'].map((verb) => event({ uid: 'x', at: hour(58), verb, code: 200 }));
    const report = await verify(whole(), { podAudit: auditOf(before, made ?? '', gone ?? '', own, after) });
    expect(report.found).toEqual(['audit.unrecorded']);
  });

  test('must be one: lines that are no events, and creations without the pod, are missing inputs', async () => {
    const bare = { ...event({ uid: 'x', at: hour(1) }), responseObject: undefined };
    const report = await verify(whole(), { podAudit: auditOf(before, 'junk', bare, '', own, after) });
    expect(report).toMatchObject({ exitCode: 3, found: ['audit.unread', 'audit.unread'] });
    expect(report.all[0]).toMatchObject({ object: '(audit log)', line: 2 });
    expect(await verify(whole(), { podAudit: auditOf() })).toMatchObject({ exitCode: 3, found: ['audit.unread'] });
  });

  test('may hold any JSON', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('objectRef', 'responseObject', 'responseStatus', 'verb'),
        (value, at) => {
          expect(auditOf({ ...own, [at]: value }).events).toBe(1);
        },
      ),
    );
  });
});
