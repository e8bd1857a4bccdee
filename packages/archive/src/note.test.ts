import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseBatchNote, signBatch, verifyBatch } from './batch.ts';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { parseCheckpointNote, signCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import { keyId, rawKeyOfSpki } from './keys.ts';
import { createNoteKey, formatNote, formatVkey, openNote, parseNote, parseVkey, signNoteText } from './note.ts';
import { createTestKey, nodeCrypto as crypto } from './testing/node-crypto.ts';

/** The example of Go's golang.org/x/mod/sumdb/note and of C2SP signed-note. */
const published = {
  vkey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  note:
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

const origin = 'tachograph.dev/demo';
const signer = createTestKey();
const key = createNoteKey(crypto, origin, signer.publicKey);

describe('a signed note', () => {
  test('opens with the published key', () => {
    const vkey = parseVkey(crypto, published.vkey);
    if (vkey === undefined) throw new Error('published vkey was refused');
    expect(openNote(crypto, published.note, [vkey]).kind).toBe('ok');
    expect(formatVkey(vkey)).toBe(published.vkey);
  });

  test('is invalid when its text changes', () => {
    const vkey = parseVkey(crypto, published.vkey);
    const changed = published.note.replace('answer', 'cause');
    expect(openNote(crypto, changed, vkey === undefined ? [] : [vkey]).kind).toBe('invalid');
  });

  test('names every known key that signed, and passes over unknown ones', () => {
    const other = createTestKey();
    const otherKey = createNoteKey(crypto, 'witness.example', other.publicKey);
    const text = 'one\n\ntwo\n';
    const note = formatNote(text, [signNoteText(text, key, signer.sign), signNoteText(text, otherKey, other.sign)]);
    expect(openNote(crypto, note, [otherKey, key])).toEqual({ kind: 'ok', text, verified: [key, otherKey] });
    expect(openNote(crypto, note, [otherKey])).toEqual({ kind: 'ok', text, verified: [otherKey] });
    expect(openNote(crypto, note, [])).toEqual({ kind: 'unsigned' });
  });

  test.each(['', 'x', 'x\n', 'x\n\n', 'x\n\ny\n', `x\n\n\u2014 a AAAA\n`, `\u0001\n\n\u2014 a AAAAAAAA\n`])(
    'refuses %j as malformed',
    (note) => expect(parseNote(note)).toBeUndefined(),
  );

  test('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(openNote(crypto, text, [key]).kind).not.toBe('ok')),
    );
  });

  test('refuses a vkey whose hash does not fit', () => {
    expect(parseVkey(crypto, published.vkey.replace('c74f20a3', 'c74f20a4'))).toBeUndefined();
  });
});

describe('keys', () => {
  test('are named by the first 32 hex digits of the hash of their SPKI', () => {
    const spki = fromHex('302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    if (spki === undefined) throw new Error('bad hex');
    expect(keyId(crypto, spki)).toBe(toHex(crypto.sha256(spki)).slice(0, 32));
    expect(rawKeyOfSpki(spki)).toHaveLength(32);
    expect(rawKeyOfSpki(utf8('short'))).toBeUndefined();
  });
});

describe('a checkpoint', () => {
  test('reads the example of C2SP tlog-checkpoint', () => {
    const note =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';
    expect(parseCheckpointNote(note)).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 });
  });

  test('verifies under the log key and no other', () => {
    const checkpoint = { origin, size: 7, root: crypto.sha256(utf8('x')) };
    const note = signCheckpoint(checkpoint, key, signer.sign);
    expect(verifyCheckpoint(crypto, note, [key])).toMatchObject({ size: 7 });
    expect(verifyCheckpoint(crypto, note, [createNoteKey(crypto, origin, createTestKey().publicKey)])).toBeUndefined();
  });

  test.each(['o\n01\n', 'o\n-1\n', 'o\n1.0\n', 'o\n99999999999999999\n'])('refuses size line of %j', (head) => {
    expect(
      parseCheckpointNote(`${head}CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 o AAAAAAAA\n`),
    ).toBeUndefined();
  });
});

describe('a batch', () => {
  const leaves = ['{"v":1,"type":"x"}', '{"a":"\u00e9 \u2028"}'];
  const note = signBatch({ origin, firstIndex: 12, leaves }, key, signer.sign);

  test('gives its leaves back, byte for byte', () => {
    expect(verifyBatch(crypto, note, [key])).toEqual({ kind: 'ok', batch: { origin, firstIndex: 12, leaves } });
  });

  test('has the text that the format document gives', () => {
    expect(note.startsWith(`tachograph/batch/v1\n${origin}\n12\n2\n${leaves.join('\n')}\n\n\u2014 ${origin} `)).toBe(
      true,
    );
  });

  test('fails for any flipped bit', () => {
    const stored = utf8(note);
    fc.assert(
      fc.property(fc.nat({ max: stored.length * 8 - 1 }), (bit) => {
        const hurt = Uint8Array.from(stored);
        hurt[bit >> 3] = (hurt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyBatch(crypto, new TextDecoder().decode(hurt), [key]).kind).not.toBe('ok');
      }),
      { numRuns: 500 },
    );
  });

  test.each([['\n'], [''], ['a\u0000b'], ['x'.repeat(65_536)]])('refuses to write leaf %#', (leaf) => {
    expect(() => signBatch({ origin, firstIndex: 0, leaves: [leaf] }, key, signer.sign)).toThrow('leaf');
  });

  test('is malformed when its count is wrong', () => {
    expect(parseBatchNote(note.replace('\n12\n2\n', '\n12\n3\n'))).toBeUndefined();
  });
});
