import fc from 'fast-check';

const words = fc.constantFrom(
  'password',
  'token',
  '=',
  ':',
  ' ',
  '"',
  "'",
  '\\',
  '\n',
  '[REDACTED:token]',
  '[REDACTED:',
  ']',
  '~2',
  '://',
  '@',
  'a:b',
  'AKIAQ3EGV7XKLMN2PRSW',
  'Bearer ',
  'abc123def456ghi',
  'eyJhbGciOiJIUzI1NiJ9.',
  '{"password":',
  '}',
  '--',
  '<',
  '>',
  'é',
  '/',
  '-----BEGIN PRIVATE KEY-----',
  'A1b2'.repeat(12),
  '-----END PRIVATE KEY-----',
  'API_KEY',
  `ghp_${'a1'.repeat(18)}`,
  ',',
  'value',
  'name',
);
const phrase = fc.array(words, { maxLength: 14 }).map((parts) => parts.join(''));
const leaf = fc.oneof(
  fc.string(),
  phrase,
  phrase.map((text) => JSON.stringify({ text })),
);
/** Values with much that detectors look at, right and wrong, at every depth of JSON in strings. */
export const messageTrees: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), words, phrase), tie('node'), { maxKeys: 4 }),
  ),
})).node;
