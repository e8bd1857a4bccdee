import { createPublicKey, generateKeyPairSync, hash, verify } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDirectoryStore } from '@tachograph/store';
import { runTacho } from '../app.ts';
import { ArchiveBuilder } from '../testing/archive-builder.ts';
import { type CliResult, runCli } from '../testing/run-cli.ts';

const root = mkdtempSync(join(tmpdir(), 'tacho-verify-'));
const bucket = join(root, 'bucket');
const [policy, witnessed] = [join(root, 'policy.txt'), join(root, 'witnessed.txt')];
const notes: string[] = [];
const segments: string[] = [];
let builder: ArchiveBuilder;

const sessionOf = (n: number): string => `01932b00-0000-7000-8000-0000000000a${n}`;

beforeAll(async () => {
  mkdirSync(bucket);
  builder = new ArchiveBuilder(createDirectoryStore(bucket));
  for (const n of [0, 1, 2]) {
    const stream = builder.openStream();
    stream.add({ kind: 'session.open', session: sessionOf(n) });
    for (let part = 0; part < 3; part += 1) {
      stream.add({ kind: 'mcp.request', session: sessionOf(n), body: `{"id":${part}}` });
      stream.add({ kind: 'mcp.response', session: sessionOf(n), body: `{"id":${part}}` });
      segments.push((await stream.seal()).object);
    }
    await stream.close(sessionOf(n));
    stream.end();
    notes.push(await builder.publish());
  }
  writeFileSync(policy, builder.policy);
  writeFileSync(witnessed, builder.witnessedPolicy);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let copies = 0;

function copyOf(): string {
  copies += 1;
  const dir = join(root, `copy-${copies}`);
  cpSync(bucket, dir, { recursive: true });
  return dir;
}

async function verifying(dir: string, ...args: readonly string[]): Promise<CliResult> {
  return await runCli(['verify', dir, '--policy', policy, ...args]);
}

const nothing = (): void => undefined;

/** Runs and presses Ctrl-C when the n-th line of progress was printed. */
async function interrupted(after: number, ...args: readonly string[]): Promise<CliResult> {
  const written = { out: '', err: '' };
  let stop = nothing;
  let nowMs = Date.parse('2026-11-21T12:00:00Z');
  const code = await runTacho(
    {
      env: {},
      out: (text) => void (written.out += text),
      err: (text) => {
        written.err += text;
        if (written.err.split('\n').length > after) stop();
      },
      progressStream: undefined,
      // Every look at the clock is three seconds later: each step is then shown.
      nowMs: () => (nowMs += 3000),
      readStdin: () => Promise.resolve(''),
      async *stdin() {},
      outReady: () => Promise.resolve(),
      ask: undefined,
      onInterrupt(handler) {
        stop = handler;
        return nothing;
      },
      exit: nothing,
    },
    ['verify', bucket, '--policy', policy, '--progress', ...args],
  );
  return { code, ...written };
}

describe('witnesses', () => {
  test('are named with what they cosigned', async () => {
    const { code, out } = await runCli(['verify', bucket, '--policy', witnessed, '--require-witness']);
    expect(code).toBe(0);
    expect(out).toContain("verified; cosigned by the policy's witnesses up to log size 21");
    expect(out).toContain('w (witness.example) cosigned up to log size 21, at 2026-11-21T12:00:00.000Z');
  });

  test('can be of another policy than the log', async () => {
    const file = join(root, 'only-witnesses.txt');
    writeFileSync(file, builder.witnessedPolicy.replace(/^log .*\n/, ''));
    const { code, out } = await verifying(bucket, '--witness-policy', file);
    expect([code, out.split('\n')[0]]).toEqual([0, "verified; cosigned by the policy's witnesses up to log size 21"]);
  });

  test('that have not signed are missing inputs where they are demanded', async () => {
    const file = join(root, 'other-witness.txt');
    const stranger = new ArchiveBuilder(createDirectoryStore(join(root, 'stranger')));
    writeFileSync(file, stranger.witnessedPolicy.replace(/^log .*\n/, ''));
    const { code, out } = await verifying(bucket, '--witness-policy', file);
    expect(code).toBe(3);
    expect(out).toContain('MISSING witness.missing\n  v1/log/checkpoint/\n  no checkpoint has the quorum w\n');
    writeFileSync(file, stranger.witnessedPolicy);
    expect(await verifying(bucket, '--witness-policy', file)).toMatchObject({
      code: 64,
      err: `tacho: ${file} is for another log than ${policy}\n`,
    });
  });

  test('cannot be demanded of a policy that names none', async () => {
    const { code, err } = await verifying(bucket, '--require-witness');
    expect([code, err]).toEqual([64, 'tacho: witnesses are demanded, but the quorum of the policy is none\n']);
  });
});

describe('the newest checkpoint', () => {
  test('is remembered for each log, and anchors the next run', async () => {
    const state = join(root, 'state', 'checkpoints.json');
    expect((await verifying(bucket, '--state', state)).out).toContain('self-consistent, not independently anchored');
    expect((await verifying(bucket, '--state', state)).out).toContain(
      'verified; extends the remembered checkpoint of log size 21',
    );
    expect((await verifying(bucket, '--state', state, '--no-remember')).out).toContain('not independently anchored');
    const other = join(root, 'other-log');
    const stranger = new ArchiveBuilder(createDirectoryStore(other));
    stranger.openStream().add({ kind: 'heartbeat' });
    await stranger.publish();
    writeFileSync(join(root, 'stranger.txt'), stranger.policy);
    const seen = await runCli(['verify', other, '--policy', join(root, 'stranger.txt'), '--state', state]);
    expect(seen.out).toContain('not independently anchored');
    expect(Object.keys(JSON.parse(readFileSync(state, 'utf8')).logs)).toHaveLength(2);
  });

  test('is kept in the home directory unless it is said otherwise', async () => {
    const env = { HOME: join(root, 'home') };
    expect((await runCli(['verify', bucket, '--policy', policy], { env })).code).toBe(0);
    expect(existsSync(join(root, 'home/.local/state/tachograph/checkpoints.json'))).toBe(true);
    const xdg = { ...env, XDG_STATE_HOME: join(root, 'xdg') };
    expect((await runCli(['verify', bucket, '--policy', policy], { env: xdg })).code).toBe(0);
    expect(existsSync(join(root, 'xdg/tachograph/checkpoints.json'))).toBe(true);
  });

  test('refuses a truncated history in a sentence of its own, and is not forgotten for it', async () => {
    const state = join(root, 'truncated.json');
    await verifying(bucket, '--state', state);
    const dir = copyOf();
    const batches = readdirSync(join(dir, 'v1/log/batch')).toSorted();
    rmSync(join(dir, 'v1/log/batch', batches[2] ?? ''));
    rmSync(join(dir, 'v1/log/checkpoint/0000000000000021'));
    const { code, out } = await verifying(dir, '--state', state);
    expect(code).toBe(1);
    expect(out).toContain(
      'TAMPERED checkpoint.remembered\n  (remembered checkpoint)\n  history was truncated: the log had 21 leaves when it was verified at 2026-11-21T12:00:00.000Z, now it has 14',
    );
    expect((await verifying(bucket, '--state', state)).out).toContain('remembered checkpoint of log size 21');
  });

  test('is not believed when the list of them is something else', async () => {
    const state = join(root, 'bad-state.json');
    writeFileSync(state, '{"v":1,"logs":{"x":{"note":7}}}');
    const { code, err } = await verifying(bucket, '--state', state);
    expect([code, err]).toEqual([64, `tacho: ${state} is not a list of remembered checkpoints\n`]);
  });
});

describe('a report', () => {
  const dir = join(root, 'report');
  const pair = generateKeyPairSync('ed25519');
  const keyFile = join(root, 'auditor.pem');

  beforeAll(() => writeFileSync(keyFile, pair.privateKey.export({ type: 'pkcs8', format: 'pem' })));

  test('is signed, and says what was verified and against what', async () => {
    const { code } = await verifying(bucket, '--report', dir, '--sign-key', keyFile);
    expect(code).toBe(0);
    const bytes = readFileSync(join(dir, 'report.json'));
    const signature = Buffer.from(readFileSync(join(dir, 'report.json.sig'), 'utf8'), 'base64');
    expect(verify(null, bytes, pair.publicKey, signature)).toBe(true);
    const spki = createPublicKey(pair.privateKey).export({ type: 'spki', format: 'der' });
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({
      kind: 'tachograph.verify-report',
      verifier: { program: 'tacho', version: '0.1.0' },
      startedAt: '2026-11-21T12:00:00.000Z',
      archive: bucket,
      policy: { sha256: hash('sha256', readFileSync(policy), 'hex'), quorum: 'none' },
      verdict: 'verified',
      exitCode: 0,
      checkpoint: { origin: 'tachograph.dev/demo', size: 21, note: notes[2] },
      period: { from: '2026-11-21T12:00:00.000Z', to: '2026-11-21T12:00:00.000Z' },
      coverage: 'stated by the operator',
      counts: { streams: 3, segments: 12, records: 27, sessions: 3 },
      findings: { counts: { tampered: 0, missing: 0, incomplete: 0, note: 0 }, listed: 0, list: [] },
      signer: { keyId: hash('sha256', spki, 'hex').slice(0, 32) },
    });
  });

  test('as a page loads nothing, runs nothing, and escapes what an attacker named', async () => {
    const hurt = copyOf();
    const evil = join(hurt, 'v1/records/<script>alert(1)<', 'script>&"x.jsonl.gz');
    mkdirSync(join(evil, '..'), { recursive: true });
    copyFileSync(join(hurt, segments[0] ?? ''), evil);
    const { code } = await verifying(hurt, '--report', join(root, 'page'));
    expect(code).toBe(0);
    const page = readFileSync(join(root, 'page', 'report.html'), 'utf8');
    expect(page).toContain("content=\"default-src 'none'; style-src 'unsafe-inline'\"");
    expect(page).toContain('v1/records/&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;x.jsonl.gz');
    expect(page.match(/<script|src=|href=|url\(/g)).toBeNull();
    expect(existsSync(join(root, 'page', 'report.json.sig'))).toBe(false);
  });

  test('is not signed with what is no Ed25519 key, and not without a report', async () => {
    const file = join(root, 'rsa.pem');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(file, rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { code, err } = await verifying(bucket, '--report', dir, '--sign-key', file);
    expect([code, err]).toEqual([64, `tacho: ${file} is not an Ed25519 private key in PKCS8 PEM\n`]);
    expect((await verifying(bucket, '--sign-key', keyFile)).code).toBe(64);
  });
});

describe('an audit log of the API server', () => {
  test('is compared, and what it lacks is named', async () => {
    const file = join(root, 'audit.jsonl');
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      stage: 'ResponseComplete',
      verb: 'create',
      objectRef: { resource: 'pods' },
      responseStatus: { code: 201 },
      responseObject: {
        metadata: { name: 'hidden', namespace: 'team-a', uid: 'u1', labels: { 'tachograph.dev/mcp-server': 'true' } },
      },
      stageTimestamp: '2026-11-21T11:00:00.000Z',
    };
    writeFileSync(
      file,
      `${JSON.stringify(event)}\n${JSON.stringify({ ...event, verb: 'get', stageTimestamp: '2026-11-21T14:00:00Z' })}\n`,
    );
    const { code, out } = await verifying(bucket, '--pods', file);
    expect(code).toBe(1);
    expect(out).toContain('coverage  compared with the audit log');
    expect(out).toContain(
      'pod team-a/hidden (u1) was created without a recorder at 2026-11-21T11:00:00.000Z; the log does not mention it',
    );
    expect(out.match(/audit.invented/g)).toHaveLength(3);
  });
});

describe('a long run', () => {
  test('prints how far it is', async () => {
    const { err } = await interrupted(Infinity);
    expect(err).toMatch(/verify: log 3 of 3\n.*verify: segments \d+ of 12, 0 MB of records/s);
  });

  test('that is interrupted ends cleanly, and goes on to the same verdict', async () => {
    const file = join(root, 'resume.jsonl');
    const fresh = await verifying(bucket, '--json');
    for (const after of [2, 4, 6, 8, 10]) {
      rmSync(file, { force: true });
      const cut = await interrupted(after, '--resume', file);
      expect([cut.code, cut.out, cut.err.split('\n').at(-2)]).toEqual([
        130,
        '',
        `tacho: interrupted; go on with --resume ${file}`,
      ]);
      const { code, out, err } = await verifying(bucket, '--json', '--resume', file);
      expect([code, JSON.parse(out)]).toEqual([0, JSON.parse(fresh.out)]);
      expect(err === '' || err.includes('going on with what an earlier run kept')).toBe(true);
      // Nothing is left to go on with.
      expect(existsSync(file)).toBe(false);
    }
  });

  test('begins anew with what is of another archive or policy', async () => {
    const file = join(root, 'resume-other.jsonl');
    await interrupted(8, '--resume', file);
    const { code, err } = await runCli(['verify', bucket, '--policy', witnessed, '--resume', file]);
    expect([code, err]).toEqual([0, `tacho: ${file} is of another archive, policy or version: beginning anew\n`]);
    writeFileSync(file, 'junk\n');
    expect((await verifying(bucket, '--resume', file)).code).toBe(64);
  });
});
