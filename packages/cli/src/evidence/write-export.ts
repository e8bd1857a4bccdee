/** The files of an export, and the index over them. */
import { createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artefacts } from './artefacts.ts';
import { type EvidenceHeader, type ExportFacts, toHeader } from './evidence-header.ts';
import type { TableDraft } from './evidence-table.ts';
import { type WrittenFile, writeOutput } from './output-file.ts';
import { toCsvText, toHtmlText, toJsonText } from './write-table.ts';

/** `index.json`: what an export consists of. Its own SHA-256 is what a registration states. */
export interface EvidenceIndex extends Omit<EvidenceHeader, 'kind'> {
  readonly kind: 'tachograph.evidence.index';
  readonly files: readonly (WrittenFile & {
    readonly artefact: string;
    readonly rows: number;
    readonly mark: string;
  })[];
  /** Of `index.json.sig`: key id is the first 32 hex digits of SHA-256 of the SPKI DER. */
  readonly signer?: { readonly keyId: string; readonly publicKey: string };
}

type IndexedFile = EvidenceIndex['files'][number];

const callAbout =
  'Each request of a client in the period, with how it was answered: outcome, decision, duration, masking. Never a body. The file begins with one event that describes the export itself.';

/** Writes everything; the index comes last, so that a directory with an index is whole. */
export async function writeExport(
  out: string,
  facts: ExportFacts,
  { artefacts, signKey }: { readonly artefacts: Artefacts; readonly signKey: KeyObject | undefined },
): Promise<{ readonly index: EvidenceIndex; readonly indexSha256: string }> {
  const files: IndexedFile[] = [];
  for (const table of Object.values(artefacts.tables)) files.push(...(await writeTable(out, facts, table)));
  files.push(...(await writeCalls(out, facts, artefacts)));
  const about = 'What this export consists of; every file with its SHA-256.';
  const header = toHeader(facts, { name: 'index', title: 'Evidence export', about, rows: files.length });
  const index: EvidenceIndex = { ...header, kind: 'tachograph.evidence.index', files, ...signerOf(signKey) };
  const { sha256 } = await writeOutput(out, '.index.json', piecesOf(`${JSON.stringify(index, null, 1)}\n`));
  if (signKey !== undefined) await writeSignature(out, signKey);
  await rename(join(out, '.index.json'), join(out, 'index.json'));
  return { index, indexSha256: sha256 };
}

function signerOf(key: KeyObject | undefined): Pick<EvidenceIndex, 'signer'> {
  if (key === undefined) return {};
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { signer: { keyId: hash('sha256', spki, 'hex').slice(0, 32), publicKey: spki.toString('base64') } };
}

async function writeSignature(out: string, key: KeyObject): Promise<void> {
  const signature = sign(null, await readFile(join(out, '.index.json')), key);
  await writeFile(join(out, 'index.json.sig'), `${signature.toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
}

async function writeTable(out: string, facts: ExportFacts, table: TableDraft): Promise<readonly IndexedFile[]> {
  const { name, title, about } = table.kind;
  const header = toHeader(facts, { name, title, about, rows: table.count });
  const more = { artefact: name, rows: table.count, mark: header.mark };
  return [
    { ...(await writeOutput(out, `${name}.csv`, toCsvText(header, table))), ...more },
    { ...(await writeOutput(out, `${name}.json`, toJsonText(header, table))), ...more },
    { ...(await writeOutput(out, `${name}.html`, toHtmlText(header, table))), ...more },
  ];
}

async function writeCalls(out: string, facts: ExportFacts, { calls }: Artefacts): Promise<readonly IndexedFile[]> {
  const header = toHeader(facts, { name: 'calls', title: 'Call log', about: callAbout, rows: calls.count });
  const more = { artefact: 'calls', rows: calls.count, mark: header.mark };
  return [
    { ...(await writeOutput(out, 'calls.ocsf.jsonl', calls.ocsf(header))), ...more },
    { ...(await writeOutput(out, 'calls.cef', calls.cef(header))), ...more },
  ];
}

async function* piecesOf(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}
