/** X.509 as this installation needs it: an authority and its serving leaves, P-256. */
// tsyringe, inside @peculiar/x509, looks for the metadata API when it is loaded.
// oxlint-disable-next-line import/no-unassigned-import -- it is there for its effect
import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
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

/** A certificate with its private key, both PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

export interface Validity {
  readonly fromMs: number;
  readonly lifeMs: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
/** Clocks of other machines may be a little behind. */
const backdateMs = 60_000;

/** A self-signed authority that may sign leaves only. */
export async function createAuthority(name: string, validity: Validity): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await X509CertificateGenerator.createSelfSigned({
    // Two authorities of one name side by side would make OpenSSL try the wrong one only.
    name: `CN=${name} ${serial().slice(0, 8)}`,
    serialNumber: serial(),
    ...toDates(validity),
    signingAlgorithm: signing,
    keys,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  return { cert: cert.toString('pem'), key: toPem(keys.privateKey) };
}

/** A serving leaf for these DNS names and IP addresses. */
export async function issueLeaf(
  authority: CertifiedKey,
  names: { readonly dns: readonly string[]; readonly ip: readonly string[] },
  validity: Validity,
): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const signer = new X509Certificate(authority.cert);
  const alternatives = [
    ...names.dns.map((value) => ({ type: 'dns' as const, value })),
    ...names.ip.map((value) => ({ type: 'ip' as const, value })),
  ];
  const cert = await X509CertificateGenerator.create({
    subject: `CN=${names.dns[0] ?? 'tachograph'}`,
    issuer: signer.subject,
    serialNumber: serial(),
    ...toDates(validity),
    signingAlgorithm: signing,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(alternatives),
    ],
  });
  return { cert: cert.toString('pem'), key: toPem(keys.privateKey) };
}

/** Validity of a PEM certificate, in epoch milliseconds. */
export function validityOf(pem: string): { readonly fromMs: number; readonly untilMs: number } {
  const { validFromDate, validToDate } = new NodeCertificate(pem);
  return { fromMs: validFromDate.getTime(), untilMs: validToDate.getTime() };
}

/** When two thirds of a certificate's life are over. */
export function renewalDueMs(pem: string): number {
  const { fromMs, untilMs } = validityOf(pem);
  return fromMs + ((untilMs - fromMs) * 2) / 3;
}

function toDates({ fromMs, lifeMs }: Validity): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(fromMs - backdateMs), notAfter: new Date(fromMs + lifeMs) };
}

/** Positive and without a leading zero, as RFC 5280 section 4.1.2.2 asks. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function toPem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}
