/** C2SP tlog-policy: which log keys, witnesses and quorum a verifier believes. Obtained elsewhere than the archive. */
import type { Crypto } from './crypto.ts';
import { createNoteKey, type NoteKey, noteKeyTypes, parseVkey } from './note.ts';

/** How many of the members (witnesses or groups, by name) must have cosigned. */
export interface WitnessGroup {
  readonly threshold: number;
  readonly members: readonly string[];
}

/** A verifier's roots of trust. */
export interface LogPolicy {
  readonly logs: readonly NoteKey[];
  /** By the policy's own name; keys are of type 0x04. */
  readonly witnesses: ReadonlyMap<string, NoteKey>;
  readonly groups: ReadonlyMap<string, WitnessGroup>;
  /** Name of a witness or group; `none`: no cosignature is asked for. */
  readonly quorum: string;
}

/** `line` is 1-based; 0 speaks of the file as a whole. */
export type ParsedPolicy =
  | { readonly kind: 'ok'; readonly policy: LogPolicy }
  | { readonly kind: 'malformed'; readonly line: number; readonly reason: string };

interface Draft {
  readonly crypto: Crypto;
  readonly logs: NoteKey[];
  readonly witnesses: Map<string, NoteKey>;
  readonly groups: Map<string, WitnessGroup>;
  quorum: string | undefined;
}

type Directive = (draft: Draft, words: readonly string[]) => string | undefined;

const directives: ReadonlyMap<string, Directive> = new Map([
  ['log', takeLog],
  ['witness', takeWitness],
  ['group', takeGroup],
  ['quorum', takeQuorum],
]);

/** Reads a policy file. Empty lines and `#` comments are passed over; any other unknown line refuses the file. */
export function parseLogPolicy(crypto: Crypto, text: string): ParsedPolicy {
  const parsed = parseWitnessPolicy(crypto, text);
  if (parsed.kind === 'ok' && parsed.policy.logs.length === 0) {
    return { kind: 'malformed', line: 0, reason: 'no log line' };
  }
  return parsed;
}

/** As `parseLogPolicy`; the file may leave the log out, and say of witnesses only. */
export function parseWitnessPolicy(crypto: Crypto, text: string): ParsedPolicy {
  const draft: Draft = { crypto, logs: [], witnesses: new Map(), groups: new Map(), quorum: undefined };
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.trim().split(/[ \t\r]+/);
    const [word = ''] = words;
    if (word === '' || word.startsWith('#')) continue;
    const take = directives.get(word);
    const reason = take === undefined ? 'expected log, witness, group or quorum' : take(draft, words.slice(1));
    if (reason !== undefined) return { kind: 'malformed', line: i + 1, reason };
  }
  return finish(draft);
}

function finish(draft: Draft): ParsedPolicy {
  const { logs, witnesses, groups, quorum } = draft;
  if (quorum === undefined) return { kind: 'malformed', line: 0, reason: 'no quorum line' };
  return { kind: 'ok', policy: { logs, witnesses, groups, quorum } };
}

function takeLog(draft: Draft, words: readonly string[]): string | undefined {
  const key = parseVkey(draft.crypto, words[0] ?? '');
  if (key?.type !== noteKeyTypes.ed25519 || words.length > 2) return 'expected log <Ed25519 vkey> [<url>]';
  draft.logs.push(key);
  return undefined;
}

function takeWitness(draft: Draft, words: readonly string[]): string | undefined {
  const [name = '', vkey = ''] = words;
  const key = parseVkey(draft.crypto, vkey);
  if (key === undefined || words.length > 3) return 'expected witness <name> <vkey> [<url>]';
  if (isTaken(draft, name)) return 'name is taken';
  // Witnesses publish either spelling of their key; the signature line always carries the hash of type 0x04.
  draft.witnesses.set(name, createNoteKey(draft.crypto, key.name, key.publicKey, noteKeyTypes.cosignature));
  return undefined;
}

function takeGroup(draft: Draft, words: readonly string[]): string | undefined {
  const [name = '', wanted = '', ...members] = words;
  const threshold = thresholdOf(wanted, members.length);
  if (threshold === undefined) return 'expected group <name> <any|all|number> <members>';
  if (isTaken(draft, name)) return 'name is taken';
  // Members must stand above: a group can so contain no cycle.
  if (!members.every((member) => draft.witnesses.has(member) || draft.groups.has(member))) return 'unknown member';
  draft.groups.set(name, { threshold, members });
  return undefined;
}

function thresholdOf(wanted: string, members: number): number | undefined {
  if (members === 0) return undefined;
  if (wanted === 'any') return 1;
  if (wanted === 'all') return members;
  const threshold = /^[1-9]\d{0,3}$/.test(wanted) ? Number(wanted) : members + 1;
  return threshold <= members ? threshold : undefined;
}

function takeQuorum(draft: Draft, words: readonly string[]): string | undefined {
  const [name = ''] = words;
  if (draft.quorum !== undefined) return 'a second quorum line';
  const known = name === 'none' || draft.witnesses.has(name) || draft.groups.has(name);
  if (!known || words.length !== 1) return 'expected quorum <witness, group or none>, named above';
  draft.quorum = name;
  return undefined;
}

function isTaken(draft: Draft, name: string): boolean {
  return name === 'none' || draft.witnesses.has(name) || draft.groups.has(name);
}

/** Whether these witnesses, by policy name, make the policy's quorum. Never for `none`: nobody independent has signed. */
export function meetsQuorum(policy: LogPolicy, cosigned: ReadonlySet<string>): boolean {
  const met = (name: string): boolean => {
    const group = policy.groups.get(name);
    if (group === undefined) return cosigned.has(name);
    return group.members.filter(met).length >= group.threshold;
  };
  return policy.quorum !== 'none' && met(policy.quorum);
}

/** Writes the policy file of one log without witnesses. */
export function formatLogPolicy(vkeys: readonly string[]): string {
  return `${vkeys.map((vkey) => `log ${vkey}\n`).join('')}quorum none\n`;
}
