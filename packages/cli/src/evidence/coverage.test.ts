import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Leaf } from '@tachograph/protocol';
import { coverage, createCoverage } from './coverage.ts';
import { isWithin } from './evidence-period.ts';
import { createTableDraft } from './evidence-table.ts';

const period = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' };
const pod = { cluster: 'c', namespace: 'n', pod: 'p-0', podUid: 'u' };
const hash = '0'.repeat(64);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tacho-coverage-'));
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

function at(hour: number): string {
  return new Date(Date.parse(period.from) + hour * 3_600_000).toISOString();
}

function podLeaf(type: 'pod.injected' | 'pod.deleted' | 'pod.rejected', hour: number): Leaf {
  return { v: 1, type, ...pod, at: at(hour) };
}

function openLeaf(stream: string, hour: number): Leaf {
  const key = { keyId: 'k', publicKey: '', openHash: hash, sig: '' };
  return { v: 1, type: 'stream.open', ...pod, workload: 'w', stream, ...key, receivedAt: at(hour) };
}

function closeLeaf(stream: string, hour: number): Leaf {
  return { v: 1, type: 'stream.close', stream, lastSeq: 7, lastHash: hash, receivedAt: at(hour) };
}

function lostLeaf(stream: string, lastContact: number, hour: number): Leaf {
  const seqs = { lastArchivedSeq: 3, lastReportedSeq: 5, lastReportedDurableSeq: 4 };
  return { v: 1, type: 'stream.lost', stream, ...seqs, lastContact: at(lastContact), reason: 'silent', at: at(hour) };
}

async function intervals(leaves: readonly Leaf[]): Promise<readonly (readonly unknown[])[]> {
  const table = createTableDraft(dir, coverage);
  const reader = createCoverage(table, period);
  for (const [index, leaf] of leaves.entries()) {
    const time = 'at' in leaf ? leaf.at : leaf.receivedAt;
    const place = { index, object: 'o', line: 1, server: undefined, isWithin: isWithin(period, time) };
    reader.takeLeaf?.({ leaf, time, ...place });
  }
  reader.finish?.();
  const rows: (readonly unknown[])[] = [];
  for await (const row of table.rows()) rows.push([row[0], row[5], Number(row[8]) / 3600, row[9]]);
  table.close();
  return rows;
}

test('a restart of the recorder is an interval of its own', async () => {
  const leaves = [
    podLeaf('pod.injected', 1),
    openLeaf('a', 1),
    closeLeaf('a', 3),
    openLeaf('b', 4),
    closeLeaf('b', 6),
    podLeaf('pod.deleted', 6),
  ];
  expect(await intervals(leaves)).toEqual([
    ['recorded', 'a', 2, 'closed'],
    ['between streams', '', 1, ''],
    ['recorded', 'b', 2, 'closed'],
  ]);
});

test('a lost stream is recorded up to its last contact, and not beyond', async () => {
  const leaves = [podLeaf('pod.injected', 1), openLeaf('a', 1), lostLeaf('a', 2, 5), podLeaf('pod.deleted', 6)];
  expect(await intervals(leaves)).toEqual([
    ['recorded', 'a', 1, 'lost'],
    ['after the last stream', '', 4, ''],
  ]);
});

test('a stream without an end lasts until the next one of its pod', async () => {
  const leaves = [podLeaf('pod.injected', 1), openLeaf('a', 1), openLeaf('b', 2), podLeaf('pod.deleted', 3)];
  expect(await intervals(leaves)).toEqual([
    ['recorded', 'a', 1, 'open'],
    ['recorded', 'b', 1, 'open'],
  ]);
});

test('only what lies in the period counts, of a pod that lived longer', async () => {
  const leaves = [podLeaf('pod.injected', -10), openLeaf('a', -9), closeLeaf('a', 30), podLeaf('pod.deleted', 40)];
  expect(await intervals(leaves)).toEqual([['recorded', 'a', 24, 'closed']]);
});

test('a pod that ended before the period, and one that never came to be, are not there', async () => {
  expect(
    await intervals([podLeaf('pod.injected', -5), openLeaf('a', -5), closeLeaf('a', -4), podLeaf('pod.deleted', -3)]),
  ).toEqual([]);
  expect(await intervals([podLeaf('pod.injected', 1), podLeaf('pod.rejected', 2)])).toEqual([]);
});

test('a stream that ended the moment it began is still shown', async () => {
  expect(
    await intervals([podLeaf('pod.injected', 1), openLeaf('a', 1), lostLeaf('a', 1, 2), podLeaf('pod.deleted', 1)]),
  ).toEqual([['recorded', 'a', 0, 'lost']]);
});
