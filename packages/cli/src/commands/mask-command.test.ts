import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliResult, runCli } from '../testing/run-cli.ts';

const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
const clean = '{"jsonrpc":"2.0", "id":1,"result":{"big":12345678901234567890,"b":1.0,"a":"\\u0041"}}';
const masked = `{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"use ${secret} now"}]}}`;
let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tacho-mask-'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function fileOf(name: string, text: string): string {
  const file = join(root, name);
  writeFileSync(file, text);
  return file;
}

async function mask(stdin: string | Uint8Array, ...argv: readonly string[]): Promise<CliResult> {
  return runCli(['mask', ...argv], { stdin });
}

function policy(masking: string): string {
  return `apiVersion: tachograph.dev/v1alpha1\nkind: McpPolicy\nmetadata:\n  name: a\nspec:\n  masking:\n    ${masking}\n`;
}

function callLine(id: number, name: string): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}","arguments":{"body":"b"}}}\n`;
}

function answerLine(id: number): string {
  return `{"jsonrpc":"2.0","id":${id},"result":{"body":"b"}}\n`;
}

function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
}

describe('tacho mask of a text', () => {
  test('hides the secret and keeps every other byte', async () => {
    const { code, out, err } = await mask(`\ufeffé use ${secret} now\r\n\n`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe('\ufeffé use [REDACTED:github-token] now\r\n\n');
  });

  test('prints evidence without the value', async () => {
    const { err } = await mask(`a ${secret} b ${secret}`, '--report');
    expect(jsonLines(err)).toEqual([
      expect.objectContaining({ line: 1, rule: 'github-token', path: '', count: 2, transform: 'redact' }),
    ]);
    expect(err).not.toContain(secret.slice(4, 14));
  });

  test('prints one JSON document', async () => {
    const { out } = await mask(`use ${secret}`, '--json');
    expect(JSON.parse(out)).toMatchObject({
      point: 'client',
      hits: 1,
      evidence: [{ rule: 'github-token' }],
      text: 'use [REDACTED:github-token]',
    });
  });

  test.each([
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from(secret), Buffer.from([0xff])]),
      'not valid UTF-8 (not_utf8)',
    ],
    ['more than 16 MiB', Buffer.alloc(16 * 1024 * 1024 + 1, secret), 'longer than 16 MiB (too_large)'],
  ])('refuses %s and prints nothing of them', async (_, stdin, reason) => {
    expect(await mask(stdin)).toEqual({ code: 1, out: '', err: `tacho: the input is refused: ${reason}\n` });
  });
});

