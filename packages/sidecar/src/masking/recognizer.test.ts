import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codePointLength, codePointOffsets } from './code-points.ts';
import { createPostJson } from './post-json.ts';
import type { RecognizerSpec } from '@tachograph/protocol';
import { createRecognizer, type Recognizer } from './recognizer.ts';

const servers: Server[] = [];
const requests: unknown[] = [];

afterEach(() => {
  requests.length = 0;
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** An analyzer that answers as `answer` says. */
async function analyzer(
  answer: (text: string, res: ServerResponse) => void,
  spec?: Partial<RecognizerSpec>,
): Promise<Recognizer> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body: { text: string } = JSON.parse(Buffer.concat(chunks).toString());
      requests.push({ path: req.url, ...body });
      answer(body.text, res);
    });
  });
  servers.push(server);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return createRecognizer({ url: `http://127.0.0.1:${port}/`, ...spec }, createPostJson());
}

/** Finds a name as Presidio does: offsets in code points. */
function names(name: string): (text: string, res: ServerResponse) => void {
  return (text, res) => {
    const points = Array.from(text);
    const size = Array.from(name).length;
    const entities = points.flatMap((_, start) =>
      points.slice(start, start + size).join('') === name
        ? [{ entity_type: 'PERSON', start, end: start + size, score: 0.85, analysis_explanation: null }]
        : [],
    );
    res.end(JSON.stringify(entities));
  };
}

describe('a recognizer', () => {
  test('finds names at UTF-16 offsets, in each text by itself', async () => {
    const recognizer = await analyzer(names('Zoë 𝔹'), { entities: ['PERSON'], language: 'de', minScore: 0.4 });
    const texts = ['😀 for Zoë 𝔹 only', 'no name', 'by Zoë 𝔹', '12:30'];
    const found = await recognizer.recognize(texts);
    expect(
      [...(found ?? [])].map(([text, spans]) => spans.map(({ rule, start, end }) => [rule, text.slice(start, end)])),
    ).toEqual([[['recognized-person', 'Zoë 𝔹']], [['recognized-person', 'Zoë 𝔹']]]);
    expect(requests).toEqual([
      {
        path: '/analyze',
        text: '😀 for Zoë 𝔹 only\n\nno name\n\nby Zoë 𝔹',
        language: 'de',
        entities: ['PERSON'],
        score_threshold: 0.4,
      },
    ]);
  });

  test('asks in several requests where the texts are long', async () => {
    const recognizer = await analyzer(names('Ann Lee'));
    const texts = Array.from({ length: 9 }, (_, index) => `${'x'.repeat(4000)} Ann Lee ${index}`);
    expect((await recognizer.recognize(texts))?.size).toBe(9);
    expect(requests.length).toBe(5);
  });

  test('asks nothing about texts without letters', async () => {
    const recognizer = await analyzer(names('Ann Lee'));
    expect(await recognizer.recognize(['1', '', '12:00'])).toEqual(new Map());
    expect(requests).toEqual([]);
  });

  test.each<[string, (text: string, res: ServerResponse) => void]>([
    ['an error', (_, res) => void res.writeHead(500).end('[]')],
    ['no JSON', (_, res) => void res.end('[')],
    ['no list', (_, res) => void res.end('{}')],
    ['an offset behind the text', (_, res) => void res.end('[{"entity_type":"PERSON","start":0,"end":99,"score":1}]')],
    [
      'an offset that is no number',
      (_, res) => void res.end('[{"entity_type":"PERSON","start":"0","end":1,"score":1}]'),
    ],
    ['an end before the start', (_, res) => void res.end('[{"entity_type":"PERSON","start":2,"end":1,"score":1}]')],
    ['a type that is no name', (_, res) => void res.end('[{"entity_type":"a b","start":0,"end":1,"score":1}]')],
    ['no score', (_, res) => void res.end('[{"entity_type":"PERSON","start":0,"end":1}]')],
    ['half an answer', (_, res) => void res.writeHead(200, { 'content-length': '9' }).write('[', () => res.destroy())],
    ['nothing in time', () => undefined],
  ])('that gives %s has not answered', async (_, answer) => {
    const recognizer = await analyzer(answer, { timeoutMs: 300 });
    expect(await recognizer.recognize(['Ann Lee was here'])).toBeUndefined();
  });

  test('that is not there has not answered', async () => {
    const recognizer = createRecognizer({ url: 'http://127.0.0.1:1' }, createPostJson());
    expect(await recognizer.recognize(['Ann Lee was here'])).toBeUndefined();
  });
});

test('offsets in code points are those of the same characters in UTF-16', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const points = Array.from(text);
      const unitOf = codePointOffsets(text);
      expect(codePointLength(text)).toBe(points.length);
      for (let offset = 0; offset <= points.length; offset += 1) {
        expect(unitOf(offset)).toBe(points.slice(0, offset).join('').length);
      }
    }),
  );
});
