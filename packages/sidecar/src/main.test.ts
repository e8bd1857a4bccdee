import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { post, toolCall } from './testing/client.ts';
import { answerJson, startUpstream } from './testing/upstream.ts';
import { openBundle } from './testing/open-bundle.ts';

const entry = join(import.meta.dirname, 'main.ts');
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tacho-main-'));
  writeFileSync(
    join(dir, 'policy.json'),
    JSON.stringify({
      ...openBundle,
      rules: [{ policy: 'p', name: 'no-drop', what: { tools: ['drop*'] }, verdict: 'deny' }],
    }),
  );
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly out: string;
}

/** Runs the real process until it ends; `onOut` sees everything it has printed. */
async function run(
  environment: Readonly<Record<string, string>>,
  onOut?: (out: string, stop: () => void) => void,
): Promise<Ran> {
  const env = { PATH: process.env['PATH'] ?? '', TACHO_SPOOL: join(dir, 'spool'), ...environment };
  const child = spawn(process.execPath, ['--conditions=source', entry], { env });
  let out = '';
  child.stdout.on('data', (text: Buffer) => {
    out += text.toString();
    onOut?.(out, () => void child.kill('SIGTERM'));
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  return servers.map((server) => {
    const address = server.address();
    server.close();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
}

function spooled(): readonly string[] {
  const spool = join(dir, 'spool');
  return readdirSync(spool, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl.gz') || name.endsWith('.open.jsonl'))
    .flatMap((name) => {
      const bytes = readFileSync(join(spool, name));
      return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trim().split('\n');
    });
}

describe('the process', () => {
  test('ends with 78 and names the setting that is wrong', async () => {
    const { code, out } = await run({ TACHO_CONTROLLER: 'off', TACHO_OFF: 'identity' });
    expect(code).toBe(78);
    expect(out).toContain('setting TACHO_POLICY is not set; expected a JSON file');
  });

  test('serves, records what is off and by which policy, and closes its stream when told to end', async () => {
    const upstream = await startUpstream(answerJson({ ok: true }));
    const [port = 0, admin = 0] = await freePorts(2);
    let answers: Promise<readonly Response[]> | undefined;
    const { code, out } = await run(
      {
        TACHO_CONTROLLER: 'off',
        TACHO_OFF: 'identity',
        TACHO_POLICY: join(dir, 'policy.json'),
        TACHO_LISTEN: `127.0.0.1:${port}`,
        TACHO_UPSTREAM: upstream.url.replace('127.0.0.1', 'auto'),
        TACHO_ADMIN: `127.0.0.1:${admin}`,
      },
      (seen, stop) => {
        if (answers !== undefined || !seen.includes('"listening"')) return;
        answers = Promise.all([
          fetch(`http://127.0.0.1:${admin}/readyz`),
          post(`http://127.0.0.1:${port}/mcp`, toolCall(1)),
          post(`http://127.0.0.1:${port}/mcp`, toolCall(2).replace('"echo"', '"drop_table"')),
        ]);
        void answers.finally(stop);
      },
    );
    expect((await answers)?.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(upstream.received).toHaveLength(1);
    expect(code).toBe(0);
    expect(out).not.toContain('"level":"error"');
    const kinds = spooled().map((line) => {
      const { kind }: { kind?: string } = JSON.parse(line);
      return kind;
    });
    expect(kinds[0]).toBe('stream.open');
    expect(kinds.at(-1)).toBe('stream.close');
    expect(kinds).toEqual(expect.arrayContaining(['config.step_off', 'policy.applied', 'mcp.request', 'mcp.response']));
    await upstream.close();
  });
});
