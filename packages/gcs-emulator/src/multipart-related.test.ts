import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { crc32c } from './crc32c.ts';
import { parseMultipartRelated } from './multipart-related.ts';

const utf8 = (text: string): Buffer => Buffer.from(text);
async function* inChunks(body: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function parse(body: Buffer, contentType: string, chunk: number): Promise<{ metadata: string; media: Buffer }> {
  const upload = await parseMultipartRelated(inChunks(body, chunk), contentType);
  const parts: Uint8Array[] = [];
  for await (const part of upload.media) parts.push(part);
  return { metadata: upload.metadataText, media: Buffer.concat(parts) };
}

function build(metadata: string, media: Uint8Array, boundary: string, ending = '--'): Buffer {
  const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${metadata}\r\n--${boundary}\r\ncontent-type: x/y\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), media, Buffer.from(`\r\n--${boundary}${ending}`)]);
}

test('any media comes out as it went in, however the chunks fall', async () => {
  // Bytes that look like parts of a boundary are the hard case.
  const tricky = fc
    .array(fc.constantFrom('\r', '\n', '-', '--b', '\r\n--', '\r\n-', 'x', '\0'))
    .map((parts) => Buffer.from(parts.join('')));
  const media = fc.oneof(
    tricky,
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(media, fc.integer({ min: 1, max: 40 }), async (bytes, chunk) => {
      const result = await parse(build('{"name":"n"}', bytes, 'bound'), 'multipart/related; boundary=bound', chunk);
      expect(result).toEqual({ metadata: '{"name":"n"}', media: bytes });
    }),
  );
});

test('any body that breaks off is refused', async () => {
  const whole = build('{}', utf8('media'), 'b7');
  for (let length = 0; length < whole.length; length += 1) {
    const cut = parse(whole.subarray(0, length), 'multipart/related; boundary="b7"', 9);
    await expect(cut).rejects.toMatchObject({ name: 'EmulatorError', code: 'parseError' });
  }
});

test('a third part, a missing boundary and endless metadata are refused', async () => {
  const more = build('{}', utf8('m'), 'b', '\r\n\r\nthird\r\n--b--');
  await expect(parse(more, 'multipart/related; boundary=b', 7)).rejects.toMatchObject({ code: 'parseError' });
  await expect(parse(more, 'multipart/related', 7)).rejects.toMatchObject({ code: 'parseError' });
  const endless = Buffer.from(`--b\r\n\r\n${'x'.repeat(2 * 1024 * 1024)}`);
  await expect(parse(endless, 'multipart/related; boundary=b', 65_536)).rejects.toMatchObject({ code: 'parseError' });
});

test('the checksum matches the known answers, in one piece or many', () => {
  expect(crc32c(utf8('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), (bytes, cut) => {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
    }),
  );
});
