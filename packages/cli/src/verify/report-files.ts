/** `--report DIR`: what a verification found, for people and for programs, signed by whoever verified. */
import { createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding, VerifyReport } from '@tachograph/archive';
import { formatReportPage } from './report-page.ts';

/** What report.json says (`archive-format.md`, Report). */
export interface ReportDocument extends Omit<VerifyReport, 'findings'> {
  readonly v: 1;
  readonly kind: 'tachograph.verify-report';
  readonly verifier: { readonly program: 'tacho'; readonly version: string };
  /** RFC 3339, by the clock of the machine that verified. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly archive: string;
  /** SHA-256 of the policy file's bytes, and of the witness policy's where one was given. */
  readonly policy: { readonly sha256: string; readonly witnessSha256?: string; readonly quorum: string };
  readonly findings: {
    readonly counts: VerifyReport['findings'];
    readonly listed: number;
    readonly list: readonly Finding[];
  };
  /** Key id of the signature beside it: first 32 hex digits of SHA-256 of its SPKI DER. */
  readonly signer?: { readonly keyId: string; readonly publicKey: string };
}

/** The document as text: what `report.json` holds and the signature covers. */
function formatReportDocument(document: Omit<ReportDocument, 'signer'>, key: KeyObject | undefined): string {
  const signed: ReportDocument = key === undefined ? document : { ...document, signer: signerOf(key) };
  return `${JSON.stringify(signed, null, 2)}\n`;
}

function signerOf(key: KeyObject): NonNullable<ReportDocument['signer']> {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { keyId: hash('sha256', spki, 'hex').slice(0, 32), publicKey: spki.toString('base64') };
}

/** Writes report.json, report.html and, with a key, report.json.sig: base64 of the raw Ed25519 signature over report.json. */
export async function writeReportFiles(
  dir: string,
  document: Omit<ReportDocument, 'signer'>,
  key: KeyObject | undefined,
): Promise<void> {
  const text = formatReportDocument(document, key);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'report.json'), text);
  await writeFile(join(dir, 'report.html'), formatReportPage(document, hash('sha256', text, 'hex')));
  if (key === undefined) return;
  await writeFile(join(dir, 'report.json.sig'), `${sign(null, Buffer.from(text), key).toString('base64')}\n`);
}
