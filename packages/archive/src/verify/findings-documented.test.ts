import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { findingSeverity, type Severity } from './finding.ts';

const document = readFileSync(new URL('../../../../docs/archive-format.md', import.meta.url), 'utf8');

test.each(['tampered', 'missing', 'incomplete', 'note'] as const)(
  'the format document lists every %s finding',
  (severity: Severity) => {
    const row = document.split('\n').find((line) => line.startsWith(`| ${severity} | \``)) ?? '';
    const documented = [...row.matchAll(/`([a-z._]+)`/g)].map((match) => match[1]);
    const kinds = Object.entries(findingSeverity).flatMap(([kind, of]) => (of === severity ? [kind] : []));
    expect(new Set(documented)).toEqual(new Set(kinds));
  },
);
