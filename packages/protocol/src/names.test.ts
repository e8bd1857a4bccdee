import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatSegmentSignature, parseSegmentSignature } from './api.ts';
import { parseLeaf } from './leaf.ts';
import { parseSegmentFileName, parseWorkloadUri, segmentFileName, serviceHosts, workloadUri } from './names.ts';
import { parseRecord, zeroHash } from './record.ts';

const stream = '01913f6e-5c1a-7a3b-9f00-0123456789ab';

test('a segment name says what it was made from', () => {
  fc.assert(
    fc.property(fc.nat(999_999_999), fc.nat(999_999_999), fc.bigInt(0n, 2n ** 64n - 1n), (first, length, sha) => {
      const name = { stream, first, last: first + length, sha16: sha.toString(16).padStart(16, '0') };
      expect(parseSegmentFileName(segmentFileName(name))).toEqual(name);
    }),
  );
});

test.each([
  '',
  '../x',
  `${stream}-1-2-abc.jsonl.gz`,
  `${stream}-000000000001-000000000002-0123456789abcdef.jsonl.gz/..`,
])('%p is no segment name', (text) => expect(parseSegmentFileName(text)).toBeUndefined());

test('a workload URI names cluster, namespace and workload', () => {
  const ref = { cluster: 'prod-1', namespace: 'team-a', workload: 'mcp.files' };
  expect(parseWorkloadUri(workloadUri(ref))).toEqual(ref);
  expect(parseWorkloadUri('tachograph://prod/team-a')).toBeUndefined();
  expect(parseWorkloadUri('https://prod/team-a/x')).toBeUndefined();
});

test('a segment signature header is read as it was written', () => {
  const header = { keyId: 'a'.repeat(32), seq: 41, sig: `${'A'.repeat(86)}==` };
  expect(parseSegmentSignature(formatSegmentSignature(header))).toEqual(header);
  expect(parseSegmentSignature('keyId=x,seq=1,sig=y')).toBeUndefined();
});

test('a record needs its envelope; unknown fields stay', () => {
  const line = {
    v: 1,
    stream,
    seq: 0,
    prev: zeroHash,
    time: '2026-11-21T12:00:00.000Z',
    mono_ns: 1,
    kind: 'heartbeat',
    later: true,
  };
  expect(parseRecord(JSON.stringify(line))).toEqual(line);
  for (const field of ['v', 'stream', 'seq', 'prev', 'time', 'mono_ns', 'kind'])
    expect(parseRecord(JSON.stringify({ ...line, [field]: undefined }))).toBeUndefined();
  expect(parseRecord('{')).toBeUndefined();
});

test('a leaf of an unknown type is none', () => {
  expect(parseLeaf('{"v":1,"type":"segment"}')).toBeUndefined();
  expect(
    parseLeaf('{"v":1,"type":"pod.deleted","cluster":"c","namespace":"n","pod":"p","podUid":"u","at":"t"}'),
  ).toMatchObject({
    type: 'pod.deleted',
  });
});

test.each(['dev', 'app', 'com', 'xn--p1ai'])('no public name under .%s is a Service of the namespace', (namespace) => {
  expect(serviceHosts(namespace)).toEqual([`*.${namespace}.svc`, `*.${namespace}.svc.cluster.local`]);
});

test('a namespace that is no top-level domain is enough of a name', () => {
  expect(serviceHosts('team-a')[0]).toBe('*.team-a');
  expect(serviceHosts('shop2')[0]).toBe('*.shop2');
});
