import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMasker } from '../index.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';

const masker = createMasker({}, nodeCrypto);

/** The text with what is masked at the client point in `⟦…⟧`, and what is masked for the record only in `⟨…⟩`. */
function show(text: string): string {
  const client = masker.findText(text, 'client');
  const isStrong = (start: number): boolean => client.some((span) => span.start === start);
  return masker.findText(text, 'record').reduceRight((shown, { start, end }) => {
    const [open, close] = isStrong(start) ? '⟦⟧' : '⟨⟩';
    return shown.slice(0, start) + open + shown.slice(start, end) + close + shown.slice(end);
  }, text);
}

describe('values under the name of a secret', () => {
  test.each([
    `password = '⟦zqkfwm7x⟧'`,
    `if (config.password === '⟦zqkfwm7x⟧') {`,
    `const testPasswordOld = "⟦vbxqtrgh⟧";`,
    `app.config["MAIL_PASSWORD"] = "⟦vbxqtrgh⟧"`,
    `password = os.environ.get('ADMIN_PASSWORD', '⟦vbxqtrgh1⟧')`,
    `token = process.env.TOKEN || '⟦8fk2jd9x4mq7⟧'`,
    `user.setPassword("⟦vbxqtrgh⟧");`,
    `new Credential("alice", "⟦vbxqtrgh⟧")`,
    `val password: String = "⟦vbxqtrgh⟧"`,
    `secret = Buffer.from('⟦7e19c40b2fd8a6351b90e7cc42f3d586⟧', 'hex')`,
    `<add key="password" value="⟦vbxqtrgh7⟧" />`,
    `"tokens": ["⟦e81f07c29b3d46a5", "62c0d9f417ab853e⟧"]`,
    'password: |\n  ⟦zqkfwm7xq⟧\nuser: x',
    'Server=db;User Id=sa;Password=⟦correcthorse⟧;Encrypt=true',
    '-e MYSQL_ROOT_PASSWORD=⟦vbxqtrgh⟧ mysql',
    'jdbc:mysql://db/app?user=app&password=⟦zqkfwm7x⟧',
    // What stands before a value is looked at as well.
    'password = get(⟦bob@acme-widgets.org⟧, "⟦q8Zk2LmP0vX4nR7tW1b⟧")',
    'password= ⟦bob@acme-widgets.org⟧ "⟦q8Zk2LmP0vX4nR7tW1b⟧"',
    "password = os.environ ⟦93.184.216.34⟧ '⟦q8Zk2LmP0vX4nR7tW1b⟧'",
    'AccountName=x;AccountKey=⟦Zx81kQpL0vRt7YbN3mWc5sHd9fJg2aKe==⟧;EndpointSuffix=y',
  ])('%s', (shown) => {
    expect(show(shown.replaceAll(/[⟦⟧]/g, ''))).toBe(shown);
  });
});

describe('values that are worth next to nothing are masked for the record only', () => {
  test.each([
    'RELAY_API_KEY=⟨rly_short⟩',
    'CLIENT_TOKEN=⟨some_plain_words⟩',
    'ACCESS_TOKEN=⟨some-package-0.11.2⟩',
    'storeSecrets: ⟨host2-zone-1208358310⟩',
    'publicToken = "⟨8Hq2vLx0pRk5TnWc3sYd7ZbJm4Gf9Ae1QuVo6Xi⟩"',
    '<input name="csrf_token" value="⟨8Hq2vLx0pRk5TnWc3sYd7ZbJm4Gf9Ae1QuVo6Xi⟩"/>',
    'DB_PASSWORD=⟦horse2-zone-1208358310⟧',
    'DB_PASSWORD=⟦correcthorse⟧',
    'access_token = "⟦vbxqtrghzkwpmn⟧"',
    'publicationToken = "⟦8Hq2vLx0pRk5TnWc3sYd7ZbJm4Gf9Ae1QuVo6Xi⟧"',
    'aws_access_key: XQRPZ7VKWNN2EXAMPLE',
  ])('%s', (shown) => {
    expect(show(shown.replaceAll(/[⟦⟧⟨⟩]/g, ''))).toBe(shown);
  });
});

