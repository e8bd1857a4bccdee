import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listSpans } from './list-spans.ts';
import { spliceList, type Splice } from './splice-list.ts';

const all: Splice = { keeps: () => true, cacheScope: 'as_is', dropsInstructions: false };

function splice(text: string, more: Partial<Splice>): string {
  return spliceList(text, listSpans(text), { ...all, ...more });
}

describe('a spliced list', () => {
  test('keeps order, cursor and the bytes around what it drops', () => {
    const text =
      '{"jsonrpc":"2.0","id":7,\n "result": {"tools" : [ {"name":"a"} , {"name":"b","x":1.0}\n,{"name":"c"}],"nextCursor":"n"} }';
    expect(splice(text, { keeps: (index) => index !== 1 })).toBe(
      '{"jsonrpc":"2.0","id":7,\n "result": {"tools" : [{"name":"a"},{"name":"c"}],"nextCursor":"n"} }',
    );
  });

  test('is an empty page with its cursor when nothing stays', () => {
    const text = '{"id":1,"result":{"nextCursor":"n","tools":[{"name":"a"}]}}';
    expect(splice(text, { keeps: () => false })).toBe('{"id":1,"result":{"nextCursor":"n","tools":[]}}');
  });

  test('is filtered under every key that a reader may take', () => {
    const text = '{"result":{"tools":[1]},"result":{"t\\u006fols":[2,3],"tools":[4]}}';
    expect(splice(text, { keeps: (index) => index === 1 })).toBe(
      '{"result":{"tools":[]},"result":{"t\\u006fols":[2],"tools":[]}}',
    );
  });

  test('leaves equal names alone where they are no list of the result', () => {
    const text = '{"tools":[1],"result":{"_meta":{"tools":[2]},"tools":"no"}}';
    expect(splice(text, { keeps: () => false })).toBe(text);
  });

  test('is private to its caller', () => {
    const said = '{"result":{"cacheScope":"public","tools":[]}}';
    expect(splice(said, { cacheScope: 'replace' })).toBe('{"result":{"cacheScope":"private","tools":[]}}');
    const silent = '{"result":{"tools":[]}}';
    expect(splice(silent, { cacheScope: 'replace' })).toBe(silent);
    expect(splice(silent, { cacheScope: 'insert' })).toBe('{"result":{"cacheScope":"private","tools":[]}}');
    expect(splice('{"result":{ }}', { cacheScope: 'insert' })).toBe('{"result":{"cacheScope":"private" }}');
  });

  test('loses the instructions alone', () => {
    const text = '{"result":{"instructions":"say \\"yes\\"","capabilities":{}}}';
    expect(splice(text, { dropsInstructions: true })).toBe('{"result":{"instructions":"","capabilities":{}}}');
  });
});

const space = fc.constantFrom('', ' ', '\n\t');
const entry = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));
const page = fc.record({
  entries: fc.array(fc.tuple(entry, fc.boolean()), { maxLength: 12 }),
  member: fc.constantFrom('tools', 'prompts', 'resources', 'resourceTemplates'),
  more: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
  around: space,
});

describe('of any list', () => {
  test('what stays is valid JSON, byte for byte and in order', () => {
    fc.assert(
      fc.property(page, ({ entries, member, more, around }) => {
        const { tools: _t, prompts: _p, resources: _r, resourceTemplates: _s, cacheScope: _c, ...others } = more;
        // As JSON has it: there is no negative zero.
        const plain: Record<string, unknown> = JSON.parse(JSON.stringify(others));
        const rest = JSON.stringify(others).slice(1, -1);
        const list = entries.map(([text]) => `${around}${text}${around}`).join(',');
        const before = `{"id":1,"result":{"${member}":[`;
        const after = `]${rest === '' ? '' : `,${rest}`}}}`;
        const text = `${before}${list}${after}`;
        const kept = entries.filter(([, stays]) => stays).map(([one]) => one);
        const spliced = splice(text, { keeps: (index) => entries[index]?.[1] === true });
        expect(spliced).toBe(kept.length === entries.length ? text : `${before}${kept.join(',')}${after}`);
        expect(JSON.parse(spliced)).toEqual({
          id: 1,
          result: { ...plain, [member]: kept.map((one): unknown => JSON.parse(one)) },
        });
      }),
      { numRuns: 500 },
    );
  });

  test('never throws on what is no message', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof splice(text, { keeps: () => false, cacheScope: 'insert', dropsInstructions: true })).toBe(
          'string',
        );
      }),
      { numRuns: 300 },
    );
  });
});
