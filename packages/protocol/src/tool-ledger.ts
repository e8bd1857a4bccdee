/** The tool ledger: what a server's lists said, what is pinned, and where the two differ (`mcp.md` §5). */
import * as z from 'zod/mini';
import { canonicalJson } from './canonical-json.ts';

/** What is pinned. `templates` are resource templates, by their URI template; `instructions` is one text. */
export const ledgerSections = ['tools', 'prompts', 'templates', 'instructions'] as const;
export type LedgerSection = (typeof ledgerSections)[number];

/** Name of the only entry of the section `instructions`. */
export const instructionsName = 'instructions';

/** Most entries of one section that are pinned. */
export const maxLedgerEntries = 2000;
/** Longest masked definition that is kept to show differences, in characters. */
export const maxDefinitionText = 8 * 1024;

const hex64 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const entryName = z.string().check(z.maxLength(1024));

/**
 * The text whose SHA-256 is a definition's digest: its canonical JSON with every field, known or not, since a model may
 * be shown any of them. What strict JSON refuses (a key given twice) is taken as it stands.
 */
export function definitionDigestText(text: string): string {
  return canonicalJson(text) ?? `raw\n${text}`;
}

/** One definition as a sidecar saw it. `text`: masked; absent where it is too long. */
export const observedDefinition = z.object({
  name: entryName,
  digest: hex64,
  text: z.optional(z.string().check(z.maxLength(maxDefinitionText))),
});
export type ObservedDefinition = z.infer<typeof observedDefinition>;

/** `POST /v1/tools`. The workload is the token's, never the body's. `complete`: every page of the list. */
export const toolsReport = z.object({
  section: z.enum(ledgerSections),
  complete: z.boolean(),
  items: z.array(observedDefinition).check(z.maxLength(maxLedgerEntries)),
});
export type ToolsReport = z.infer<typeof toolsReport>;

/** One place in which two definitions differ. */
export const definitionDifference = z.object({
  path: z.string(),
  before: z.optional(z.string()),
  after: z.optional(z.string()),
});

/** One definition that is not the pinned one. `new`: none is pinned. */
export const ledgerDrift = z.object({
  section: z.enum(ledgerSections),
  name: entryName,
  change: z.enum(['new', 'changed']),
  digest: hex64,
  pinned: z.optional(hex64),
  diff: z.array(definitionDifference),
  since: z.string(),
});
export type LedgerDrift = z.infer<typeof ledgerDrift>;

/** 200 of `POST /v1/tools`: of the reported entries, those that are not as pinned. */
export const toolsReportAnswer = z.object({ drift: z.array(ledgerDrift) });
export type ToolsReportAnswer = z.infer<typeof toolsReportAnswer>;

/** One entry of the inventory. `pinned` absent: never approved. `definition`: the pinned one, masked. `seen`: the newest, where it differs. */
export const ledgerEntry = z.object({
  name: entryName,
  digest: hex64,
  pinned: z.optional(hex64),
  firstSeen: z.string(),
  lastSeen: z.string(),
  definition: z.optional(z.string()),
  seen: z.optional(z.string()),
});
export type LedgerEntry = z.infer<typeof ledgerEntry>;

/** An administrator's re-pinning. */
export const ledgerApproval = z.object({
  iss: z.string(),
  subject: z.string(),
  reason: z.string(),
  at: z.string(),
  entries: z.array(z.object({ section: z.enum(ledgerSections), name: entryName, digest: hex64 })),
});
export type LedgerApproval = z.infer<typeof ledgerApproval>;

const entries = z.array(ledgerEntry);

/** Status of an `McpServer`: the inventory of one workload. A section that was never seen is absent. */
export const serverInventory = z.object({
  tools: z.optional(entries),
  prompts: z.optional(entries),
  templates: z.optional(entries),
  instructions: z.optional(entries),
  drift: z.array(ledgerDrift),
  approvals: z.array(ledgerApproval),
});
export type ServerInventory = z.infer<typeof serverInventory>;

/** Where an inventory stands, as the API answers it. */
export const serverView = z.object({ namespace: z.string(), workload: z.string(), ...serverInventory.shape });
export type ServerView = z.infer<typeof serverView>;

/** `GET /v1/servers`. */
export const serverList = z.object({ servers: z.array(serverView) });
export type ServerList = z.infer<typeof serverList>;

/** `POST /v1/servers/<namespace>/<workload>/approval`. Each digest must be the newest one seen: what was not read is not approved. */
export const pinRequest = z.object({
  entries: z
    .array(z.object({ section: z.enum(ledgerSections), name: entryName, digest: hex64 }))
    .check(z.minLength(1), z.maxLength(maxLedgerEntries)),
  reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(1024)),
});
export type PinRequest = z.infer<typeof pinRequest>;

const pins = z.record(z.string(), hex64);

/** The ledger as a bundle carries it: digests by name. A section that is absent is not pinned yet. */
export const bundleLedger = z.object({
  onDrift: z.optional(z.enum(['record', 'hide', 'hold'])),
  pins: z.optional(pins),
  prompts: z.optional(pins),
  templates: z.optional(pins),
  instructions: z.optional(hex64),
  /** Tools whose newest definition, as any pod of the workload saw it, is not the pinned one. */
  drifted: z.optional(z.array(entryName)),
});
export type BundleLedger = z.infer<typeof bundleLedger>;
