/**
 * Counts what masking costs, exactly: how often each block of the package's code runs, and the characters that patterns
 * read. In a process of its own, which compiles nothing: compiled code is not counted in full.
 *   node --no-opt --no-maglev --no-sparkplug --conditions=source <this file> LENGTH NAME…
 * Prints `{name: [work, work at twice the length]}`.
 */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { inflateRawSync } from 'node:zlib';
import { createMasker } from './index.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';
import { work } from './scan/work.ts';

const [, , length, ...names] = process.argv;
const units: unknown = JSON.parse(readFileSync(new URL('../../../bench/hostile-texts.json', import.meta.url), 'utf8'));
const inflate = (bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined => {
  try {
    return inflateRawSync(bytes, { maxOutputLength });
  } catch {
    return undefined;
  }
};
const masker = createMasker({}, { ...nodeCrypto, inflate });
const session = new Session();

async function blocksRun(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const own = result.filter(({ url }) => url.includes('/masking/src/'));
  return own
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, it) => sum + it.count, 0);
}

async function costOf(text: string): Promise<number> {
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } });
  await blocksRun();
  const before = work.read;
  masker.maskJson(message);
  const read = work.read - before;
  return (await blocksRun()) + read;
}

async function count(): Promise<Readonly<Record<string, readonly number[]>>> {
  const counted: Record<string, readonly number[]> = {};
  for (const [name, unit] of Object.entries(units ?? {})) {
    if (!names.includes(name)) continue;
    const times = Math.ceil(Number(length) / String(unit).length);
    // What is built at the first use is not counted.
    await costOf(String(unit).repeat(times));
    const single = await costOf(String(unit).repeat(times));
    counted[name] = [single, await costOf(String(unit).repeat(2 * times))];
  }
  return counted;
}

session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
process.stdout.write(JSON.stringify(await count()));
