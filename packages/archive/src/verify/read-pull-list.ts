import { decodeUtf8 } from '@tachograph/protocol';
import { isNewerVersion, newerVersionReason, versionOf } from '../format-version.ts';
import { parsePullList, type PullList, pullListName } from '../pull-list.ts';
import type { ArchiveSource } from './archive-source.ts';
import type { FindingKind } from './finding.ts';

/** What a copy says of itself. `ignored`: it is then held to be whole. */
export type ReadPullList =
  | { readonly kind: 'ok'; readonly list: PullList }
  | { readonly kind: 'ignored'; readonly finding: FindingKind; readonly object: string; readonly reason: string };

/** Reads `pull.json`; `undefined` when the copy has none. */
export async function readPullList(source: ArchiveSource): Promise<ReadPullList | undefined> {
  const bytes = await source.get(pullListName);
  if (bytes === undefined) return undefined;
  const text = decodeUtf8(bytes) ?? '';
  const list = parsePullList(text);
  if (list !== undefined) return { kind: 'ok', list };
  const version = versionOf(text);
  return isNewerVersion(version)
    ? { kind: 'ignored', finding: 'format.newer', object: pullListName, reason: newerVersionReason(version) }
    : {
        kind: 'ignored',
        finding: 'object.foreign',
        object: pullListName,
        reason: 'not a list of pulled objects; ignored',
      };
}
