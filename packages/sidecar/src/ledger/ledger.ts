/**
 * The tool ledger of one sidecar (`mcp.md` §5): looks at every list and handshake on its way to the client, keeps track of
 * definitions, shows each caller only what they may call, and judges calls of tools that are no longer as approved.
 */
import {
  instructionsName,
  mcpTarget,
  type Decision,
  jsonRpcIdText,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type PolicyCall,
  type Principal,
} from '@tachograph/protocol';
import type { MaskerPort, PolicyInForce } from '../call/ports.ts';
import type { LongText } from '../masking/mask-job.ts';
import { createInventory, type DriftFound, type Inventory } from './inventory.ts';
import { driftDecision } from './drift-decision.ts';
import { readKnownList, type KnownList, type LedgerAnswer } from './known-list.ts';
import { listSpans } from './list-spans.ts';
import { createPageAssembly } from './page-assembly.ts';
import type { LedgerReporter } from './reporter.ts';
import { createRights, type Rights } from './rights.ts';
import { createSeenLists, type ReadList, type RecalledList, type SeenLists } from './seen-lists.ts';
import { spliceList } from './splice-list.ts';

/** Who reads the answer. */
export interface LedgerReader {
  readonly principal: Principal;
  readonly session: string | undefined;
  /** The revision of 2026-07-28 or later: lists say who may cache them. */
  readonly modern: boolean;
}

/** An answer, with what masking left of it for the client; `client` undefined: the bytes as they came. */
export interface MaskedAnswer extends LedgerAnswer {
  readonly client: string | undefined;
}

/** What became of a list. */
export interface LedgerReading {
  /** As in `MaskedAnswer`, filtered. */
  readonly client: string | undefined;
  /** Entries that the client does not see. */
  readonly hidden: number;
  /** Entries that the server listed. */
  readonly listed: number;
  readonly drift: readonly DriftFound[];
  /** What was understood, for answers of equal text. */
  readonly known: KnownList;
}

export interface ToolLedger {
  /** Reads one answer and filters it; `undefined`: it is none that the ledger looks at. */
  read(policy: PolicyInForce, reader: LedgerReader, answer: MaskedAnswer): LedgerReading | undefined;
  /** The same for a list that was read before; `undefined`: it was not. */
  recall(policy: PolicyInForce, reader: LedgerReader, asked: AskedList): RecalledReading | undefined;
  /** Remembers a list for `recall`. */
  keep(list: ReadList): void;
  /** Makes a decision harder where the ledger objects. */
  judge(policy: PolicyInForce, principal: Principal, message: JsonRpcMessage, decision: Decision): Decision;
}

/** The text of an answer whose request is known. */
export interface AskedList {
  readonly request: JsonRpcRequest;
  readonly masker: MaskerPort;
  readonly text: string;
}

/** A list as it was read before, with this answer's id. */
export interface RecalledReading
  extends Omit<LedgerReading, 'client'>, Pick<RecalledList, 'record' | 'recordJson' | 'mask' | 'tail' | 'result'> {
  readonly client: string | LongText | undefined;
}

export interface LedgerOptions {
  readonly reporter: LedgerReporter;
  /** A name as it may stand in a record. */
  readonly shorten: (policy: PolicyInForce, name: string) => string;
}

export function createToolLedger(options: LedgerOptions): ToolLedger {
  return new Ledger(options);
}

const shown = '1';
const hiddenMark = '0';

class Ledger implements ToolLedger {
  private readonly options: LedgerOptions;
  private readonly inventory: Inventory = createInventory();
  private readonly rights: Rights = createRights();
  private readonly pages = createPageAssembly();
  private readonly lists: SeenLists = createSeenLists();

  constructor(options: LedgerOptions) {
    this.options = options;
  }

  read(policy: PolicyInForce, reader: LedgerReader, answer: MaskedAnswer): LedgerReading | undefined {
    const known = readKnownList(answer, (name) => this.options.shorten(policy, name));
    if (known === undefined) return undefined;
    const drift = this.note(policy, reader, answer.request, known);
    const marks = this.marks(policy, reader, known);
    return {
      ...toCounts(known, marks),
      client: filtered(answer, known, { marks, modern: reader.modern }),
      drift,
      known,
    };
  }

  recall(policy: PolicyInForce, reader: LedgerReader, asked: AskedList): RecalledReading | undefined {
    const { request, masker, text } = asked;
    const { method, id } = request;
    const { session, modern } = reader;
    const recalled = this.lists.recall({ method, session, masker, text, idText: jsonRpcIdText(id) });
    if (recalled === undefined) return undefined;
    const { known, record, recordJson, mask, tail, result } = recalled;
    const drift = this.note(policy, reader, request, known);
    const marks = this.marks(policy, reader, known);
    const kept = `${modern ? 'm' : 'l'}${marks}`;
    const before = recalled.filtered(kept);
    const shownNow = { drift, known, record, recordJson, mask, tail, result };
    if (before !== undefined) return { ...toCounts(known, marks), ...shownNow, client: before.client };
    const client = filtered({ text, client: recalled.client }, known, { marks, modern });
    recalled.keepFiltered(kept, client);
    return { ...toCounts(known, marks), ...shownNow, client };
  }

