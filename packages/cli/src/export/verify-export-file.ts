import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  exportNames,
  type Finding,
  type LogPolicy,
  verifyExport,
  type VerifyReport,
  type WitnessDemand,
} from '@tachograph/archive';
import { createDirectoryStore } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { nodeGunzip } from '../archive/node-gunzip.ts';
import { toArchiveSource } from '../archive/open-archive.ts';
import { type ExportFile, openExport } from './read-export.ts';

/** How an export is judged. `maxFindings`: more are counted only. */
export interface ExportJudgement {
  readonly policy: LogPolicy;
  readonly witnesses?: WitnessDemand;
  readonly nowMs: number;
  readonly maxFindings: number;
}

/** Verifies an export, zip or unpacked, in place and without network. Throws what `openExport` throws. */
export async function verifyExportFile(
  path: string,
  { policy, witnesses, nowMs, maxFindings }: ExportJudgement,
): Promise<{ readonly report: VerifyReport; readonly findings: readonly Finding[] }> {
  const file = (await isDirectory(path)) ? openUnpacked(path) : await openExport(path);
  const findings: Finding[] = [];
  try {
    const report = await verifyExport({
      source: file.source,
      policy,
      crypto: nodeCrypto,
      gunzip: nodeGunzip,
      nowMs,
      ...(witnesses === undefined ? {} : { witnesses }),
      onFinding: (finding) => {
        if (findings.length < maxFindings) findings.push(finding);
      },
    });
    return { report, findings };
  } finally {
    file.close();
  }
}

function openUnpacked(path: string): ExportFile {
  return {
    source: toArchiveSource({ store: createDirectoryStore(path), isBucket: false, address: path }),
    close: () => undefined,
  };
}

/** Whether the address of an archive is that of an export: any regular file, or a directory with its table of contents. */
export async function isExportFile(address: string): Promise<boolean> {
  const found = await stat(address).catch(() => undefined);
  if (found?.isDirectory() !== true) return found?.isFile() === true;
  return (await stat(join(address, exportNames.manifest)).catch(() => undefined))?.isFile() === true;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
