import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { BreakGlassReport } from '@tachograph/protocol';
import { statePaths } from '../state/state-files.ts';
import { startInstallation, type Installation } from '../testing/installation.ts';
import type { Answer } from '../testing/sidecar-client.ts';

let installation: Installation;
beforeEach(async () => {
  installation = await startInstallation();
});
afterEach(async () => installation.close());

const report: BreakGlassReport = {
  namespace: 'team-a',
  pod: 'mcp-0',
  podUid: 'u',
  subResource: 'exec',
  container: 'server',
  user: 'alice',
  at: '2026-11-21T10:00:00.000Z',
};

async function post(body: object, token?: string): Promise<Answer> {
  const sidecar = await installation.enrol('store');
  const component = (await readFile(statePaths.componentToken(installation.state), 'utf8')).trim();
  return sidecar.call('POST', '/internal/break-glass', { body: JSON.stringify(body), token: token ?? component });
}

test('broken glass is one leaf, however often it is told', async () => {
  expect((await post(report)).status).toBe(204);
  expect((await post(report)).status).toBe(204);
  expect(await installation.leavesOf('admin.action')).toEqual([
    {
      v: 1,
      type: 'admin.action',
      action: 'break_glass',
      subject: 'team-a/mcp-0',
      detail: { podUid: 'u', subResource: 'exec', container: 'server' },
      by: { iss: 'kubernetes', sub: 'alice' },
      at: report.at,
    },
  ]);
});

test('who is no component of the installation reports nothing', async () => {
  expect((await post(report, 'guessed')).status).toBe(403);
  expect((await post({ ...report, subResource: 'proxy' })).status).toBe(400);
  expect(await installation.leavesOf('admin.action')).toEqual([]);
});
