import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMasker, type MaskedText, type MaskResult } from './index.ts';
import { messageTrees } from './message-trees.test-support.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';

const masker = createMasker({}, nodeCrypto);
const secret = `ghp_${'a1B2'.repeat(9)}`;
const text = `see ${secret} there`;

const request = (method: string, params: unknown): unknown => ({ jsonrpc: '2.0', id: 1, method, params });
const notification = (method: string, params: unknown): unknown => ({ jsonrpc: '2.0', method, params });
const answer = (value: unknown): unknown => ({ jsonrpc: '2.0', id: 1, result: value });

/** `masking.md` §4.2, in both directions and both eras. */
const surfaces: readonly (readonly [string, unknown])[] = [
  ['arguments of a call', request('tools/call', { name: 't', arguments: { a: [{ b: text }] } })],
  ['_meta of a request', request('tools/call', { name: 't', _meta: { 'a.example/note': text } })],
  ['client info', request('initialize', { clientInfo: { name: text, version: '1' } })],
  ['modern client info', request('tools/list', { _meta: { 'io.modelcontextprotocol/clientInfo': { name: text } } })],
  ['a resource URI', request('resources/read', { uri: `file:///x?token=${secret}` })],
  ['arguments of a prompt', request('prompts/get', { name: 'p', arguments: { a: text } })],
  ['a completion argument', request('completion/complete', { argument: { name: 'a', value: text } })],
  ['input responses', request('tools/call', { inputResponses: { k: { action: 'accept', content: { a: text } } } })],
  ['an answer to sampling', answer({ role: 'assistant', content: { type: 'text', text }, model: 'm' })],
  ['an answer to elicitation', answer({ action: 'accept', content: { a: text } })],
  ['roots', answer({ roots: [{ uri: `file:///${secret}`, name: text }] })],
  ['text content', answer({ content: [{ type: 'text', text }] })],
  ['structured content', answer({ content: [], structuredContent: { a: { b: [text] } } })],
  ['a name in structured content', answer({ structuredContent: { [secret]: 1 } })],
  ['the text of a resource', answer({ content: [{ type: 'resource', resource: { uri: 'a:b', text } }] })],
  ['the blob of a resource', answer({ contents: [{ uri: 'a:b', blob: Buffer.from(text).toString('base64') }] })],
  ['the URI of a resource', answer({ contents: [{ uri: `https://u:${secret}@a.example/`, text: 'x' }] })],
  ['a resource link', answer({ content: [{ type: 'resource_link', uri: 'a:b', name: 'n', description: text }] })],
  ['an icon', answer({ tools: [{ name: 't', icons: [{ src: `data:text/plain,${secret}` }] }] })],
  [
    'messages of a prompt',
    answer({ description: text, messages: [{ role: 'user', content: { type: 'text', text } }] }),
  ],
  ['completion values', answer({ completion: { values: ['x', secret] } })],
  ['descriptions of tools', answer({ tools: [{ name: 't', description: text, inputSchema: { description: text } }] })],
  ['annotations of a tool', answer({ tools: [{ name: 't', annotations: { title: text } }] })],
  ['instructions', answer({ instructions: text, serverInfo: { name: 's', version: text } })],
  ['_meta of a result', answer({ _meta: { 'a.example/note': text } })],
  ['_meta of an item', answer({ content: [{ type: 'text', text: 'x', _meta: { note: text } }] })],
  ['input requests', answer({ inputRequests: { k: { method: 'elicitation/create', params: { message: text } } } })],
  ['an error message', { jsonrpc: '2.0', id: 1, error: { code: -32000, message: text } }],
  ['error data', { jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'x', data: { stack: [text] } } }],
  ['a log message', notification('notifications/message', { level: 'info', logger: text, data: text })],
  ['a log object', notification('notifications/message', { level: 'info', data: { msg: text } })],
  ['progress', notification('notifications/progress', { progressToken: 1, progress: 1, message: text })],
  ['a reason to cancel', notification('notifications/cancelled', { requestId: 1, reason: text })],
  ['an updated resource', notification('notifications/resources/updated', { uri: `a:${secret}` })],
  [
    'a task',
    notification('notifications/tasks', { taskId: 't', statusMessage: text, result: { content: [{ text }] } }),
  ],
  [
    'sampling',
    request('sampling/createMessage', { systemPrompt: text, messages: [{ content: { type: 'text', text } }] }),
  ],
  [
    'elicitation',
    request('elicitation/create', { message: text, requestedSchema: { properties: { a: { title: text } } } }),
  ],
  ['a URL to open', request('elicitation/create', { mode: 'url', url: `https://a.example/?api_key=${secret}` })],
  ['a field of no protocol', { jsonrpc: '2.0', id: 1, result: {}, extra: { deep: [[text]] } }],
];

