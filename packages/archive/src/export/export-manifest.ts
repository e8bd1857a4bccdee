/** `export.json`: what a session export holds (`archive-format.md`, Exports). Nothing signs it: it is a table of contents. */
import { fieldsOf, parseJsonFields } from '../json-object.ts';

/** A session export's table of contents. */
export interface ExportManifest {
  readonly v: 1;
  readonly kind: 'tachograph.session-export';
  readonly session: string;
  /** Every leaf that the session rests on, by its index in the log. */
  readonly leaves: readonly { readonly index: number; readonly type: string }[];
}

/** Names in an export. Objects of the archive keep theirs. */
export const exportNames = {
  manifest: 'export.json',
  checkpoint: 'checkpoint.txt',
  readme: 'README.txt',
  page: 'verify.html',
  leaf: (index: number): string => `leaves/${String(index).padStart(16, '0')}.json`,
  proof: (index: number): string => `proofs/${String(index).padStart(16, '0')}.tlog-proof`,
} as const;

/** Reads `export.json`; `undefined` when malformed. */
export function parseExportManifest(text: string): ExportManifest | undefined {
  const fields = parseJsonFields(text);
  const session = fields.get('session');
  const leaves = fields.get('leaves');
  if (fields.get('v') !== 1 || fields.get('kind') !== 'tachograph.session-export') return undefined;
  if (typeof session !== 'string' || !Array.isArray(leaves) || !leaves.every(isLeafRef)) return undefined;
  return { v: 1, kind: 'tachograph.session-export', session, leaves };
}

function isLeafRef(value: unknown): value is ExportManifest['leaves'][number] {
  const fields = fieldsOf(value);
  const index = fields.get('index');
  return (
    typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 && typeof fields.get('type') === 'string'
  );
}