test('what stands behind a number is not looked at once the number is masked', () => {
  const masked = masker.maskText('{"password": 4142434445464748  "} cc QUJDREVGR0hJSktMTU5PUA== "} x');
  expect(masked).toMatchObject({ kind: 'masked', record: { text: expect.stringMatching(/^\{"password": 0 .*QUJD/) } });
  expect(masker.maskText(masked.kind === 'masked' ? masked.record.text : '')).toEqual({ kind: 'clean' });
});

describe('commands and files', () => {
  test.each([
    `CREATE USER app IDENTIFIED BY '⟦vbxqtrgh⟧';`,
    `ALTER USER 'a'@'b' IDENTIFIED WITH mysql_native_password BY '⟦vbx-qtrgh⟧';`,
    `CREATE USER app WITH PASSWORD '⟦Vbxqtrgh1$⟧' SUPERUSER;`,
    `curl -u admin:⟦vbxqtrgh⟧ https://registry.internal/v2/`,
    `sshpass -p ⟦zqkfwm7x⟧ ssh deploy@host`,
    `mysql -uroot -p⟦zqkfwm7x⟧ app`,
    `openssl req -passin pass:⟦vbxqtrgh⟧ -new`,
    `Invoke-Spray -Password ⟦Vbxqtrgh9473!⟧`,
    `$p = ConvertTo-SecureString '⟦vbxqtrgh9⟧' -AsPlainText -Force`,
    `machine db login bob password ⟦zqkfwm7x⟧`,
    'root:⟦$6$Qm3xK0aZ$W4jv8TqLr1sDf0pYb2NcXeHgUi5oAkJw⟧:18000:0:99999:7:::',
    'db.local:5432:app:bob:⟦vbxqtrgh⟧',
    'root:⟦vbxqtrgh⟧@tcp(127.0.0.1:3306)/app',
    'WWW-Authenticate: NTLM ⟦TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAA⟧',
  ])('%s', (shown) => {
    expect(show(shown.replaceAll(/[⟦⟧]/g, ''))).toBe(shown);
  });
});

describe('what is no secret', () => {
  test.each([
    'def login(self, password: str) -> None:',
    'password = self.config.password',
    'c.Token = token',
    'public void setPassword(String password) { this.password = password; }',
    'const password = await promptPassword("Password: ");',
    '"LABEL_REPEAT_PASSWORD": "Wiederholen Sie das Kennwort"',
    '"passwordPolicy": "strict"',
    'token_endpoint = "https://login.example.org/token"',
    'key: value',
    'sort_key = "created_at"',
    'public_key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDq81mVt0xLw3Rz"',
    'PublicKeyToken=6c1d92e07fb3a845',
    'password=${DB_PASSWORD}',
    'api_key: <your api key>',
    'secret: xxxxxxxxxxxxxxxx',
    'token = "abc..."',
    `const tokenPattern = '[a-zA-Z0-9._~-]+={0,2}'`,
    'docker run -u 1000:1000 image',
    'mkdir -p build/out',
    'The token is required and the password is wrong.',
    'ENCRYPTION_KEY = 0x80041f07',
  ])('leaves: %s', (text) => {
    expect(show(text)).toBe(text);
  });

  test('leaves to the record what a signature is', () => {
    const signature = 'qT9vXk2LmR7wZ0cBd4sYhJ6nGf1uEpA8iKxQoVtW3e5';
    expect(masker.findText(`signature: '${signature}'`, 'client')).toEqual([]);
  });
});

const pieces = fc.constantFrom(
  ...'password|token|api_key|key|=|: |"|\'|\\"|(|, |[| -p| -u |a:b|;|zqkfwm7x|hunter2|word|${X}|[REDACTED:token]'.split(
    '|',
  ),
  ...'identified by ~:$6$~@tcp(~value~|\n  ~\n~𝕏~\ud800'.split('~'),
);

test('never throws, and masking twice changes nothing', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const once = masker.maskText(parts.join(''));
      if (once.kind !== 'masked') return;
      const again = masker.maskText(once.record.text);
      expect(again.kind === 'masked' ? again.record.text : once.record.text).toBe(once.record.text);
    }),
    { numRuns: 2000 },
  );
});
