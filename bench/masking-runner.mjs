// One contender in a process of its own:  node --expose-gc bench/masking-runner.mjs <what> <contender> <bundle>
// Prints JSON. `speed`: MB of text a second of CPU; `hostile`: the same, and the time at twice the length; `memory`: RSS
// behind masking the corpora; `cold`: ms, and ms of CPU, from nothing loaded to a masker, and on to the first answer.
import { benignCorpora, hostileCorpora } from './masking-corpora.mjs';
import { contenders } from './masking-contenders.mjs';

const [, , what, name, bundle] = process.argv;
const corpusLength = 1_000_000;
const hostileLength = 200_000;
const warmUpMs = 300;
const budgetMs = 1000;
const slowLength = 100_000;

/** CPU seconds of one call. */
async function costOf(mask, corpus, limitMs) {
  const endMs = performance.now() + limitMs;
  const before = process.cpuUsage();
  let runs = 0;
  do {
    await mask(corpus);
    runs += 1;
  } while (performance.now() < endMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs / 1e6;
}

/** Slow contenders are given a part of the text. */
async function fitting(mask, corpora) {
  const start = performance.now();
  await mask({ json: '{}', text: Object.values(corpora)[0].text.slice(0, 10_000) });
  if (performance.now() - start < 60) return corpora;
  return Object.fromEntries(
    Object.entries(corpora).map(([key, { json, text }]) => [key, { json, text: text.slice(0, slowLength) }]),
  );
}

/** What the contender read. */
function sizeOf({ json, text }) {
  return name === 'tachograph' ? json.length : text.length;
}

async function speed(mask) {
  const corpora = await fitting(mask, benignCorpora(corpusLength));
  const figures = {};
  for (const corpus of Object.values(corpora)) await costOf(mask, corpus, warmUpMs);
  for (const [key, corpus] of Object.entries(corpora)) {
    const cost = await costOf(mask, corpus, budgetMs);
    figures[key] = { mbPerSecond: sizeOf(corpus) / cost / 1e6, hits: await mask(corpus) };
  }
  return figures;
}

async function hostile(mask) {
  const figures = {};
  for (const [key, { once, twice }] of Object.entries(hostileCorpora(hostileLength))) {
    await costOf(mask, { json: once }, warmUpMs / 3);
    // In turn, and the least of each: other load on the machine only ever adds.
    const pairs = [];
    for (let i = 0; i < 3; i += 1) {
      pairs.push([
        await costOf(mask, { json: once }, budgetMs / 20),
        await costOf(mask, { json: twice }, budgetMs / 10),
      ]);
    }
    const single = Math.min(...pairs.map(([cost]) => cost));
    const double = Math.min(...pairs.map(([, cost]) => cost));
    figures[key] = { mbPerSecond: once.length / single / 1e6, growth: double / single };
  }
  return figures;
}

async function memory(load) {
  const corpora = Object.values(benignCorpora(corpusLength));
  const mask = await load({ bundle });
  for (let i = 0; i < 5; i += 1) for (const corpus of corpora) await mask(corpus);
  // Twice: V8 gives pages back behind the second.
  globalThis.gc();
  globalThis.gc();
  return { rssMb: process.memoryUsage.rss() / 1e6 };
}

async function cold(load) {
  const start = performance.now();
  const before = process.cpuUsage();
  const mask = await load({ bundle });
  const { user, system } = process.cpuUsage(before);
  const loadedMs = performance.now() - start;
  await mask({ json: '{"text":"hello"}', text: 'hello' });
  return { loadedMs, loadedCpuMs: (user + system) / 1000, firstAnswerMs: performance.now() - start };
}

async function run() {
  const load = contenders[name];
  if (what === 'memory') return await memory(load);
  if (what === 'cold') return await cold(load);
  const mask = await load({ bundle });
  return what === 'speed' ? await speed(mask) : await hostile(mask);
}

console.log(JSON.stringify(await run()));
