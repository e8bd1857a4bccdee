import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { EmulatorClient } from './testing/emulator-client.ts';

let gcs: EmulatorClient;
let bucket: string;
let count = 0;

beforeAll(async () => {
  gcs = await EmulatorClient.start();
});
afterAll(async () => {
  await gcs.stop();
});
beforeEach(async () => {
  count += 1;
  bucket = `bucket-${count}`;
  await gcs.bucket(bucket);
});

const unmet = { status: 412, reason: 'conditionNotMet' };
const multipart = (
  metadata: object,
  media: string,
): { method: string; headers: Record<string, string>; body: string } => ({
  method: 'POST',
  headers: { 'content-type': 'multipart/related; boundary="b7"' },
  body: `--b7\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(metadata)}\r\n--b7\r\ncontent-type: text/plain\r\n\r\n${media}\r\n--b7--`,
});
const start = async (query = ''): Promise<string> => {
  const path = `/upload/storage/v1/b/${bucket}/o?uploadType=resumable&name=r${query}`;
  const { headers } = await gcs.call(path, { method: 'POST', body: { contentType: 'text/plain' } });
  return headers.get('location')?.replace(gcs.server.url, '') ?? '';
};
const put = async (session: string, range: string | undefined, body = '') =>
  await gcs.call(session, { method: 'PUT', body, headers: range === undefined ? {} : { 'content-range': range } });
const helloCrc = 'mnG7TA==';
const helloMd5 = 'XUFAKrxLKna5cZ2REBfFkg==';

describe('generations', () => {
  test('rise with every write, also when the clock goes back', async () => {
    const first = await gcs.upload(bucket, 'a', 'one');
    await gcs.advance(-3600);
    const second = await gcs.upload(bucket, 'a', 'two');
    await gcs.advance(3600);
    expect(Number(second.body['generation'])).toBeGreaterThan(Number(first.body['generation']));
    expect(second.body['metageneration']).toBe('1');
  });

  test('an overwrite without versioning leaves one', async () => {
    await gcs.upload(bucket, 'a', 'one');
    await gcs.upload(bucket, 'a', 'two');
    expect(await gcs.versions(bucket, 'a')).toHaveLength(1);
    expect(await gcs.media(bucket, 'a')).toBe('two');
  });

  test('suspended versioning keeps the versions that are there', async () => {
    await gcs.patchBucket(bucket, { versioning: { enabled: true } });
    await gcs.upload(bucket, 'a', 'one');
    await gcs.upload(bucket, 'a', 'two');
    await gcs.patchBucket(bucket, { versioning: { enabled: false } });
    await gcs.upload(bucket, 'a', 'three');
    expect((await gcs.versions(bucket, 'a')).map((version) => version.noncurrent)).toEqual([true, false]);
  });

  test('a metadata change counts metageneration, not generation', async () => {
    const { body } = await gcs.upload(bucket, 'a', 'one');
    const patched = await gcs.patch(bucket, 'a', { metadata: { k: 'v', gone: 'x' }, contentType: 'text/plain' });
    expect(patched.body).toMatchObject({
      generation: body['generation'],
      metageneration: '2',
      contentType: 'text/plain',
    });
    const removed = await gcs.patch(bucket, 'a', { metadata: { gone: null } });
    expect(removed.body['metadata']).toEqual({ k: 'v' });
  });
});

