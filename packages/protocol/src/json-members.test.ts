import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonMembers, jsonOfMembers } from './json-members.ts';

describe('the members of an object', () => {
  test('keep the text of their values', () => {
    expect(jsonMembers(' {"a" : 1.0 ,"b":{"a":[1,"}\\"{"]}, "c\\u0064":"x,\\\\"} ')).toEqual([
      { name: 'a', text: '1.0' },
      { name: 'b', text: '{"a":[1,"}\\"{"]}' },
      { name: 'cd', text: '"x,\\\\"' },
    ]);
    expect([jsonMembers('{ }'), jsonMembers('[{}]'), jsonMembers('"{}"'), jsonMembers('')]).toEqual([
      [],
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('put together again mean the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        const members = jsonMembers(text);
        expect(members?.map(({ name, text: one }) => [name, JSON.parse(one)])).toEqual(
          Object.entries(JSON.parse(text) as object),
        );
        expect(JSON.parse(jsonOfMembers(members ?? []))).toEqual(JSON.parse(text));
      }),
    );
  });
});
