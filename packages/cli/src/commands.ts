/** Every command of `tacho`. Only the one that runs is loaded: all of them together take 90 MB and a second. */
import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';

/** Gives the program its command. */
export type AddCommand = (program: Command, context: CliContext) => void;

/** A command that is not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  /** As the command itself says it. */
  readonly summary: string;
  readonly load: () => Promise<AddCommand>;
}

/** In the order of `tacho --help`. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'sessions',
    summary: 'List recorded sessions',
    load: async () => (await import('./commands/sessions-command.ts')).addSessionsCommand,
  },
  {
    name: 'pull',
    summary: 'Download recordings, with the whole log, for offline verification',
    load: async () => (await import('./commands/pull-command.ts')).addPullCommand,
  },
  {
    name: 'export',
    summary: 'Write one closed session, with proofs and a verification page, into a zip',
    load: async () => (await import('./commands/export-command.ts')).addExportCommand,
  },
  {
    name: 'query',
    summary: 'Ask a pulled archive in SQL (DuckDB); a view of it, never a proof',
    load: async () => (await import('./commands/query-command.ts')).addQueryCommand,
  },
  {
    name: 'replay',
    summary: "Show a session's exact messages in order, or run its requests again elsewhere",
    load: async () => (await import('./commands/replay-command.ts')).addReplayCommand,
  },
  {
    name: 'verify',
    summary: 'Prove that an archive is whole and untouched; a pulled directory needs no network',
    load: async () => (await import('./commands/verify-command.ts')).addVerifyCommand,
  },
  {
    name: 'evidence',
    summary: 'Export what auditors ask for, out of a verified archive',
    load: async () => (await import('./commands/evidence-command.ts')).addEvidenceCommand,
  },
  {
    name: 'bucket',
    summary: 'Make or check an archive bucket',
    load: async () => (await import('./commands/bucket-command.ts')).addBucketCommand,
  },
  {
    name: 'hold',
    summary: 'Keep recordings beyond their retention',
    load: async () => (await import('./commands/hold-command.ts')).addHoldCommand,
  },
  {
    name: 'erase',
    summary: 'End the key of a session, and with it what only it can open',
    load: async () => (await import('./commands/erase-command.ts')).addEraseCommand,
  },
  {
    name: 'keys',
    summary: 'Keys of sessions whose bodies are sealed',
    load: async () => (await import('./commands/keys-command.ts')).addKeysCommand,
  },
  {
    name: 'purge',
    summary: 'Delete what is out of retention and under no hold; the log names it before',
    load: async () => (await import('./commands/purge-command.ts')).addPurgeCommand,
  },
  {
    name: 'report',
    summary: 'Tell the controller how a verification ended, for its metrics and alerts',
    load: async () => (await import('./commands/report-command.ts')).addReportCommand,
  },
  {
    name: 'inject',
    summary: 'Inject the sidecar into manifests, with the code of the webhook; YAML to stdout, reasons to stderr',
    load: async () => (await import('./commands/inject-command.ts')).addInjectCommand,
  },
  {
    name: 'check',
    summary: 'Check the installation in a cluster, and namespaces that should be recorded',
    load: async () => (await import('./commands/check-command.ts')).addCheckCommand,
  },
  {
    name: 'policy',
    summary: 'Check policies, and see what they would do, without a cluster',
    load: async () => (await import('./commands/policy-command.ts')).addPolicyCommand,
  },
  {
    name: 'mask',
    summary: "Mask secrets and personal data of stdin, with the sidecar's own rules",
    load: async () => (await import('./commands/mask-command.ts')).addMaskCommand,
  },
  {
    name: 'guard',
    summary: 'Judge what a SQL text or a command line would do, as the sidecar does',
    load: async () => (await import('./commands/guard-command.ts')).addGuardCommand,
  },
  {
    name: 'approvals',
    summary: 'Look at held calls and decide on them',
    load: async () => (await import('./commands/approvals-command.ts')).addApprovalsCommand,
  },
  {
    name: 'access',
    summary: "Revoke callers' tokens and logins",
    load: async () => (await import('./commands/access-command.ts')).addAccessCommand,
  },
  {
    name: 'tiles',
    summary: 'Derive C2SP tlog-tiles from an archive: byte for byte those that its sequencer published',
    load: async () => (await import('./commands/tiles-command.ts')).addTilesCommand,
  },
  {
    name: 'tools',
    summary: 'Look at what servers offer, and approve what changed',
    load: async () => (await import('./commands/tools-command.ts')).addToolsCommand,
  },
  {
    name: 'trust',
    summary: "The installation's public keys",
    load: async () => (await import('./commands/trust-command.ts')).addTrustCommand,
  },
  {
    name: 'dev-token',
    summary: "Sign a caller's token with the demo's issuer key (only with TACHO_STATE)",
    load: async () => (await import('./commands/dev-token-command.ts')).addDevTokenCommand,
  },
  {
    name: 'version',
    summary: 'Print the version',
    load: async () => (await import('./commands/version-command.ts')).addVersionCommand,
  },
];
