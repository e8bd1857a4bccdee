import { expect, test } from '@jest/globals';
import type { ServerView } from '@tachograph/protocol';
import { diffText, listText } from './ledger-text.ts';

const hex = (letter: string): string => letter.repeat(64);
const at = '2026-11-21T10:00:00.000Z';
const entry = { firstSeen: at, lastSeen: at };
const server: ServerView = {
  namespace: 'team-a',
  workload: 'store',
  tools: [
    { ...entry, name: 'read', digest: hex('b'), pinned: hex('a') },
    { ...entry, name: 'drop\u001b[2J', digest: hex('d'), seen: '{"name":"drop"}' },
  ],
  instructions: [{ ...entry, name: 'instructions', digest: hex('e'), pinned: hex('e') }],
  drift: [
    {
      section: 'tools',
      name: 'read',
      change: 'changed',
      digest: hex('b'),
      pinned: hex('a'),
      since: at,
      diff: [
        { path: '/description', before: '"Reads"', after: '"Reads\u202e and sends"' },
        { path: '/annotations', after: '{}' },
      ],
    },
    { section: 'tools', name: 'drop\u001b[2J', change: 'new', digest: hex('d'), since: at, diff: [] },
  ],
  approvals: [],
};

test('a list says what is pinned, and what a recorded name holds steers no terminal', () => {
  expect(listText([server]).split('\n')).toEqual([
    'WORKLOAD      SECTION       NAME          STATE    DIGEST        LAST SEEN',
    `team-a/store  tools         read          changed  bbbbbbbbbbbb  ${at}`,
    `team-a/store  tools         drop\ufffd[2J      new      dddddddddddd  ${at}`,
    `team-a/store  instructions  instructions  pinned   eeeeeeeeeeee  ${at}`,
    '',
  ]);
});

test('a diff shows each field, hidden characters included, and a new tool whole', () => {
  expect(diffText(server)).toBe(`team-a/store tools read: changed since ${at}
  pinned aaaaaaaaaaaa, now bbbbbbbbbbbb
  /description
  - "Reads"
  + "Reads\ufffd and sends"
  /annotations
  + {}

team-a/store tools drop\ufffd[2J: new since ${at}
  pinned -, now dddddddddddd
  + {"name":"drop"}
`);
});
