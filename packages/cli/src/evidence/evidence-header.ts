/** What every file of an export says of itself. */
import type { VerifyReport } from '@tachograph/archive';
import { criteriaCaveat, criteriaOf, type Framework, frameworkTitles } from './criteria.ts';
import type { EvidencePeriod } from './evidence-period.ts';
import type { WalkCounts } from './walk-archive.ts';

/** What is not there, and how often. */
export interface Gap {
  readonly kind: string;
  readonly count: number;
}

/** The same in all files of one export. */
export interface ExportFacts {
  readonly framework: Framework;
  readonly madeAt: string;
  readonly version: string;
  readonly period: EvidencePeriod;
  readonly filter: Readonly<Record<string, string>>;
  readonly archive: string;
  readonly report: VerifyReport;
  readonly walk: WalkCounts;
  readonly gaps: readonly Gap[];
  /** Totals by population. */
  readonly totals: Readonly<Record<string, number>>;
}

/** One file's header. `rows`: in this file. */
export interface EvidenceHeader {
  readonly v: 1;
  readonly kind: 'tachograph.evidence';
  readonly artefact: string;
  readonly title: string;
  readonly about: string;
  readonly mark: string;
  readonly framework: { readonly id: Framework; readonly title: string };
  readonly criteria: readonly string[];
  readonly caveat: string;
  readonly madeAt: string;
  readonly madeBy: string;
  readonly period: EvidencePeriod;
  readonly filter: Readonly<Record<string, string>>;
  readonly archive: string;
  readonly log: string;
  readonly checkpoint: { readonly size: number; readonly root: string };
  readonly isCheckpointSigned: boolean;
  readonly verification: {
    readonly verdict: string;
    readonly exitCode: number;
    readonly text: string;
    readonly findings: Readonly<Record<string, number>>;
  };
  readonly counts: Readonly<Record<string, number>>;
  readonly gaps: readonly Gap[];
}

/** How far an export reaches: the newest checkpoint that agrees with the leaves; without one, the leaves that batches sign. */
export function extentOf({ checkpoint, log }: VerifyReport): { readonly size: number; readonly root: string } {
  return { size: checkpoint?.size ?? log.size, root: checkpoint?.root ?? log.root };
}

/** `VERIFIED`, or why nothing here may be relied on. */
function markOf({ verdict, text }: VerifyReport): string {
  if (verdict === 'verified') return `VERIFIED: ${text}`;
  return verdict === 'incomplete' ? `VERIFIED WITH GAPS: ${text}` : `UNVERIFIED: ${text}. NOT TO BE RELIED ON`;
}

export function toHeader(
  facts: ExportFacts,
  file: { readonly name: string; readonly title: string; readonly about: string; readonly rows: number },
): EvidenceHeader {
  const { report, walk, framework } = facts;
  return {
    v: 1,
    kind: 'tachograph.evidence',
    artefact: file.name,
    title: file.title,
    about: file.about,
    mark: markOf(report),
    framework: { id: framework, title: frameworkTitles[framework] },
    criteria: criteriaOf(framework, file.name),
    caveat: criteriaCaveat,
    madeAt: facts.madeAt,
    madeBy: `tacho ${facts.version}`,
    period: facts.period,
    filter: facts.filter,
    archive: facts.archive,
    log: report.checkpoint?.origin ?? '',
    checkpoint: extentOf(report),
    isCheckpointSigned: report.checkpoint !== undefined,
    verification: {
      verdict: report.verdict,
      exitCode: report.exitCode,
      text: report.text,
      findings: report.findings,
    },
    counts: {
      rows: file.rows,
      leavesRead: walk.leaves,
      leavesInPeriod: walk.leavesInPeriod,
      segmentsRead: walk.segments,
      recordsInPeriod: walk.records,
      ...facts.totals,
    },
    gaps: facts.gaps,
  };
}

/** The header as lines of name and value, for formats that have nothing better. */
export function headerLines(header: EvidenceHeader): readonly (readonly [string, string])[] {
  const { period, checkpoint, filter, counts, gaps, verification } = header;
  const filters = Object.entries(filter).map(([name, value]) => `${name}=${value}`);
  return [
    [header.title, header.mark],
    ['about', header.about],
    ['framework', header.framework.title],
    ['criteria', header.criteria.join(', ')],
    ['caveat', header.caveat],
    ['made', `${header.madeAt} by ${header.madeBy}`],
    ['period', `from ${period.from} until before ${period.to}`],
    ['filter', filters.join(', ') || 'none'],
    ['archive', header.archive],
    ['log', header.log],
    ['checkpoint size', String(checkpoint.size)],
    [
      'checkpoint root',
      `${checkpoint.root}${header.isCheckpointSigned ? '' : ' (no checkpoint: as the batches sign it)'}`,
    ],
    ['verification', `${verification.text} (exit code ${verification.exitCode})`],
    [
      'counts',
      Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    ],
    ['gaps', gaps.map(({ kind, count }) => `${kind} ${count}`).join(', ') || 'none'],
  ];
}
