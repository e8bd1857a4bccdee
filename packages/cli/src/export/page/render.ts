/** The result as the page shows it: text nodes only, control and direction characters made visible. */
import type { Finding, VerifyReport } from '@tachograph/archive';
import { parseRecord, type StoredRecord } from '@tachograph/protocol';
import type { PageDocument, PageElement } from './dom.ts';
import { inflate, type ZipReader } from './read-zip.ts';
import type { PageResult } from './verify-zip.ts';

const maxSegmentBytes = 64 * 1024 * 1024;
const maxRows = 5000;

/** Recorded text must not steer what the reader sees. */
export function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** Shows a result in the element. */
export async function render(page: PageDocument, into: PageElement, result: PageResult): Promise<void> {
  if (result.kind === 'stopped') {
    into.replaceChildren(element(page, 'p', `Not judged: ${visible(result.reason)}`, 'bad'));
    return;
  }
  const { report, findings, files } = result;
  into.replaceChildren(
    verdict(page, report),
    facts(page, report),
    ...findings.map((finding) => findingOf(page, finding)),
  );
  into.append(element(page, 'h2', 'Records'), await records(page, report, files));
}

function element(page: PageDocument, tag: string, text: string, className = ''): PageElement {
  const made = page.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function verdict(page: PageDocument, { verdict: word, text, anchor }: VerifyReport): PageElement {
  const isGood = word === 'verified';
  const tone = isGood && anchor.kind !== 'none' ? 'good' : 'weak';
  return element(page, 'p', text, isGood ? tone : 'bad');
}

function facts(page: PageDocument, { counts, log, checkpoint, selection }: VerifyReport): PageElement {
  const session = selection?.kind === 'session' ? selection.session : '-';
  const text = `session ${session} · log ${checkpoint?.origin ?? '-'} at ${log.size} leaves, root ${log.root} · ${counts.leaves} proven leaves, ${counts.segments} segments, ${counts.records} records, ${counts.blobs} blobs`;
  return element(page, 'p', visible(text));
}

function findingOf(page: PageDocument, { severity, kind, object, line, reason }: Finding): PageElement {
  const where = line === undefined ? object : `${object} line ${line}`;
  return element(page, 'p', visible(`${severity.toUpperCase()} ${kind} · ${where} · ${reason}`), severity);
}

async function records(
  page: PageDocument,
  { selection }: VerifyReport,
  files: ReadonlyMap<string, ZipReader>,
): Promise<PageElement> {
  const table = page.createElement('table');
  const names = [...files.keys()].filter((name) => name.startsWith('v1/records/')).toSorted();
  const session = selection?.kind === 'session' ? selection.session : undefined;
  let rows = 0;
  for (const name of names) {
    const packed = await files.get(name)?.();
    const text = new TextDecoder().decode(await inflate(packed ?? new Uint8Array(), 'gzip', maxSegmentBytes));
    for (const line of text.split('\n')) {
      const record = parseRecord(line);
      if (record === undefined || record.session !== session || rows >= maxRows) continue;
      table.append(row(page, record));
      rows += 1;
    }
  }
  return table;
}

function row(page: PageDocument, record: StoredRecord): PageElement {
  const made = page.createElement('tr');
  const { seq, time, dir, kind, body, blob, enc, gen_ai_tool_name: tool, decision } = record;
  const arrow = { c2s: '→', s2c: '←' }[dir ?? 'c2s'];
  const text = enc === undefined ? textOf(body) : '[sealed body]';
  const content = text === '' ? `blob ${textOf(blob?.sha256)}` : text;
  const cells = [
    String(seq),
    time,
    dir === undefined ? '' : arrow,
    kind,
    textOf(tool),
    textOf(decision?.verdict),
    body === undefined && blob === undefined ? '' : content,
  ];
  made.append(...cells.map((cell) => element(page, 'td', visible(cell))));
  return made;
}

/** Of a field that the record's parser leaves unread. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
