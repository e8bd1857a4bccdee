// Bits flip on the way to storage and on its disk; the first is refused and sent again, the second is found by name and line.
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { account, pullAndVerify, verify } from './account.mjs';
import { freePort } from '../../demo/processes.mjs';
import { withRig, tacho } from './rig.mjs';

/** Relays TCP and flips one bit in the middle of some large pieces: inside of an uploaded body. */
async function startNoisyWire(targetPort, wanted) {
  const state = { flips: 0 };
  const server = createServer((inward) => {
    const outward = connect(targetPort, '127.0.0.1');
    const end = () => (inward.destroy(), outward.destroy());
    for (const socket of [inward, outward]) socket.on('error', end).on('close', end);
    inward.on('data', (chunk) => {
      const at = chunk.length - 200;
      // A gzip body ends before the closing boundary, which is shorter than what is left alone here.
      if (state.flips < wanted && chunk.includes('.jsonl.gz') && chunk.includes('Content-Type: application/gzip')) {
        chunk[at] ^= 0x10;
        state.flips += 1;
      }
      outward.write(chunk);
    });
    outward.on('data', (chunk) => inward.write(chunk));
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${port}`, state, close: () => server.close() };
}

const segmentsOf = (dir) => globSync('v1/records/**/*.jsonl.gz', { cwd: dir }).toSorted();

const damages = {
  'one bit flipped': (dir, [file]) => {
    const bytes = readFileSync(join(dir, file));
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(join(dir, file), bytes);
  },
  'cut in half': (dir, [file]) => {
    const bytes = readFileSync(join(dir, file));
    writeFileSync(join(dir, file), bytes.subarray(0, bytes.length >> 1));
  },
  'two segments swapped': (dir, [one, other]) => {
    const [first, second] = [one, other].map((file) => readFileSync(join(dir, file)));
    writeFileSync(join(dir, one), second);
    writeFileSync(join(dir, other), first);
  },
};

/** Damages a copy; the verifier must say tampered and name what was damaged. */
async function detect(rig, archive, [name, damage]) {
  const copy = join(rig.dir, 'damaged');
  cpSync(archive, copy, { recursive: true });
  const files = segmentsOf(copy).slice(1, 3);
  damage(copy, files);
  const { code, findings } = await verify(rig, copy);
  rmSync(copy, { recursive: true });
  const found = findings.find(({ severity, object }) => severity === 'tampered' && files.includes(object));
  const where = found === undefined ? 'not named' : `${found.kind}${found.line ? ` line ${found.line}` : ''}`;
  return { name, ok: code === 1 && found !== undefined, where, reason: found?.reason };
}

/** The same in the bucket itself: pull says so, and so does a verification of what was pulled. */
async function damageBucket(rig, how) {
  const { body } = {
    body: await rig.bucket.fault({ kind: 'corrupt-at-rest', how, match: { objectPrefix: 'v1/records/' } }),
  };
  const [{ name }] = body.corrupted;
  const dir = join(rig.dir, `pulled-${how}`);
  const pulled = await tacho(['pull', ...rig.where, '--all', '--out', dir], { codes: [0, 1, 3] });
  const { code, findings } = await verify(rig, dir);
  const found = findings.find(({ severity, object }) => severity === 'tampered' && object === name);
  const where = found === undefined ? 'not named' : `${found.kind}${found.line ? ` line ${found.line}` : ''}`;
  return {
    name: `in the bucket: ${how}`,
    ok: pulled.code === 1 && code === 1 && found !== undefined,
    where,
    reason: found?.reason,
  };
}

export const drill = {
  number: 6,
  title: 'corruption in transit and at rest',
  scaled: 'none',
  async run() {
    return withRig({}, async (rig) => {
      const wire = await startNoisyWire(Number(new URL(rig.endpoint).port), 3);
      await rig.stop('controller');
      await rig.startController('controller', { env: { TACHO_STORAGE_ENDPOINT: wire.url } });
      const env = { TACHO_DURABILITY: 'archive' };
      await rig.startSidecar('sidecar', { env });
      const load = await rig.load('sidecar', { clients: 2, pauseMs: 50 });
      await load.progress(30, 60_000);
      await load.stop();
      await rig.drain('sidecar', { env });
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      wire.close();
      const { figures, wrong } = account({ ...pulled, executed, loads: rig.loads });
      const results = [];
      for (const one of Object.entries(damages)) results.push(await detect(rig, pulled.archive, one));
      for (const how of ['flip', 'truncate']) results.push(await damageBucket(rig, how));
      return {
        figures: { ...figures, flips: wire.state.flips },
        wrong: [
          ...wrong,
          ...(wire.state.flips < 3 ? [`only ${wire.state.flips} bits were flipped in transit`] : []),
          ...([0, 2].includes(figures.exit) ? [] : ['what came over the noisy wire is not verified']),
          ...results.filter(({ ok }) => !ok).map(({ name, where }) => `not found: ${name} (${where})`),
        ],
        note: [
          `${wire.state.flips} uploads with a flipped bit were refused by their crc32c and sent again`,
          ...results.map(({ name, where, reason }) => `${name}: exit 1, ${where}: ${reason}`),
        ],
      };
    });
  },
};
