/** The authority behind the webhooks' certificates, and the leaf that a replica serves: P-256, made here, kept by nobody else. */
// tsyringe, inside @peculiar/x509, looks for the metadata API when it is loaded: it must come first.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { InjectorError } from './injector-error.ts';

/** A certificate with its private key, both PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

export interface Validity {
  readonly fromMs: number;
  readonly lifeMs: number;
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
/** The API server's clock may be a little behind ours. */
const backdateMs = 60_000;

/** A self-signed authority that may sign leaves only. */
export async function createAuthority(name: string, validity: Validity): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const serial = serialNumber();
  const cert = await X509CertificateGenerator.createSelfSigned({
    // Two authorities of one name side by side would make OpenSSL try the wrong one only.
    name: `CN=${name} ${serial.slice(0, 8)}`,
    serialNumber: serial,
    ...datesOf(validity),
    signingAlgorithm,
    keys,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  return { cert: cert.toString('pem'), key: pemOf(keys.privateKey) };
}

/** A serving certificate for DNS names; its key never leaves this process. */
export async function issueLeaf(
  authority: CertifiedKey,
  names: readonly string[],
  validity: Validity,
): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const cert = await X509CertificateGenerator.create({
    subject: `CN=${names[0] ?? ''}`,
    issuer: new X509Certificate(authority.cert).subject,
    serialNumber: serialNumber(),
    ...datesOf(validity),
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey: await importPrivateKey(authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    ],
  });
  return { cert: cert.toString('pem'), key: pemOf(keys.privateKey) };
}

/** Validity of a PEM certificate in epoch milliseconds, and when two thirds of it are over. */
export function lifeOf(pem: string): { readonly fromMs: number; readonly untilMs: number; readonly renewMs: number } {
  try {
    const { notBefore, notAfter } = new X509Certificate(pem);
    const [fromMs, untilMs] = [notBefore.getTime(), notAfter.getTime()];
    return { fromMs, untilMs, renewMs: fromMs + ((untilMs - fromMs) * 2) / 3 };
  } catch (cause) {
    throw new InjectorError('certificate', 'expected a PEM certificate', cause);
  }
}

function datesOf({ fromMs, lifeMs }: Validity): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(fromMs - backdateMs), notAfter: new Date(fromMs + lifeMs) };
}

/** Positive, no leading zero: RFC 5280 section 4.1.2.2. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function pemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign']);
}
