/** What an auditor samples from: populations with their totals, by criterion. */
import { artefactSubjects, criteriaSubjects, type Framework } from './criteria.ts';
import type { TableDraft, TableKind } from './evidence-table.ts';

export const populations: TableKind = {
  name: 'populations',
  title: 'Populations by criterion',
  about:
    'For each criterion the populations of the period that speak to it, with totals, the file whose rows they are, and how to count them again.',
  columns: ['criterion', 'population', 'artefact', 'total', 'unit', 'how'],
};

/** A population of the period. `artefact`: the file's name; `how`: which of its rows. */
export interface Population {
  readonly name: string;
  readonly artefact: string;
  readonly total: number;
  readonly unit: string;
  readonly how: string;
}

/** One row for each criterion and each population that speaks to it. */
export function addPopulations(table: TableDraft, framework: Framework, all: readonly Population[]): void {
  for (const [criterion, subjects] of criteriaSubjects(framework)) {
    for (const { name, artefact, total, unit, how } of all) {
      const speaks = artefactSubjects[artefact]?.some((subject) => subjects.includes(subject)) ?? false;
      if (speaks) table.add({ criterion, population: name, artefact, total, unit, how });
    }
  }
}