  keep(list: ReadList): void {
    this.lists.keep(list);
  }

  /** Notes what a list says, whoever reads it. */
  private note(
    policy: PolicyInForce,
    reader: LedgerReader,
    request: JsonRpcRequest | undefined,
    known: KnownList,
  ): readonly DriftFound[] {
    const { section, definitions, nextCursor } = known;
    if (section === undefined) return [];
    const drift = this.inventory.observe(policy.ledger, section, definitions);
    const cursor = request?.params['cursor'];
    const whole =
      request === undefined
        ? undefined
        : this.pages.add({
            reader: `${section}\n${reader.session ?? reader.principal.sub}`,
            cursor: typeof cursor === 'string' ? cursor : undefined,
            nextCursor,
            items: definitions,
          });
    this.options.reporter.seen(section, whole ?? definitions, whole !== undefined);
    return drift;
  }

  /** What the client sees: equal marks, equal texts. */
  private marks(policy: PolicyInForce, reader: LedgerReader, known: KnownList): string {
    const { kind, section, names, definitions } = known;
    const { ledger } = policy;
    const hides = (name: string): boolean =>
      section !== undefined && ledger.onDrift === 'hide' && this.inventory.drift(ledger, section, name) !== undefined;
    if (kind === undefined) return this.dropsInstructions(policy) ? hiddenMark : shown;
    return this.rights.marks(policy, reader.principal, {
      names,
      list: known,
      revision: this.inventory.revision(),
      sees: (call: PolicyCall, index) => policy.mayReach(call) && !hides(definitions[index]?.name ?? ''),
      toCall: kind.toCall,
    });
  }

  /** Text that nobody approved reaches no model where drift is hidden or held. */
  private dropsInstructions({ ledger }: PolicyInForce): boolean {
    return ledger.onDrift !== 'record' && this.inventory.drift(ledger, 'instructions', instructionsName) !== undefined;
  }

  judge(policy: PolicyInForce, principal: Principal, message: JsonRpcMessage, decision: Decision): Decision {
    if (message.kind === 'response' || decision.verdict === 'deny') return decision;
    const target = mcpTarget(message.method, message.params);
    if (message.method === 'completion/complete') return this.judgeCompletion(policy, principal, target, decision);
    const { tool, prompt } = target;
    const name = tool ?? prompt;
    if (name === undefined || policy.ledger.onDrift === 'record') return decision;
    const section = tool === undefined ? 'prompts' : 'tools';
    const change = this.inventory.drift(policy.ledger, section, this.options.shorten(policy, name));
    return change === undefined ? decision : driftDecision(policy.ledger.onDrift, section, change, decision);
  }

  /** Completions would tell what a list hides. */
  private judgeCompletion(
    policy: PolicyInForce,
    principal: Principal,
    { prompt, resource }: ReturnType<typeof mcpTarget>,
    decision: Decision,
  ): Decision {
    const call =
      prompt !== undefined
        ? { method: 'prompts/get', prompt }
        : resource !== undefined
          ? { method: 'resources/read', resource }
          : undefined;
    if (call === undefined) return decision;
    const caller = this.rights.callOf(principal, call);
    return policy.mayReach(caller) ? decision : { ...policy.decide(caller), verdict: 'deny' };
  }
}

interface Shown {
  readonly marks: string;
  readonly modern: boolean;
}

/** What the client gets; `undefined`: the bytes as they came. */
function filtered(
  { text, client }: Pick<MaskedAnswer, 'text' | 'client'>,
  { kind }: KnownList,
  { marks, modern }: Shown,
): string | undefined {
  const whole = client ?? text;
  const dropsInstructions = kind === undefined && marks === hiddenMark;
  const isPrivate = kind !== undefined || dropsInstructions;
  const spliced = spliceList(whole, listSpans(whole), {
    keeps: (index) => marks[index] !== hiddenMark,
    cacheScope: isPrivate ? (modern ? 'insert' : 'replace') : 'as_is',
    dropsInstructions,
  });
  return spliced === whole ? client : spliced;
}

function toCounts({ kind, names }: KnownList, marks: string): Pick<LedgerReading, 'hidden' | 'listed'> {
  return { listed: names.length, hidden: kind === undefined ? 0 : countHidden(marks) };
}

function countHidden(marks: string): number {
  let hidden = 0;
  for (let at = 0; at < marks.length; at += 1) if (marks[at] === hiddenMark) hidden += 1;
  return hidden;
}
