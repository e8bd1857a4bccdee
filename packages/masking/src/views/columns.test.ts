import { describe, expect, test } from '@jest/globals';
import { createRuleSet } from '../rule-set.ts';
import { createTextScanner } from '../scan/text-scanner.ts';
import { findInAlignedColumns } from './aligned-columns.ts';
import { findInColumns } from './columns.ts';

const { keys, detectors } = createRuleSet({});
const scanner = createTextScanner(detectors);
const valuesOf = (text: string): readonly string[] =>
  [...findInColumns(text, { keys, scanner }), ...findInAlignedColumns(text, keys)].map(({ start, end }) =>
    text.slice(start, end),
  );

describe('what stands under a secret name', () => {
  test.each<[string, string, readonly string[]]>([
    ['CSV', 'name,password,role\nbob,correcthorse,admin\nann,abc,user\n', ['correcthorse', 'abc']],
    ['quoted CSV', '"name","API Key"\r\n"bob","a, ""b"" c"\r\n"ann","x y"\r\n', ['a, ""b"" c', 'x y']],
    ['TSV', 'host\taccess_token\nweb\tabcdef\n', ['abcdef']],
    ['semicolons behind a line of prose', 'The export, as asked:\nid;secret\n1;plain\n', ['plain']],
    ['Markdown', 'Users\n\n| name | Password |\n|:-----|---------:|\n| bob | two words |\n\nEnd | of\n', ['two words']],
    ['psql', ' id | password \n----+----------\n  1 | abc\n  2 | \n(2 rows)\n', ['abc']],
    ['mysql', '+----+-------+\n| id | token |\n+----+-------+\n|  1 | abc   |\n+----+-------+\n', ['abc']],
    ['columns of personal data', 'user,ssn,n\nbob,536-22-1234,1\nann,536221234,22\n', ['536-22-1234', '536221234']],
    [
      'aligned columns',
      'NAME   DB PASSWORD   AGE\nweb    two words     3d\ndb                   5d\napi    abc\n\nNAME  AGE\n',
      ['two words', 'abc'],
    ],
    ['the second of two tables', 'a,b\n1,2\n\nuser,pwd\nbob,abc\n', ['abc']],
  ])('is found in %s', (_, text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });

  test.each([
    ['prose', 'Enter your name, password\nThen press enter, wait\n'],
    ['code', 'def login(user, password):\n    check(user, password)\n'],
    ['words for nothing', 'name,password\nbob,NULL\nann,\ncid,-\n'],
    ['counts', 'model,max_tokens\nsmall,4096\n'],
    ['a table without a rule', '| `DB_PASSWORD` | the password |\n| `DB_HOST` | the host |\n'],
    ['rows of another shape', 'name,password\njust a line\n'],
    ['a personal column without personal data', 'user,ssn,phone\nbob,unknown,7\n'],
    ['aligned columns that do not hold', 'NAME   TOKENS   SECRET\nweb    12       <none>\na longer name than that\n'],
    ['a mask', 'name,password\nbob,[REDACTED:password]\n'],
  ])('and nothing in %s', (_, text) => {
    expect(valuesOf(text)).toEqual([]);
  });
});