describe('preconditions', () => {
  test('ifGenerationMatch=0 creates once, whatever noncurrent versions exist', async () => {
    await gcs.patchBucket(bucket, { versioning: { enabled: true } });
    expect(await gcs.upload(bucket, 'a', 'one', '&ifGenerationMatch=0')).toMatchObject({ status: 200 });
    expect(await gcs.upload(bucket, 'a', 'two', '&ifGenerationMatch=0')).toMatchObject(unmet);
    await gcs.remove(bucket, 'a');
    expect(await gcs.upload(bucket, 'a', 'three', '&ifGenerationMatch=0')).toMatchObject({ status: 200 });
  });

  test('hold on overwrite, patch, delete and copy', async () => {
    const { body } = await gcs.upload(bucket, 'a', 'one');
    const generation = String(body['generation']);
    expect(await gcs.upload(bucket, 'a', 'two', '&ifGenerationMatch=1')).toMatchObject(unmet);
    expect(await gcs.upload(bucket, 'a', 'two', `&ifGenerationNotMatch=${generation}`)).toMatchObject(unmet);
    expect(await gcs.upload(bucket, 'a', 'two', '&ifMetagenerationMatch=2')).toMatchObject(unmet);
    expect(await gcs.patch(bucket, 'a', {}, 'ifMetagenerationMatch=2')).toMatchObject(unmet);
    expect(await gcs.remove(bucket, 'a', 'ifMetagenerationNotMatch=1')).toMatchObject(unmet);
    const copy = `b/${bucket}/o/a/rewriteTo/b/${bucket}/o/b`;
    expect(await gcs.call(`${copy}?ifSourceGenerationMatch=1`, { method: 'POST' })).toMatchObject(unmet);
    expect(await gcs.call(`${copy}?ifGenerationMatch=1`, { method: 'POST' })).toMatchObject(unmet);
    expect(await gcs.media(bucket, 'a')).toBe('one');
  });

  test('on reads: 412 for a match that fails, 304 for what is unchanged', async () => {
    const { body } = await gcs.upload(bucket, 'a', 'one');
    const generation = String(body['generation']);
    expect(await gcs.object(bucket, 'a', 'ifGenerationMatch=1')).toMatchObject(unmet);
    expect(await gcs.object(bucket, 'a', `ifGenerationNotMatch=${generation}`)).toMatchObject({
      status: 304,
      text: '',
    });
    expect(await gcs.object(bucket, 'a', `alt=media&ifGenerationMatch=${generation}`)).toMatchObject({ text: 'one' });
  });

  test('on buckets', async () => {
    expect(await gcs.patchBucket(bucket, { labels: { a: 'b' } }, 'ifMetagenerationMatch=9')).toMatchObject(unmet);
    expect(await gcs.call(`b/${bucket}?ifMetagenerationMatch=9`, { method: 'DELETE' })).toMatchObject(unmet);
    expect(await gcs.patchBucket(bucket, { labels: { a: 'b' } }, 'ifMetagenerationMatch=1')).toMatchObject({
      status: 200,
    });
  });

  test('a malformed one is refused', async () => {
    for (const value of ['x', '-1', '1.5', '']) {
      const answer = await gcs.upload(bucket, 'a', 'one', `&ifGenerationMatch=${value}`);
      expect(answer).toMatchObject({ status: 400, reason: 'invalid' });
    }
  });
});

