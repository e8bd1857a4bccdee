import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { StoredRecord } from '@tachograph/protocol';
import { faultsOf, recoverOnce, runAndKill } from './kill-loop.test-support.ts';
import { createSpoolDir, readSealedStream } from './recording.test-support.ts';

/** `KILLS=200` for the long run. */
const kills = Number(process.env['KILLS'] ?? 20);

describe.each(['process', 'node'] as const)('a process killed under load, %s', (durability) => {
  test('leaves every acknowledged record, in one unbroken chain, and the next start names what it had open', async () => {
    const spoolDir = createSpoolDir();
    let before = '';
    let acknowledged = 0;
    for (let i = 0; i < kills / 2; i += 1) {
      const run = await runAndKill(spoolDir, durability, (i * 53) % 200);
      acknowledged += run.acknowledged.length;
      const after = await recoverOnce(spoolDir);
      expect(faultsOf(spoolDir, run)).toEqual([]);
      const { records } = readSealedStream(join(spoolDir, after));
      const resumed = records.filter((record) => record.kind === 'stream.resume').map((record) => record.detail);
      const old = readSealedStream(join(spoolDir, run.stream));
      expect(resumed).toHaveLength(1);
      expect(resumed[0]).toMatchObject({
        previous_stream: run.stream,
        previous_seq: old.records.length - 1,
        previous_hash: old.hashes.at(-1),
        state_known: true,
        damaged_bytes: 0,
      });
      expect(previousOf(old.records)).toBe(before);
      expect(unknownOf(resumed[0])).toEqual(unanswered(old.records));
      before = after;
    }
    expect(acknowledged).toBeGreaterThan(kills);
  });
});

function previousOf(records: readonly StoredRecord[]): unknown {
  return (records[0]?.detail?.['previous'] as { stream: string } | null)?.stream ?? '';
}

function unknownOf(detail: StoredRecord['detail']): unknown {
  const unknown = (detail?.['unknown'] ?? []) as readonly { readonly seq: number }[];
  return unknown.map(({ seq }) => seq);
}

function unanswered(records: readonly StoredRecord[]): number[] {
  const answered = new Set(records.filter((one) => one.kind === 'mcp.response').map((one) => one.jsonrpc_request_id));
  const asked = records.filter((one) => one.kind === 'mcp.request');
  return asked.filter((one) => !answered.has(one.jsonrpc_request_id)).map((one) => one.seq);
}
