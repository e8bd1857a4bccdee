/** What people say that they did: exports and privileged deeds, as leaves. */
import { randomUUIDv7 } from 'node:crypto';
import type {
  ActionAnswer,
  ActionRequest,
  AdminAction,
  ExportAnswer,
  ExportRequest,
  Leaf,
  PersonOfLeaf,
} from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { appendLeaves, type CustodyContext } from './custody-context.ts';

const mostDetails = 32;

/** The leaf stands in the log when this resolves. */
export async function logExport(
  context: CustodyContext,
  by: PersonOfLeaf,
  { what, selection, checkpoint, counts, sha256, reason }: ExportRequest,
): Promise<ExportAnswer> {
  const id = randomUUIDv7();
  const facts = { what, selection, checkpoint, counts, ...(sha256 === undefined ? {} : { sha256 }) };
  return {
    export: id,
    archived: await append(context, { v: 1, type: 'export', export: id, ...facts, by, reason, at: context.now() }),
  };
}

/** Machines write these themselves; a person's word for them would be worth less than none. */
const notStated: ReadonlySet<AdminAction> = new Set(['key.rotated', 'access.revoked']);

/** Throws `erasure_impossible` for an erasure: it is done by two people (`session-keys/erasures.ts`), and nobody's word makes it so. */
export async function logAction(
  context: CustodyContext,
  by: PersonOfLeaf,
  { action, subject, detail = {}, reason }: ActionRequest,
): Promise<ActionAnswer> {
  if (action === 'erasure')
    throw new ControllerError(
      'erasure_impossible',
      'an erasure is no statement: two custodians end the key of a session whose bodies are sealed (tacho erase)',
    );
  if (notStated.has(action)) throw new ControllerError('bad_request', `${action} is written by whoever does it`);
  if (Object.keys(detail).length > mostDetails)
    throw new ControllerError('bad_request', `expected at most ${mostDetails} details`);
  const leaf = { v: 1, type: 'admin.action', action, detail, by, reason, at: context.now() } as const;
  return { archived: await append(context, { ...leaf, ...(subject === undefined ? {} : { subject }) }) };
}

async function append(context: CustodyContext, leaf: Leaf): Promise<ActionAnswer['archived']> {
  const [archived] = await appendLeaves(context, [leaf]);
  if (archived === undefined) throw new ControllerError('unavailable', 'the sequencer answered no place');
  return archived;
}
