import { expect, test } from '@jest/globals';
import { createMasker } from './index.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';
import { patternEngine, preparePatterns } from './pattern-engine.ts';

const schema = {
  type: 'object',
  properties: { token: { type: 'string', pattern: '^[A-Z]{2}-[0-9]{3}$' } },
};
const message = JSON.stringify({ id: 1, result: { content: [], structuredContent: { token: 'AB-123' } } });

// One test, in this order: the engine is loaded once a process.
test('the pattern engine loads when it is needed, and before that nothing passes that needs it', async () => {
  const masker = createMasker({}, nodeCrypto);
  await preparePatterns({ type: 'object', properties: { name: { type: 'string' } } });
  expect(patternEngine()).toBeUndefined();
  expect(masker.maskJson(message, { outputSchema: schema })).toMatchObject({ unsafeForSchema: true });
  const spec = { patterns: [{ id: 'badge', keywords: ['badge'], pattern: '[A-Z]{2}[0-9]{3}' }] };
  const own = createMasker(spec, nodeCrypto);
  const text = JSON.stringify({ id: 1, result: { t: 'badge AB123' } });
  expect(own.maskJson(text)).toEqual({ kind: 'refused', reason: 'detector_failed' });
  expect(own.findText('badge AB123')).toHaveLength(1);

  await own.ready;
  expect(own.maskJson(text)).toMatchObject({ kind: 'masked', record: { hits: 1 } });
  await preparePatterns(schema);
  const masked = masker.maskJson(message, { outputSchema: schema });
  expect(masked).toMatchObject({ kind: 'masked' });
  expect(masked).not.toHaveProperty('unsafeForSchema');
});
