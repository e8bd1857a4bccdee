/** Which criteria which artefact speaks to (`docs/evidence.md`, Criteria). */

export const frameworks = ['soc2', 'iso27001', 'pci', 'hipaa'] as const;
export type Framework = (typeof frameworks)[number];

export const frameworkTitles: Readonly<Record<Framework, string>> = {
  soc2: 'SOC 2 (Trust Services Criteria)',
  iso27001: 'ISO/IEC 27001:2022, Annex A',
  pci: 'PCI DSS 4',
  hipaa: 'HIPAA Security Rule (45 CFR 164)',
};

/** Every file says it. */
export const criteriaCaveat =
  'The criteria are the ones that these artefacts are commonly asked for. They were not looked up in the standards: have an assessor confirm them.';

/** What criteria are about. */
export type Subject = 'access' | 'privileged' | 'protection';

const table: Readonly<Record<Subject, Readonly<Record<Framework, readonly string[]>>>> = {
  access: {
    soc2: ['CC6.1', 'CC6.2', 'CC6.3', 'CC6.6'],
    iso27001: ['A.5.15', 'A.5.18', 'A.8.2', 'A.8.3'],
    pci: ['7.2', '10.3.1'],
    hipaa: ['164.308(a)(4)', '164.312(a)'],
  },
  privileged: {
    soc2: ['CC6.1', 'CC6.3', 'CC7.2', 'CC7.3', 'CC8.1'],
    iso27001: ['A.8.2', 'A.8.15', 'A.8.16', 'A.8.17'],
    pci: [
      '10.2.1.2',
      '10.2.1.3',
      '10.2.1.4',
      '10.2.1.5',
      '10.2.1.6',
      '10.2.1.7',
      '10.2.2',
      '10.3.2',
      '10.3.3',
      '10.3.4',
      '10.6',
      '10.7',
    ],
    hipaa: ['164.312(b)', '164.308(a)(1)(ii)(D)'],
  },
  protection: {
    soc2: ['CC6.1', 'CC6.7', 'C1.1', 'C1.2', 'PI1.5'],
    iso27001: ['A.5.28', 'A.5.33', 'A.8.10', 'A.8.11', 'A.8.24'],
    pci: ['3', '10.5.1'],
    hipaa: ['164.312(b)', '164.312(c)(1)', '164.316(b)(2)'],
  },
};

/** Which subjects each artefact belongs to, by the artefact's file name. */
export const artefactSubjects: Readonly<Record<string, readonly Subject[]>> = {
  'access-matrix': ['access'],
  approvals: ['access'],
  'privileged-actions': ['privileged'],
  calls: ['access', 'privileged'],
  'data-protection': ['protection'],
  coverage: ['protection', 'privileged'],
};

/** Criteria of an artefact; all of the framework's for one that is not named, such as the populations. */
export function criteriaOf(framework: Framework, artefact: string): readonly string[] {
  const subjects = artefactSubjects[artefact] ?? ['access', 'privileged', 'protection'];
  return [...new Set(subjects.flatMap((subject) => table[subject][framework]))];
}

/** Each criterion with the subjects that it is about. */
export function criteriaSubjects(framework: Framework): ReadonlyMap<string, readonly Subject[]> {
  const found = new Map<string, Subject[]>();
  for (const subject of ['access', 'privileged', 'protection'] as const) {
    for (const one of table[subject][framework]) found.set(one, [...(found.get(one) ?? []), subject]);
  }
  return found;
}
