import { describe, expect, test } from '@jest/globals';
import { jsonRpcIdText } from '@tachograph/protocol';
import fc from 'fast-check';
import { noMasker } from '../masking/no-masker.ts';
import { createSeenLists, type ReadList, type RecalledList, type SeenLists } from './seen-lists.ts';

const known = { kind: undefined, section: undefined, names: [], definitions: [], nextCursor: undefined };
const result = '{"tools":[{"name":"read","description":"Liest \\"ä\\" \\ud83d\\ude00"}]}';
const atEnd = (id: string, of = result): string => `{"result":${of},"jsonrpc":"2.0","id":${id}}`;
const atStart = (id: string, of = result): string => `{"jsonrpc":"2.0","id":${id},"result":${of}}`;

function listOf(text: string, idText: string, more: Partial<ReadList> = {}): ReadList {
  const mask = { rules: 'r', hits: 0 };
  return {
    method: 'tools/list',
    session: 's1',
    masker: noMasker,
    idText,
    text,
    record: text,
    client: undefined,
    mask,
    tail: undefined,
    known,
    result: {},
    ...more,
  };
}

function recall(
  lists: SeenLists,
  text: string,
  idText: string,
  more: Partial<ReadList> = {},
): RecalledList | undefined {
  return lists.recall({ ...listOf(text, idText), ...more });
}

describe('a list that was read before', () => {
  test.each([
    ['at the end', atEnd],
    ['at the start', atStart],
  ])('is known again under any other id, %s', (_, form) => {
    const ids = fc.oneof(fc.integer(), fc.string({ unit: 'binary' })).map(jsonRpcIdText);
    fc.assert(
      fc.property(ids, ids, (first, second) => {
        const lists = createSeenLists();
        lists.keep(listOf(form(first), first, { client: form(first, '{}') }));
        const again = recall(lists, form(second), second);
        expect(again?.record).toBe(form(second));
        expect(again?.client).toBe(form(second, '{}'));
        expect(Buffer.concat(again?.recordJson ?? []).toString()).toBe(JSON.stringify(form(second)));
      }),
      { numRuns: 50 },
    );
  });

  test('is another one after any change of a byte, whoever asks for it', () => {
    const lists = createSeenLists();
    lists.keep(listOf(atEnd('1'), '1'));
    const text = atEnd('1');
    for (let at = 0; at < text.length; at += 1) {
      const other = text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1);
      expect(recall(lists, other, '1')).toBeUndefined();
    }
    expect(recall(lists, `${text} `, '1')).toBeUndefined();
    expect(recall(lists, text, '1')).toBeDefined();
  });

  test('is forgotten with the rules that it was masked by, and is no answer to another method', () => {
    const lists = createSeenLists();
    lists.keep(listOf(atEnd('1'), '1'));
    expect(recall(lists, atEnd('2'), '2', { masker: { ...noMasker } })).toBeUndefined();
    expect(recall(lists, atEnd('2'), '2', { method: 'prompts/list' })).toBeUndefined();
  });

  test('stays with its session where something in it was masked', () => {
    const lists = createSeenLists();
    lists.keep(listOf(atEnd('1'), '1', { mask: { rules: 'r', hits: 1 } }));
    expect(recall(lists, atEnd('2'), '2', { session: 's2' })).toBeUndefined();
    expect(recall(lists, atEnd('2'), '2')).toBeDefined();
  });

  test('is not kept with two ids', () => {
    const lists = createSeenLists();
    const twice = `{"id":1,"result":${result},"jsonrpc":"2.0","id":1}`;
    lists.keep(listOf(twice, '1'));
    expect(recall(lists, twice, '1')).toBeUndefined();
  });

  test('remembers what was shown of it, for equal rights only', () => {
    const lists = createSeenLists();
    lists.keep(listOf(atEnd('1'), '1'));
    recall(lists, atEnd('1'), '1')?.keepFiltered('10', atEnd('1', '{"ä":1}'));
    recall(lists, atEnd('1'), '1')?.keepFiltered('11', undefined);
    const again = recall(lists, atEnd('"é"'), '"é"');
    expect(Buffer.from(again?.filtered('10')?.client?.bytes ?? []).toString()).toBe(atEnd('"é"', '{"ä":1}'));
    expect(again?.filtered('11')).toEqual({ client: undefined });
    expect(again?.filtered('01')).toBeUndefined();
  });
});
