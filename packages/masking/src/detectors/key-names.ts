/**
 * Names whose values are masked whatever their shape. `suffixes` are compared with the name's letters and digits in lower
 * case (`dbApiKey`, `DB_API_KEY` and `db-api-key` all end in `apikey`); `words` with the name's last word, so that
 * `token` does not take `tokenizer` and `pass` does not take `compass`.
 */
export interface KeyRule {
  readonly id: string;
  readonly suffixes: readonly string[];
  readonly words: readonly string[];
}

export const keyRules: readonly KeyRule[] = [
  { id: 'authorization', suffixes: ['authorization'], words: [] },
  { id: 'cookie', suffixes: [], words: ['cookie'] },
  {
    id: 'password',
    suffixes: ['password', 'passwd', 'passphrase', 'passcode', 'passwordhash', 'passwort'],
    words: ['pwd', 'pass', 'pw'],
  },
  {
    id: 'api-key',
    suffixes: [
      'apikey',
      'accesskey',
      'accesskeyid',
      'subscriptionkey',
      'licensekey',
      'appkey',
      'authkey',
      'consumerkey',
      'accountkey',
    ],
    words: [],
  },
  {
    id: 'private-key',
    suffixes: ['privatekey', 'signingkey', 'encryptionkey', 'sshkey', 'masterkey', 'hmackey', 'secretkeybase'],
    words: ['psk'],
  },
  {
    id: 'token',
    suffixes: ['accesstoken', 'authtoken', 'refreshtoken', 'bearertoken', 'sessiontoken', 'idtoken', 'apitoken'],
    words: ['token', 'jwt'],
  },
  { id: 'secret', suffixes: ['secret', 'secretkey', 'secretvalue'], words: [] },
  { id: 'credential', suffixes: [], words: ['credential', 'credentials'] },
  { id: 'connection-string', suffixes: ['connectionstring'], words: [] },
];

/** Ends of names that look like the above and mean something else: pagination and protocol. */
export const harmlessSuffixes: readonly string[] = [
  'pagetoken',
  'nexttoken',
  'continuationtoken',
  'continuetoken',
  'progresstoken',
  'synctoken',
  'cursortoken',
  'maxtoken',
  'totaltoken',
  'numtoken',
  'specialtoken',
  'publickeytoken',
];

/** Lower-case pieces, one of which every name above contains: where to look in text. */
export const keyKeywords: readonly string[] = [
  'pass',
  'pwd',
  'pw',
  'psk',
  'jwt',
  'secret',
  'token',
  'authorization',
  'cookie',
  'credential',
];

/** Names of two words, found however they are joined. */
export const keyKeywordPairs: readonly (readonly [string, string])[] = [
  ['api', 'key'],
  ['access', 'key'],
  ['subscription', 'key'],
  ['license', 'key'],
  ['app', 'key'],
  ['auth', 'key'],
  ['consumer', 'key'],
  ['private', 'key'],
  ['signing', 'key'],
  ['encryption', 'key'],
  ['ssh', 'key'],
  ['master', 'key'],
  ['hmac', 'key'],
  ['connection', 'string'],
];
