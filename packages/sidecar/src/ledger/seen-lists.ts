/**
 * Lists that were read before. Servers answer the same list again and again, with another id only: what masking, the
 * ledger and policy made of it is then still true.
 */
import { LRUCache } from 'lru-cache';
import type { JsonObject, RecordedMask } from '@tachograph/protocol';
import type { MaskerPort } from '../call/ports.ts';
import type { KnownList } from './known-list.ts';
import { listSpans } from './list-spans.ts';

/** A text around the message's id. */
interface Frame {
  readonly before: string;
  readonly after: string;
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
  /** What `marks` made of it earlier: undefined: never asked; `same`: nothing changes. */
  filtered(marks: string): { readonly client: string | undefined } | undefined;
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
  readonly client: Frame | undefined;
  /** By marks. */
  readonly filtered: LRUCache<string, { readonly frame: Frame | undefined }>;
}

const maxLength = 512 * 1024;
const rememberedLength = 4 * 1024 * 1024;
const filteredPerList = 8;

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
      const filtered = new LRUCache<string, { readonly frame: Frame | undefined }>({ max: filteredPerList });
      const seen = { list, rest: form[1], record, client, filtered };
      lists.set(keyOf(method, form[0], form[1]), seen, { size: text.length * (2 + filteredPerList) });
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

function toRecalled({ list, record, client, filtered }: Seen, idText: string): RecalledList {
  const { mask, tail, known, result } = list;
  const framed = (frame: Frame | undefined): string | undefined =>
    frame === undefined ? undefined : `${frame.before}${idText}${frame.after}`;
  return {
    mask,
    tail,
    known,
    result,
    record: `${record.before}${idText}${record.after}`,
    client: framed(client),
    filtered: (marks) => {
      const kept = filtered.get(marks);
      return kept === undefined ? undefined : { client: framed(kept.frame) };
    },
    keepFiltered: (marks, text) => {
      const frame = text === undefined ? undefined : frameOf(text, idText);
      if (text === undefined || frame !== undefined) filtered.set(marks, { frame });
    },
  };
}
