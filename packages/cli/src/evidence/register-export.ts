/** Makes an export a leaf of the log, through the controller. */
import { exportAnswer, type ExportAnswer, type ExportRequest } from '@tachograph/protocol';
import type { ControllerClient } from '../controller/controller-client.ts';
import type { EvidenceIndex } from './write-export.ts';

/** Throws `CliError` with the controller's reason. `sha256`: of `index.json`, which names every file's. */
export async function registerExport(
  client: ControllerClient,
  index: EvidenceIndex,
  { sha256, reason }: { readonly sha256: string; readonly reason: string },
): Promise<ExportAnswer> {
  const { from, to } = index.period;
  const { namespace } = index.filter;
  const request: ExportRequest = {
    what: 'evidence',
    selection: { from, to, ...(namespace === undefined ? {} : { namespace }) },
    checkpoint: index.checkpoint,
    counts: Object.fromEntries(index.files.map(({ name, rows }) => [name, rows])),
    sha256,
    reason: `${index.framework.id}: ${reason}`,
  };
  return client.call(exportAnswer, 'POST', '/v1/custody/exports', request);
}
