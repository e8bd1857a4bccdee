/** Makes an export a leaf of the log, through the controller. */
import { isJsonObject } from '@tachograph/protocol';
import type { ControllerClient } from '../controller/controller-client.ts';
import type { EvidenceIndex } from './write-export.ts';

/** What the controller answered: the leaf stands in the log. */
export interface RegisteredExport {
  readonly export: string;
  readonly archived: unknown;
}

const answer = {
  safeParse(value: unknown): { readonly success: true; readonly data: RegisteredExport } | { readonly success: false } {
    if (!isJsonObject(value) || typeof value['export'] !== 'string') return { success: false };
    return { success: true, data: { export: value['export'], archived: value['archived'] } };
  },
};

/** Throws `CliError` with the controller's reason. `sha256`: of `index.json`, which names every file's. */
export async function registerExport(
  client: ControllerClient,
  index: EvidenceIndex,
  { sha256, reason }: { readonly sha256: string; readonly reason: string },
): Promise<RegisteredExport> {
  const { from, to } = index.period;
  const { namespace } = index.filter;
  return client.call(answer, 'POST', '/v1/custody/exports', {
    what: 'evidence',
    selection: { from, to, ...(namespace === undefined ? {} : { namespace }) },
    checkpoint: index.checkpoint,
    counts: Object.fromEntries(index.files.map(({ name, rows }) => [name, rows])),
    sha256,
    reason: `${reason} (${index.framework.id})`,
  });
}
