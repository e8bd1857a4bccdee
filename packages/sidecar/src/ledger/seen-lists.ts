/**
 * Lists that were read before. Servers answer the same list again and again, with another id only: what masking, the
 * ledger and policy made of it is then still true.
 */
import { LRUCache } from 'lru-cache';
import type { JsonObject, RecordedMask } from '@tachograph/protocol';
import type { MaskerPort } from '../call/ports.ts';
import type { LongText } from '../masking/mask-job.ts';
import type { KnownList } from './known-list.ts';
import { listSpans } from './list-spans.ts';

/** A text around the message's id. */
interface Frame {
  readonly before: string;
  readonly after: string;
}

/** The same as bytes: a long string is copied and encoded again for whoever writes it. */
interface ByteFrame {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** A list in one answer. `idText`: the id's JSON text. `tools`: what a later call needs of the result. */
export interface ReadList {
  readonly method: string;
  readonly session: string | undefined;
  readonly masker: MaskerPort;
  readonly idText: string;
  readonly text: string;
  readonly record: string;
  /** After masking; undefined: as the server sent it. */
  readonly client: string | undefined;
  readonly mask: RecordedMask;
  readonly tail: string | undefined;
  readonly known: KnownList;
  readonly result: JsonObject;
}

/** The same list, answered again: texts with the new id. */
export interface RecalledList extends Pick<ReadList, 'record' | 'client' | 'mask' | 'tail' | 'known' | 'result'> {
  /** The JSON string of `record` as UTF-8, in pieces. */
  readonly recordJson: readonly Uint8Array[];
  /** What `marks` made of it earlier; undefined: never asked. */
  filtered(marks: string): { readonly client: LongText | undefined } | undefined;
  keepFiltered(marks: string, client: string | undefined): void;
}

export interface SeenLists {
  recall(asked: Pick<ReadList, 'method' | 'session' | 'masker' | 'idText' | 'text'>): RecalledList | undefined;
  keep(list: ReadList): void;
}

interface Seen {
  readonly list: ReadList;
  readonly rest: string;
  readonly record: Frame;
  /** Within the quotes of a JSON string; made with the first recall. */
  recordJson: ByteFrame | undefined;
  readonly client: Frame | undefined;
  /** By marks. */
  readonly filtered: LRUCache<string, { readonly frame: ByteFrame | undefined }>;
}

const maxLength = 512 * 1024;
const rememberedLength = 4 * 1024 * 1024;
const filteredPerList = 8;
/** Text, record, the record as a JSON string. */
const formsPerList = 4;

export function createSeenLists(): SeenLists {
  const lists = new LRUCache<string, Seen>({ maxSize: rememberedLength });
  return {
    recall({ method, session, masker, idText, text }) {
      if (text.length > maxLength) return undefined;
      for (const [form, rest] of restsOf(text, idText)) {
        const seen = lists.get(keyOf(method, form, rest));
        if (seen === undefined || seen.list.masker !== masker || seen.rest !== rest) continue;
        // A replacement may be good for one session only.
        if (seen.list.mask.hits === 0 || seen.list.session === session) return toRecalled(seen, idText);
      }
      return undefined;
    },
    keep(list) {
      const { text, idText, method } = list;
      const form = formOf(text, idText);
      const record = frameOf(list.record, idText);
      const client = list.client === undefined ? undefined : frameOf(list.client, idText);
      if (form === undefined || text.length > maxLength || record === undefined) return;
      if (list.client !== undefined && client === undefined) return;
      const filtered = new LRUCache<string, { readonly frame: ByteFrame | undefined }>({ max: filteredPerList });
      const seen = { list, rest: form[1], record, recordJson: undefined, client, filtered };
      lists.set(keyOf(method, form[0], form[1]), seen, { size: text.length * (formsPerList + filteredPerList) });
    },
  };
}

type Form = 'head' | 'tail';

const head = '{"jsonrpc":"2.0","id":';

/** What is left of the text without its id, where the id stands as servers put it: right at the start or at the very end. */
function restsOf(text: string, idText: string): readonly (readonly [Form, string])[] {
  const rests: (readonly [Form, string])[] = [];
  if (text.startsWith(`${head}${idText},`)) rests.push(['head', text.slice(head.length + idText.length)]);
  const end = `"id":${idText}}`;
  if (text.endsWith(end)) rests.push(['tail', text.slice(0, -end.length)]);
  return rests;
}

/** The same, proved: the message has this one id and no other. */
function formOf(text: string, idText: string): readonly [Form, string] | undefined {
  const { ids } = listSpans(text);
  const [only] = ids;
  if (ids.length !== 1 || only === undefined || text.slice(...only) !== idText) return undefined;
  return restsOf(text, idText).find(([form]) =>
    form === 'head' ? only[0] === head.length : only[1] === text.length - 1,
  );
}

function frameOf(text: string, idText: string): Frame | undefined {
  const { ids } = listSpans(text);
  const [only] = ids;
  if (ids.length !== 1 || only === undefined || text.slice(...only) !== idText) return undefined;
  return { before: text.slice(0, only[0]), after: text.slice(only[1]) };
}

/** Lists of one length are told apart by comparing them; the newest stays. */
function keyOf(method: string, form: Form, rest: string): string {
  return `${method}\n${form}\n${rest.length}\n${rest.slice(-256)}`;
}

function toRecalled(seen: Seen, idText: string): RecalledList {
  const { list, record, client, filtered } = seen;
  const { mask, tail, known, result } = list;
  seen.recordJson ??= toBytes({ before: escaped(record.before), after: escaped(record.after) });
  const { recordJson } = seen;
  return {
    mask,
    tail,
    known,
    result,
    record: `${record.before}${idText}${record.after}`,
    // A frame is cut beside the id, so no pair of surrogates is.
    recordJson: [quote, recordJson.before, Buffer.from(escaped(idText)), recordJson.after, quote],
    client: client && `${client.before}${idText}${client.after}`,
    filtered: (marks) => {
      const kept = filtered.get(marks);
      return kept === undefined ? undefined : { client: kept.frame && framed(kept.frame, idText) };
    },
    keepFiltered: (marks, text) => {
      const frame = text === undefined ? undefined : frameOf(text, idText);
      if (text === undefined || frame !== undefined) filtered.set(marks, { frame: frame && toBytes(frame) });
    },
  };
}

const quote = Buffer.from('"');

/** Within the quotes of a JSON string. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function toBytes({ before, after }: Frame): ByteFrame {
  return { before: Buffer.from(before), after: Buffer.from(after) };
}

function framed({ before, after }: ByteFrame, idText: string): LongText {
  return { bytes: Buffer.concat([before, Buffer.from(idText), after]) };
}
