import { stat } from 'node:fs/promises';
import { type Finding, type LogPolicy, verifyExport, type VerifyReport, type WitnessDemand } from '@tachograph/archive';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { nodeGunzip } from '../archive/node-gunzip.ts';
import { openExport } from './read-export.ts';

/** How an export is judged. `maxFindings`: more are counted only. */
export interface ExportJudgement {
  readonly policy: LogPolicy;
  readonly witnesses?: WitnessDemand;
  readonly nowMs: number;
  readonly maxFindings: number;
}

/** Verifies an exported zip, in place and without network. Throws what `openExport` throws. */
export async function verifyExportFile(
  path: string,
  { policy, witnesses, nowMs, maxFindings }: ExportJudgement,
): Promise<{ readonly report: VerifyReport; readonly findings: readonly Finding[] }> {
  const file = await openExport(path);
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

/** Whether the address of an archive is that of an exported zip: any regular file. */
export async function isExportFile(address: string): Promise<boolean> {
  return (await stat(address).catch(() => undefined))?.isFile() === true;
}