describe('checksums', () => {
  test('are computed', async () => {
    const { body } = await gcs.upload(bucket, 'a', 'hello');
    expect(body).toMatchObject({ crc32c: helloCrc, md5Hash: helloMd5, size: '5' });
    const { headers } = await gcs.object(bucket, 'a', 'alt=media');
    expect(headers.get('x-goog-hash')).toBe(`crc32c=${helloCrc},md5=${helloMd5}`);
  });

  test('that are right are accepted, in metadata or header', async () => {
    const path = `/upload/storage/v1/b/${bucket}/o?uploadType=multipart`;
    const answer = await gcs.call(path, multipart({ name: 'm', crc32c: helloCrc, md5Hash: helloMd5 }, 'hello'));
    expect(answer.body).toMatchObject({ name: 'm', contentType: 'text/plain' });
  });

  test.each([
    ['crc32c', { crc32c: 'AAAAAA==' }],
    ['md5Hash', { md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA==' }],
  ])('a wrong %s in the metadata is refused, and nothing is stored', async (_label, claimed) => {
    const path = `/upload/storage/v1/b/${bucket}/o?uploadType=multipart`;
    const answer = await gcs.call(path, multipart({ name: 'm', ...claimed }, 'hello'));
    expect(answer).toMatchObject({ status: 400, reason: 'invalid' });
    expect(answer.text).toMatch(/doesn't match calculated/);
    expect(await gcs.versions(bucket, 'm')).toEqual([]);
  });

  test('a wrong one in a header is refused, and keeps the version before', async () => {
    await gcs.upload(bucket, 'a', 'first');
    const answer = await gcs.call(`/upload/storage/v1/b/${bucket}/o?uploadType=media&name=a`, {
      method: 'POST',
      headers: { 'x-goog-hash': 'crc32c=AAAAAA==' },
      body: 'hello',
    });
    expect(answer).toMatchObject({ status: 400, reason: 'invalid' });
    expect(await gcs.media(bucket, 'a')).toBe('first');
  });
});

describe('resumable uploads', () => {
  test('arrive in chunks, tell how far they are, and end once', async () => {
    const session = await start();
    expect(await put(session, 'bytes 0-2/*', 'abc')).toMatchObject({ status: 308 });
    const query = await put(session, 'bytes */*');
    expect([query.status, query.headers.get('range')]).toEqual([308, 'bytes=0-2']);
    expect(await put(session, 'bytes 2-4/5', 'cde')).toMatchObject({ status: 200 });
    expect(await gcs.media(bucket, 'r')).toBe('abcde');
    const again = await put(session, 'bytes */5');
    expect(again.body).toMatchObject({ name: 'r', size: '5' });
    expect(await gcs.versions(bucket, 'r')).toHaveLength(1);
  });

  test('check the precondition at the start and again at the commit', async () => {
    const session = await start('&ifGenerationMatch=0');
    await gcs.upload(bucket, 'r', 'somebody else');
    expect(await put(session, undefined, 'late')).toMatchObject(unmet);
    expect(await gcs.media(bucket, 'r')).toBe('somebody else');
    const refused = await gcs.call(`/upload/storage/v1/b/${bucket}/o?uploadType=resumable&name=r&ifGenerationMatch=0`, {
      method: 'POST',
    });
    expect(refused).toMatchObject(unmet);
  });

  test('refuse a gap, a wrong checksum and an unknown session', async () => {
    const session = await start();
    expect(await put(session, 'bytes 5-9/10', 'fghij')).toMatchObject({ status: 400 });
    const wrong = await gcs.call(session, {
      method: 'PUT',
      body: 'abc',
      headers: { 'x-goog-hash': 'crc32c=AAAAAA==' },
    });
    expect(wrong).toMatchObject({ status: 400, reason: 'invalid' });
    expect(await put(session, undefined, 'abc')).toMatchObject({ status: 404 });
    expect(await gcs.versions(bucket, 'r')).toEqual([]);
  });

  test('can be cancelled', async () => {
    const session = await start();
    await put(session, 'bytes 0-2/*', 'abc');
    expect(await gcs.call(session, { method: 'DELETE' })).toMatchObject({ status: 499 });
    expect(await put(session, 'bytes 3-4/5', 'de')).toMatchObject({ status: 404 });
  });
});

describe('reading', () => {
  test('ranges', async () => {
    await gcs.upload(bucket, 'a', '0123456789');
    const read = async (range: string) => await gcs.object(bucket, 'a', 'alt=media', { headers: { range } });
    expect(await read('bytes=2-4')).toMatchObject({ status: 206, text: '234' });
    expect(await read('bytes=7-')).toMatchObject({ status: 206, text: '789' });
    expect(await read('bytes=-2')).toMatchObject({ status: 206, text: '89' });
    expect(await read('bytes=10-')).toMatchObject({ status: 416, reason: 'requestedRangeNotSatisfiable' });
  });

  test('Content-Encoding gzip is unpacked only for clients that do not take gzip', async () => {
    const packed = gzipSync('plain text');
    await gcs.call(`/upload/storage/v1/b/${bucket}/o?uploadType=media&name=z&contentEncoding=gzip`, {
      method: 'POST',
      body: packed,
    });
    const unpacked = await gcs.object(bucket, 'z', 'alt=media', { headers: { 'accept-encoding': 'identity' } });
    expect([unpacked.text, unpacked.headers.get('content-encoding')]).toEqual(['plain text', null]);
  });

  test('names with slashes, spaces, percent signs and other scripts are found again', async () => {
    for (const name of ['a/b//c', 'sp ace', '100%', 'ä+ö?#', '名前', '..hidden/..', '__proto__']) {
      await gcs.upload(bucket, name, name);
      expect(await gcs.media(bucket, name)).toBe(name);
    }
  });

  test('names that GCS refuses are refused', async () => {
    for (const name of ['', '.', '..', 'a\nb', 'x'.repeat(1025), '.well-known/acme-challenge/x']) {
      expect(await gcs.upload(bucket, name, 'x')).toMatchObject({ status: 400 });
    }
  });

  test('what does not exist is 404 with a reason', async () => {
    expect(await gcs.object(bucket, 'nope')).toMatchObject({ status: 404, reason: 'notFound' });
    expect(await gcs.object('no-such-bucket', 'nope')).toMatchObject({ status: 404, reason: 'notFound' });
    expect(await gcs.object(bucket, 'nope', 'generation=5')).toMatchObject({ status: 404 });
    expect(await gcs.call('nothing/here')).toMatchObject({ status: 404 });
    expect(await gcs.call(`b/${bucket}/o/%E0%A4%A`)).toMatchObject({ status: 400 });
  });
});

describe('copying', () => {
  test('carries bytes and metadata, never holds', async () => {
    await gcs.upload(bucket, 'a', 'hello');
    await gcs.patch(bucket, 'a', { metadata: { k: 'v' }, temporaryHold: true });
    const answer = await gcs.call(`b/${bucket}/o/a/rewriteTo/b/${bucket}/o/${encodeURIComponent('d/b')}`, {
      method: 'POST',
    });
    expect(answer.body).toMatchObject({
      done: true,
      resource: { name: 'd/b', metadata: { k: 'v' }, crc32c: helloCrc },
    });
    expect((await gcs.object(bucket, 'd/b')).body['temporaryHold']).toBeUndefined();
    expect(await gcs.media(bucket, 'd/b')).toBe('hello');
    const copied = await gcs.call(`b/${bucket}/o/a/copyTo/b/${bucket}/o/c`, { method: 'POST' });
    expect(copied.body).toMatchObject({ name: 'c', size: '5' });
  });

  test('composing is refused as not implemented', async () => {
    const answer = await gcs.call(`b/${bucket}/o/a/compose`, { method: 'POST', body: {} });
    expect(answer).toMatchObject({ status: 501, reason: 'notImplemented' });
  });
});

describe('buckets', () => {
  test('keep what is set on them', async () => {
    const settings = {
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
      softDeletePolicy: { retentionDurationSeconds: '864000' },
      location: 'europe-west4',
      labels: { team: 'a' },
    };
    const { body } = await gcs.bucket(`${bucket}-b`, settings);
    expect(body).toMatchObject({
      location: 'EUROPE-WEST4',
      labels: { team: 'a' },
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
      softDeletePolicy: { retentionDurationSeconds: '864000' },
    });
    const listed = await gcs.call(`b?project=p&prefix=${bucket}-`);
    expect(listed.body['items']).toMatchObject([{ name: `${bucket}-b`, metageneration: '1' }]);
  });

  test('refuse a taken name, a bad name, and bad settings', async () => {
    expect(await gcs.bucket(bucket)).toMatchObject({ status: 409, reason: 'conflict' });
    for (const name of ['A', 'x', '../etc', '', 'a_'.repeat(40)]) {
      expect(await gcs.bucket(name)).toMatchObject({ status: 400, reason: 'invalid' });
    }
    expect(await gcs.patchBucket(bucket, { softDeletePolicy: { retentionDurationSeconds: '60' } })).toMatchObject({
      status: 400,
    });
    expect(await gcs.patchBucket(bucket, { iamConfiguration: { publicAccessPrevention: 'off' } })).toMatchObject({
      status: 400,
    });
    expect(await gcs.call(`b/${bucket}`, { method: 'PATCH', body: '{not json' })).toMatchObject({
      status: 400,
      reason: 'parseError',
    });
  });

  test('with noncurrent versions only are not empty', async () => {
    await gcs.patchBucket(bucket, { versioning: { enabled: true } });
    await gcs.upload(bucket, 'a', 'one');
    await gcs.remove(bucket, 'a');
    expect(await gcs.call(`b/${bucket}`, { method: 'DELETE' })).toMatchObject({ status: 409 });
  });

  test('answer under / too, where STORAGE_EMULATOR_HOST sends the client', async () => {
    expect((await gcs.call(`/b/${bucket}`)).body['name']).toBe(bucket);
  });
});

test('a refused upload is read to its end, and the connection goes on', async () => {
  await gcs.upload(bucket, 'taken', 'one');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { headers, body } = multipart({ name: 'taken' }, 'x'.repeat(300_000));
  const upload = async (): Promise<{ status: number | undefined; reused: boolean }> =>
    new Promise((resolve, reject) => {
      const path = `/upload/storage/v1/b/${bucket}/o?uploadType=multipart&ifGenerationMatch=0`;
      const outgoing = request(`${gcs.server.url}${path}`, { agent, method: 'POST', headers }, (incoming) => {
        incoming.resume().on('end', () => resolve({ status: incoming.statusCode, reused: outgoing.reusedSocket }));
      });
      outgoing.on('error', reject).end(body);
    });
  expect(await upload()).toEqual({ status: 412, reused: false });
  expect(await upload()).toEqual({ status: 412, reused: true });
  expect(await upload()).toEqual({ status: 412, reused: true });
  agent.destroy();
});
