import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSettingsReader } from '@tachograph/service';
import { toCrc32c } from '@tachograph/store';
import { createLogKey, holdKeys } from '../sequencer/log-key.ts';
import { LogTerms } from '../testing/log-terms.ts';
import { verifyBucket } from '../testing/verify.ts';
import { createKmsSigner, parseKmsAddress } from './kms-signer.ts';
import { readRemoteKeys } from './remote-keys.ts';
import { verifyEd25519 } from './signing-key.ts';

const version = 'projects/p/locations/europe-west4/keyRings/r/cryptoKeys/log/cryptoKeyVersions/3';

type Fields = Record<string, unknown>;

/** Answers as Cloud KMS does, with a real key; a test may bend an answer. */
class TestKms {
  key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = generateKeyPairSync('ed25519');
  algorithm = 'EC_SIGN_ED25519';
  bend: (answer: Fields) => Fields | number = (answer) => answer;
  signed = 0;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const answer = this.#resource(request, Buffer.concat(chunks).toString());
    const bent = typeof answer === 'number' ? answer : this.bend(answer);
    if (typeof bent === 'number') response.writeHead(bent).end('{}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(bent));
  }

  #resource({ method, url }: IncomingMessage, body: string): Fields | number {
    if (method === 'GET' && url === `/v1/${version}/publicKey`) {
      const pem = this.key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
      return { name: version, pem, algorithm: this.algorithm, pemCrc32c: crcOf(Buffer.from(pem)) };
    }
    if (method !== 'POST' || url !== `/v1/${version}:asymmetricSign`) return 404;
    const { data, dataCrc32c } = JSON.parse(body) as { readonly data: string; readonly dataCrc32c: string };
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length > 65_536 || crcOf(bytes) !== dataCrc32c) return 400;
    this.signed += 1;
    const signature = sign(null, bytes, this.key.privateKey);
    return {
      name: version,
      signature: signature.toString('base64'),
      signatureCrc32c: crcOf(signature),
      verifiedDataCrc32c: true,
      protectionLevel: 'HSM',
    };
  }
}

function crcOf(bytes: Uint8Array): string {
  return String(Buffer.from(toCrc32c(bytes), 'base64').readUInt32BE());
}

let kms: TestKms;
beforeEach(async () => {
  kms = new TestKms();
  await kms.listen();
});
afterEach(async () => kms.close());

const noToken = async (): Promise<string> => Promise.reject(new Error('asked for a token'));
const open = async () => createKmsSigner({ version, endpoint: kms.endpoint, token: noToken });

describe('a key in Cloud KMS', () => {
  test('signs as a key in memory does', async () => {
    const signer = await open();
    const signature = await signer.sign('text');
    expect(verifyEd25519(signer.publicKey, Buffer.from('text'), signature)).toBe(true);
  });

  test('leads a log that verifies, with no more bytes in a batch than it takes', async () => {
    const terms = new LogTerms();
    const key = createLogKey('test', await open());
    const inTime = async <T>(work: Promise<T>): Promise<T> => {
      const state = { over: false };
      work.finally(() => void (state.over = true)).catch(() => undefined);
      while (!state.over) {
        await terms.clock.pass(10);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return work;
    };
    const term = await inTime(terms.lead({ keys: holdKeys(key) }));
    // Over 64 KiB of leaves at once.
    const leaves = Array.from({ length: 150 }, (_, i) => terms.openLeaf(i + 1));
    await inTime(term.port.append(leaves));
    const { findings } = await verifyBucket(terms.store, key.vkey);
    expect(findings.filter(({ kind }) => /^(batch|checkpoint|key)\./.test(kind))).toEqual([]);
    expect((await terms.leavesOf('stream.open')).length).toBe(150);
    expect(kms.signed).toBeGreaterThan(2);
  });

  test.each<[string, (answer: Fields) => Fields | number]>([
    ['is out of reach', () => 503],
    ['answers for another version', (answer) => ({ ...answer, name: 'projects/other' })],
    ['did not check the bytes that it got', (answer) => ({ ...answer, verifiedDataCrc32c: false })],
    ['answers a damaged signature', (answer) => ({ ...answer, signature: Buffer.alloc(64).toString('base64') })],
    ['answers a checksum of something else', (answer) => ({ ...answer, signatureCrc32c: '1' })],
    [
      'signed with another key',
      (answer) => {
        const other = sign(null, Buffer.from('text'), generateKeyPairSync('ed25519').privateKey);
        return { ...answer, signature: other.toString('base64'), signatureCrc32c: crcOf(other) };
      },
    ],
    ['answers something else', () => ({ error: 'x' })],
    ['answers more than a signature can be', (answer) => ({ ...answer, more: 'x'.repeat(100_000) })],
  ])('gives no signature when it %s, and one when it is well again', async (_what, bend) => {
    const signer = await open();
    kms.bend = bend;
    await expect(signer.sign('text')).rejects.toMatchObject({ code: 'unavailable' });
    kms.bend = (answer) => answer;
    await expect(signer.sign('text')).resolves.toHaveLength(64);
  });

  test('that is no Ed25519 key is refused', async () => {
    kms.algorithm = 'EC_SIGN_P256_SHA256';
    await expect(open()).rejects.toMatchObject({ code: 'internal' });
  });

  test('with a damaged public key is refused', async () => {
    kms.bend = (answer) => ({ ...answer, pemCrc32c: '7' });
    await expect(open()).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('over HTTPS is asked with the token of the ambient credentials', async () => {
    const asked = createKmsSigner({ version, endpoint: kms.endpoint.replace('http:', 'https:'), token: noToken });
    await expect(asked).rejects.toThrow('asked for a token');
  });
});

const read = (text: string): readonly string[] =>
  readRemoteKeys(createSettingsReader({ TACHO_LOG_KEY: text })).versions;

describe('addresses', () => {
  test.each([
    [`gcpkms://${version}`, version],
    ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k', undefined],
    [version, undefined],
    [`gcpkms://${version}/../x`, undefined],
  ])('%s', (text, name) => {
    expect(parseKmsAddress(text)).toBe(name);
  });

  test('settings name them oldest first, and refuse others', () => {
    expect(read(`gcpkms://${version},gcpkms://${version}4`)).toEqual([version, `${version}4`]);
    expect(() => read('awskms://x')).toThrow(/TACHO_LOG_KEY/);
  });
});
