/** A throw-away authority with one serving leaf, for tests of a provider with a private CA (RFC 5280, P-256). */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface TestCertificates {
  /** PEM of the authority: what a client must trust. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Subject {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

const lifeMs = 30 * 86_400_000;

/** A leaf for these DNS names and IPv4 addresses, good for 30 days around `nowMs`. */
export function createTestCertificates(names: readonly string[], nowMs: number): TestCertificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: `test authority ${randomBytes(4).toString('hex')}`, key: authority.privateKey, nowMs };
  const ca: Subject = {
    name: issuer.name,
    publicKey: authority.publicKey,
    extensions: [extension('551d13', sequence(boolean(true)))],
  };
  const serving: Subject = {
    name: names[0] ?? 'localhost',
    publicKey: leaf.publicKey,
    extensions: [extension('551d11', sequence(...names.map(alternative)))],
  };
  return {
    ca: certificate(ca, issuer),
    cert: certificate(serving, issuer),
    key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function certificate(subject: Subject, issuer: { name: string; key: KeyObject; nowMs: number }): string {
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([0x4a]), randomBytes(15)])),
    algorithm,
    name(issuer.name),
    sequence(time(issuer.nowMs - lifeMs), time(issuer.nowMs + lifeMs)),
    name(subject.name),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...subject.extensions)),
  );
  const signed = sequence(body, algorithm, bits(sign('sha256', body, issuer.key)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]));
}

function bits(content: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), content]));
}

/** A critical flag is left out: every reader knows these two. */
function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x04, value));
}

function name(common: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(common)))));
}

/** UTCTime, seconds. */
function time(ms: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

function alternative(host: string): Buffer {
  return isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
}
