import type { Finding, SqlVerdict } from './guard-verdict.ts';

export type SqlFinding = Finding<SqlVerdict>;

/** Collects what a judge sees. */
export class SqlFindings {
  readonly list: SqlFinding[] = [];

  add(verdict: SqlVerdict, reason: string): void {
    if (this.list.length < 512) this.list.push({ verdict, reason });
  }

  take(finding: SqlFinding | undefined): void {
    if (finding !== undefined) this.add(finding.verdict, finding.reason);
  }

  takeAll(findings: readonly SqlFinding[]): void {
    for (const finding of findings) this.take(finding);
  }
}
