import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashLogLeaf } from '../log-leaf.ts';
import { rootOf } from '../merkle.ts';
import { inclusionProof, verifyInclusion } from '../merkle-proof.ts';
import { nodeCrypto as crypto } from '../testing/node-crypto.ts';
import { createInclusionProver } from './inclusion-prover.ts';
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const checkpoint = 'example.com/log\n3\nAAAA\n\n\u2014 example.com/log AAAA\n';

test('the prover’s root and paths are those of RFC 6962, in a tree of any size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), (size, pick) => {
      const leaves = Array.from({ length: size }, (_, i) => hashLogLeaf(crypto, `leaf ${i}`));
      const prover = createInclusionProver(crypto, leaves);
      const index = pick % size;
      const proof = prover.prove(index);
      expect(prover.root).toEqual(rootOf(crypto, leaves));
      expect(proof).toEqual(inclusionProof(crypto, index, leaves));
      const claim = { index, size, root: prover.root, proof };
      expect(verifyInclusion(crypto, { ...claim, leafHash: hashLogLeaf(crypto, `leaf ${index}`) })).toBe(true);
      expect(verifyInclusion(crypto, { ...claim, leafHash: hashLogLeaf(crypto, 'another') })).toBe(false);
    }),
  );
  expect(() => createInclusionProver(crypto, []).prove(0)).toThrow('leaf 0 of a tree of size 0');
});

test('a proof is read as it was written', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(hash, { maxLength: 60 }), (index, hashes) => {
      expect(parseTlogProof(formatTlogProof({ index, hashes, checkpoint }))).toEqual({ index, hashes, checkpoint });
    }),
  );
});

test('extra data is passed over', () => {
  const text = formatTlogProof({ index: 7, hashes: [], checkpoint });
  expect(parseTlogProof(text.replace('index', 'extra AAAA\nindex'))).toEqual({ index: 7, hashes: [], checkpoint });
});

test.each([
  ['nothing', ''],
  ['another version', `c2sp.org/tlog-proof@v2\nindex 1\n\n${checkpoint}`],
  ['no index', `c2sp.org/tlog-proof@v1\n\n${checkpoint}`],
  ['an index with a leading zero', `c2sp.org/tlog-proof@v1\nindex 01\n\n${checkpoint}`],
  ['an index beyond 2^53', `c2sp.org/tlog-proof@v1\nindex 9007199254740993\n\n${checkpoint}`],
  ['a short hash', `c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n${checkpoint}`],
])('%s is no proof', (_name, text) => {
  expect(parseTlogProof(text)).toBeUndefined();
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => parseTlogProof(`c2sp.org/tlog-proof@v1\n${text}`)).not.toThrow();
    }),
  );
});
