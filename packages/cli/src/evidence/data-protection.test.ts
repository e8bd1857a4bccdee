import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Leaf, StoredRecord } from '@tachograph/protocol';
import { createDataProtection, dataProtection } from './data-protection.ts';
import { createTableDraft, type TableDraft } from './evidence-table.ts';

const place = { index: 1, object: 'v1/log/batch/1', line: 5, server: undefined, time: '2026-11-20T10:00:00.000Z' };
const server = { cluster: 'c', namespace: 'n', workload: 'w', pod: 'p', podUid: 'u' };

let dir: string;
let table: TableDraft;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tacho-protection-'));
  table = createTableDraft(dir, dataProtection);
});
afterEach(async () => {
  table.close();
  await rm(dir, { recursive: true, force: true });
});

async function rows(): Promise<readonly (readonly unknown[])[]> {
  const found: (readonly unknown[])[] = [];
  for await (const row of table.rows()) found.push(row.slice(0, 6));
  return found;
}

test('purges and destroyed keys of the period are shown, with who and why', async () => {
  const objects = [
    { object: 'a', generation: '1' },
    { object: 'b', generation: '1' },
  ];
  const purge: Leaf = { v: 1, type: 'purge', purge: 'p1', objects, part: 1, parts: 1, before: 'T', at: place.time };
  const by = ['carol', 'dave'].map((sub) => ({ iss: 'i', sub }));
  const destroyed: Leaf = { v: 1, type: 'key.destroyed', session: 's1', by, reason: 'case 9', at: place.time };
  const protection = createDataProtection(table);
  protection.takeLeaf?.({ ...place, leaf: purge, isWithin: true });
  protection.takeLeaf?.({ ...place, leaf: purge, isWithin: false });
  protection.takeLeaf?.({ ...place, leaf: destroyed, isWithin: true });
  expect(protection.totals).toMatchObject({ purges: 2, erasures: 1 });
  expect(await rows()).toEqual([
    [
      'purge',
      'p1',
      '',
      'objects',
      2,
      `retention over before T; lifecycle; stated at ${place.time} before the deletion`,
    ],
    ['erasure', 's1', '', 'key destroyed', 1, 'carol (i) and dave (i): case 9'],
  ]);
});

test('what a client saw unmasked, and what nobody could inspect, are told apart from hits', async () => {
  const span = { rule: 'email', path: '/a', count: 2, transform: 'token' };
  const mask = { rules: 'r', hits: 2, spans: [span], client_saw: [span], uninspected: 3 };
  const record: StoredRecord = {
    v: 1,
    stream: 's',
    seq: 1,
    prev: '0'.repeat(64),
    time: place.time,
    mono_ns: 1,
    kind: 'mcp.response',
    mask,
  };
  const protection = createDataProtection(table);
  const at = { hash: '', index: 1, object: 'o', line: 1, server };
  protection.takeRecord?.({ ...at, record });
  protection.takeRecord?.({ ...at, record: { ...record, mask: { rules: 'r', hits: 0, inspected: false } } });
  protection.finish?.();
  expect(protection.totals).toMatchObject({ maskHits: 2, maskedMessages: 1, notInspected: 4 });
  expect(await rows()).toEqual([
    ['masking', 'email', 'n/w', 'token', 2, ''],
    ['passed masking', 'email', 'n/w', 'token', 2, ''],
    ['not inspected', 'part of a message', 'n/w', 'passed', 3, ''],
    ['not inspected', 'message', 'n/w', 'passed', 1, ''],
  ]);
});
