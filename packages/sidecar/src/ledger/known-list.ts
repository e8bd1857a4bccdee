/** What one list or handshake says, whoever reads it. */
import {
  instructionsName,
  type JsonObject,
  type JsonRpcRequest,
  type JsonRpcResponse,
  type LedgerSection,
} from '@tachograph/protocol';
import { digestOf, entryNames, entrySpans, stringIn } from './definitions.ts';
import type { Definition } from './inventory.ts';
import { carriesInstructions, listKindByShape, listKindOf, type ListKind } from './list-kinds.ts';
import { listSpans } from './list-spans.ts';

/** An answer that the ledger looks at. */
export interface LedgerAnswer {
  readonly request: JsonRpcRequest | undefined;
  readonly message: JsonRpcResponse;
  /** As the server sent it. */
  readonly text: string;
  /** The same, masked for the record: of equal structure. */
  readonly record: string;
}

/** What an answer holds; `kind` absent: no entries, but instructions. */
export interface KnownList {
  readonly kind: ListKind | undefined;
  readonly section: LedgerSection | undefined;
  /** Names as the server gave them, for policy. */
  readonly names: readonly string[];
  /** Masked names and texts, with digests of what the server sent; empty where nothing of the kind is pinned. */
  readonly definitions: readonly Definition[];
  readonly nextCursor: string | undefined;
}

/** `undefined`: the answer is neither. `shorten` masks a name. */
export function readKnownList(answer: LedgerAnswer, shorten: (name: string) => string): KnownList | undefined {
  const { request, message } = answer;
  const kind = request === undefined ? listKindByShape(message.result) : listKindOf(request.method);
  if (message.error !== undefined) return undefined;
  if (kind !== undefined) return readList(answer, kind, shorten);
  const instructs = request === undefined ? hasInstructions(message.result) : carriesInstructions(request.method);
  return instructs ? readInstructions(answer) : undefined;
}

function hasInstructions(result: JsonObject): boolean {
  return typeof result['instructions'] === 'string' && typeof result['capabilities'] === 'object';
}

function readList({ text, record }: LedgerAnswer, kind: ListKind, shorten: (name: string) => string): KnownList {
  const spans = listSpans(text);
  const names = entryNames(text, spans, kind);
  const known = { kind, section: kind.section, names, nextCursor: stringIn(text, spans.cursors.at(-1)) };
  if (kind.section === undefined) return { ...known, definitions: [] };
  const masked = entrySpans(listSpans(record));
  const definitions = entrySpans(spans).map((span, index): Definition => {
    const maskedSpan = masked[index];
    return {
      name: shorten(names[index] ?? ''),
      digest: digestOf(text.slice(...span)),
      text: maskedSpan === undefined ? '' : record.slice(...maskedSpan),
    };
  });
  return { ...known, definitions };
}

/** A server without instructions is pinned as having none: an empty text. */
function readInstructions({ text, record }: LedgerAnswer): KnownList {
  const own = listSpans(text).instructions.at(-1);
  const masked = listSpans(record).instructions.at(-1);
  const said = own === undefined ? '""' : text.slice(...own);
  const shown = masked === undefined ? '""' : record.slice(...masked);
  const definitions = [{ name: instructionsName, digest: digestOf(said), text: shown }];
  return { kind: undefined, section: 'instructions', names: [], definitions, nextCursor: undefined };
}