describe('every surface of the protocol', () => {
  test.each(surfaces)('%s is masked', (_, message) => {
    for (const json of [JSON.stringify(message), JSON.stringify([message]), JSON.stringify(message, null, 2)]) {
      const masked = masker.maskJson(json);
      if (masked.kind !== 'masked') throw new Error(`expected masked, got ${masked.kind}`);
      for (const point of [masked.record, masked.client])
        expect(decodedTexts(point?.text ?? json)).not.toContain(secret);
    }
  });

  test.each([
    '{"Name":"DB_PASSWORD","Value":"hunter2x"}',
    '{"Value":"hunter2x","Key":"DB_PASSWORD"}',
    '{"header":"Authorization","value":"hunter2x"}',
    '{"headers":[{"name":"X-Api-Key","value":"hunter2x"}]}',
    '{"headers":[["Authorization","hunter2x"]]}',
    '{"rawHeaders":["Host","a","Authorization","hunter2x"]}',
    '{"env":["DB_PASSWORD=hunter2x9"]}',
  ])('names flow to their values in %s', (json) => {
    const masked = masker.maskJson(json);
    expect(masked).toMatchObject({ kind: 'masked' });
    expect(JSON.stringify(masked)).not.toContain('hunter2');
  });

  test('numbers are read with their names', () => {
    const json = '{"card_number":4111111111111111,"order":4111111111111111,"at":1763740000000,"rows":[1763740000001]}';
    const masked = masker.maskJson(json);
    if (masked.kind !== 'masked') throw new Error('expected masked');
    expect(masked.client?.text).toBe(json.replace('4111111111111111', '0'));
    expect(masked.record.text).toBe(json.replaceAll('4111111111111111', '0'));
  });

  test('masked names of one object stay apart, and do not count those of others', () => {
    const other = `ghp_${'c3D4'.repeat(9)}`;
    const masked = masker.maskJson(JSON.stringify({ a: { [secret]: 1, [other]: 2 }, b: { [other]: 3 } }));
    const names = '{"[REDACTED:github-token]":1,"[REDACTED:github-token~2]":2}';
    expect(masked).toMatchObject({ record: { text: `{"a":${names},"b":{"[REDACTED:github-token]":3}}` } });
    const again = masker.maskJson(`{"[REDACTED:github-token]":1,"${other}":2}`);
    expect(again).toMatchObject({ record: { text: names } });
  });
});

describe('evidence', () => {
  test('counts what differs between raw and masked, at both points', () => {
    fc.assert(
      fc.property(messageTrees, (value) => {
        const json = JSON.stringify(value);
        fc.pre(!json.includes('[REDACTED'));
        const points = pointsOf(masker.maskJson(json));
        expect(points.map(countsOf)).toEqual(points.map((point) => diff(json, point)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('splicing', () => {
  test('changes nothing outside of what evidence counts, and the same every time', () => {
    const other = createMasker({}, nodeCrypto);
    fc.assert(
      fc.property(messageTrees, fc.boolean(), (value, isSpaced) => {
        const json = JSON.stringify(value, null, isSpaced ? 2 : 0);
        fc.pre(!json.includes('[REDACTED'));
        const points = pointsOf(masker.maskJson(json));
        fc.pre(points.every(({ spans }) => spans.every(({ transform }) => transform === 'redact')));
        expect(points.map((point) => isSplice(json, point))).toEqual(points.map(() => true));
        expect(pointsOf(other.maskJson(json))).toEqual(points);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the text twin of structured content', () => {
  test('is equal JSON after masking where it was before', () => {
    fc.assert(
      fc.property(messageTrees, (content) => {
        const twin = JSON.stringify({ content });
        const json = `{"result":{"content":[{"type":"text","text":${JSON.stringify(twin)}}],"structuredContent":${twin}}}`;
        const results = pointsOf(masker.maskJson(json)).map(
          (point) => (JSON.parse(point.text) as { result: Both }).result,
        );
        const twins = results.map((result): unknown => JSON.parse(result.content[0]?.text ?? ''));
        expect(twins).toEqual(results.map((result) => result.structuredContent));
      }),
      { numRuns: 500 },
    );
  });
});

/** What was masked, once where both points are the same. */
function pointsOf(result: MaskResult): readonly MaskedText[] {
  if (result.kind !== 'masked') return [];
  return [...new Set([result.record, result.client])].filter((point) => point !== undefined);
}

interface Both {
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent: unknown;
}

/** All strings and names, those in base64 decoded too. */
function decodedTexts(json: string): string {
  const base64 = [...json.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].map(([run]) => Buffer.from(run, 'base64').toString());
  return [json, ...base64].join('\n');
}

/** Evidence by rule; hits count all, spans as far as they are listed. */
function countsOf({ hits, spans }: MaskedText): Counted {
  const byRule = new Map<string, number>();
  for (const { rule, count } of spans) byRule.set(rule, (byRule.get(rule) ?? 0) + count);
  return { hits, byRule };
}

interface Counted {
  readonly hits: number;
  readonly byRule: ReadonlyMap<string, number>;
}

/** Masks by rule that the masked text has and the raw one has not, and numbers that became zero. */
function diff(raw: string, { text: masked, spans }: MaskedText): Counted {
  const byRule = new Map<string, number>();
  for (const rule of new Set(spans.map((span) => span.rule))) {
    const zeros = spans
      .filter((span) => span.rule === rule && span.transform === 'zero')
      .reduce((sum, { count }) => sum + count, 0);
    byRule.set(rule, masksOf(masked, rule) - masksOf(raw, rule) + zeros);
  }
  return { hits: [...byRule.values()].reduce((sum, count) => sum + count, 0), byRule };
}

function masksOf(json: string, rule: string): number {
  return [...json.matchAll(/\[REDACTED:([a-z0-9-]+)(?:~\d+)?\]/g)].filter(([, found]) => found === rule).length;
}

/** True where the text between the masks is the raw text, in order, from end to end. */
function isSplice(raw: string, { text: masked, hits }: MaskedText): boolean {
  const kept = masked.split(/\[REDACTED:[a-z0-9~-]+\]/);
  let at = 0;
  for (const [index, part] of kept.entries()) {
    const found = index === kept.length - 1 ? raw.length - part.length : raw.indexOf(part, at);
    if (found < at || !raw.startsWith(part, found) || (index === 0 && found > 0)) return false;
    at = found + part.length;
  }
  return kept.length === hits + 1;
}