describe('tacho mask --jsonrpc', () => {
  test('passes lines without a hit byte for byte, blank ones too', async () => {
    const stdin = `${clean}\r\n\n${clean}`;
    expect(await mask(stdin, '--jsonrpc')).toEqual({ code: 0, out: stdin, err: '' });
  });

  test('masks the lines that need it', async () => {
    const { out } = await mask(`${clean}\n${masked}\n`, '--jsonrpc');
    expect(out).toBe(`${clean}\n${masked.replace(secret, '[REDACTED:github-token]')}\n`);
  });

  const deep = `{"jsonrpc":"2.0","id":1,"result":${'['.repeat(5000)}${']'.repeat(5000)}}`;
  test.each([
    ['no JSON', `{"a":"${secret}"`, 'not valid JSON (invalid)'],
    ['not a number', '{"result":{"a":NaN}}', 'not valid JSON (invalid)'],
    ['5,000-deep JSON', deep, 'nested deeper than 128 levels (too_deep)'],
    [
      'a request with a duplicate key',
      `{"method":"a","params":{"a":1,"a":"${secret}"}}`,
      'a request with a duplicate key (duplicate_key)',
    ],
    ['a duplicate key before no JSON', '{"a":1,"a":2,', 'not valid JSON (invalid)'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not valid UTF-8 (not_utf8)'],
    ['more than 16 MiB', `"${'a'.repeat(16 * 1024 * 1024)}"`, 'longer than 16 MiB (too_large)'],
  ])('refuses a line that is %s, by number and reason, and goes on', async (_, bad, reason) => {
    const stdin = Buffer.concat([Buffer.from(`${clean}\n`), Buffer.from(bad), Buffer.from(`\n${clean}\n`)]);
    const { code, out, err } = await mask(stdin, '--jsonrpc');
    expect([code, err]).toEqual([1, `tacho: line 2: refused: ${reason}\n`]);
    expect(out).toBe(`${clean}\n${clean}\n`);
  });

  test('masks every occurrence of a duplicate key in an answer', async () => {
    const { code, out } = await mask(`{"id":1,"result":{"a":"${secret}","a":"${secret}"}}`, '--jsonrpc');
    expect([code, out]).toEqual([0, '{"id":1,"result":{"a":"[REDACTED:github-token]","a":"[REDACTED:github-token]"}}']);
  });

  test('writes evidence into a file, refusals too', async () => {
    const file = join(root, 'evidence.jsonl');
    await mask(`${clean}\n${masked}\n{\n`, '--jsonrpc', '--report', file);
    expect(jsonLines(readFileSync(file, 'utf8'))).toEqual([
      expect.objectContaining({ line: 2, rule: 'github-token', path: '/result/content/0/text', count: 1 }),
      { line: 3, refused: 'invalid', message: 'not valid JSON (invalid)' },
    ]);
  });

  test('keeps stderr JSON where evidence goes there', async () => {
    const { err } = await mask(`${masked}\n{\n`, '--jsonrpc', '--report', '-');
    expect(jsonLines(err)).toHaveLength(2);
  });

  test('prints a JSON object for each line', async () => {
    const { out } = await mask(`${clean}\n{\n${masked}`, '--jsonrpc', '--json');
    expect(jsonLines(out)).toMatchObject([
      { line: 1, hits: 0, evidence: [], text: clean },
      { line: 2, refused: 'invalid' },
      { line: 3, hits: 1, evidence: [{ rule: 'github-token' }] },
    ]);
  });
});

describe('tacho mask --serve', () => {
  test('answers in order, with offsets in the input', async () => {
    const text = `é\u{1f511} ${secret}`;
    const stdin = `${JSON.stringify({ text: 'nothing' })}\n${JSON.stringify({ text })}\n`;
    const { code, out } = await mask(stdin, '--serve');
    expect(code).toBe(0);
    expect(jsonLines(out)).toEqual([
      { text: 'nothing', findings: [] },
      { text: 'é\u{1f511} [REDACTED:github-token]', findings: [{ rule: 'github-token', start: 4, end: text.length }] },
    ]);
  });

  test.each(['{', '{}', '{"text":1}', 'null', '', '["text"]'])('answers %p with an error and goes on', async (bad) => {
    const { code, out } = await mask(`${bad}\n{"text":"a"}\n`, '--serve');
    expect(code).toBe(0);
    expect(jsonLines(out)).toEqual([
      { error: 'line 1: expected one JSON object {"text": "..."} in UTF-8' },
      { text: 'a', findings: [] },
    ]);
  });

  test('the real process answers each line before the next one comes', async () => {
    const entry = join(import.meta.dirname, '../main.ts');
    const child = spawn(process.execPath, ['--conditions=source', entry, 'mask', '--serve'], { stdio: 'pipe' });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (const text of ['one', `two ${secret}`, 'three']) {
      child.stdin.write(`${JSON.stringify({ text })}\n`);
      const { value }: { value?: string | undefined } = await lines.next();
      expect(JSON.parse(value ?? '')).toMatchObject({ text: text.replace(secret, '[REDACTED:github-token]') });
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  });
});

describe('tacho mask --policy', () => {
  test('takes the YAML of the cluster', async () => {
    const file = fileOf('policy.yaml', policy('{off: [github-token], keys: [pet name]}'));
    const { out } = await mask(`{"a":"${secret}","pet_name":"rex"}`, '--jsonrpc', '--policy', file);
    expect(out).toBe(`{"a":"${secret}","pet_name":"[REDACTED:custom-key]"}`);
  });

  test('applies the rules of a tool to its calls and, by their id, to their answers', async () => {
    const file = fileOf('tool.yaml', policy('{rules: [{tool: "read*", path: "$..body", transform: redact}]}'));
    const { out } = await mask(
      `${callLine(1, 'read_x')}${callLine(2, 'list')}${answerLine(2)}${answerLine(1)}`,
      '--jsonrpc',
      '--policy',
      file,
    );
    expect(out.split('\n').map((line) => line.includes('"b"'))).toEqual([false, true, true, false, false]);
  });

  test('says that it does not ask a recognizer', async () => {
    const file = fileOf('recognizer.yaml', policy('{recognizer: {url: "http://127.0.0.1:1"}}'));
    const { code, err } = await mask('Ann Lee', '--policy', file);
    expect([code, err]).toEqual([0, "tacho: warning: the policy's recognizer is not asked here\n"]);
  });

  test('takes a spec alone', async () => {
    const file = fileOf('spec.yaml', 'masking:\n  off: [github-token]\n');
    expect((await mask(secret, '--policy', file)).out).toBe(secret);
  });

  test.each([
    ['an unknown field', policy('{of: []}'), 'spec.masking.of: unknown field'],
    [
      'an unknown rule',
      policy('{off: [no-such-rule]}'),
      'spec.masking.off.0: no masking rule has the id "no-such-rule"',
    ],
    [
      'another kind',
      'apiVersion: v1\nkind: Pod\n',
      'kind: expected McpPolicy; apiVersion: expected tachograph.dev/v1alpha1',
    ],
    ['a field beside the spec', `${policy('{}')}masking: {}\n`, 'masking: unknown field'],
    ['several documents', 'masking: {}\n---\nmasking: {}\n', 'file: expected one YAML document, got 2'],
    ['no mapping', '- a\n', 'file: expected a mapping'],
  ])('refuses %s with its path', async (name, text, fault) => {
    const file = fileOf(`${name}.yaml`, text);
    expect(await mask(secret, '--policy', file)).toEqual({ code: 64, out: '', err: `tacho: ${file}: ${fault}\n` });
  });

  test('refuses what is no YAML, with the line', async () => {
    const file = fileOf('broken.yaml', 'masking:\n  off: [\n');
    const { code, err } = await mask(secret, '--policy', file);
    expect([code, err.includes('line 3')]).toEqual([64, true]);
  });
});
