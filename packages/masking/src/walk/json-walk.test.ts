import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { messageTrees } from '../message-trees.test-support.ts';
import { createRuleSet } from '../rule-set.ts';
import { createTextScanner } from '../scan/text-scanner.ts';
import { createStringReader, stringInvalid, stringLook, type StringReader } from './json-string.ts';
import { findInText } from './find-in-text.ts';
import { walkJson } from './json-walk.ts';

const rules = createRuleSet({ keys: ['nationalId'] });
const scanner = createTextScanner(rules.detectors);
const quick = { keys: rules.keys, scanner, reader: createStringReader(scanner), findInText };
const thorough = { keys: rules.keys, scanner, reader: createThoroughReader(), findInText };

/** Sends every string to the slow path: decoded, and scanned from end to end. */
function createThoroughReader(): StringReader {
  const last = { end: 0, escaped: false };
  const read: StringReader['read'] = (text, at) => {
    const [content] = /^(?:[^"\\]|\\[^])*(?=")/.exec(text.slice(at)) ?? [];
    if (content === undefined || content.split('').some((char) => char < ' ')) return stringInvalid;
    last.end = at + content.length;
    last.escaped = content.includes('\\');
    return stringLook;
  };
  return { read, last };
}

/** Other spellings of the same text, by a seed. */
function respell(json: string, seed: number): string {
  let turn = seed;
  return json.replaceAll(/\\.|[/@:a-z]/g, (char) => {
    turn = (turn * 1103515245 + 12345) % 2147483648;
    if (char.length > 1 || turn % 7 > 1) return char;
    if (char === '/' && turn % 2 === 0) return '\\/';
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

describe('the quick look at strings', () => {
  test('finds what decoding and scanning every string finds', () => {
    const seeds = fc.tuple(messageTrees, fc.nat(), fc.boolean(), fc.nat(3));
    fc.assert(
      fc.property(seeds, ([value, seed, isRespelled, depth]) => {
        let text = JSON.stringify(value);
        if (isRespelled) text = respellStrings(text, seed);
        for (let i = 0; i < depth; i += 1) text = JSON.stringify({ text });
        expect(walkJson(text, quick, 0)).toEqual(walkJson(text, thorough, 0));
      }),
      { numRuns: 3000, examples: [[[['{"text":"\\"ghp_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\\n\\""}'], 0, false, 0]]] },
    );
  });
});

function respellStrings(json: string, seed: number): string {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"/g, (token) => `"${respell(token.slice(1, -1), seed)}"`);
}
