/** What the log tells of policies: every version once, whichever replica published it and however often it was tried. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { statePaths } from './state/state-files.ts';
import { newInstallation, startInstallation, until, type Installation } from './testing/installation.ts';
import type { SidecarClient } from './testing/sidecar-client.ts';

let installation: Installation;

beforeEach(async () => {
  installation = await startInstallation();
});
afterEach(async () => installation.close());

async function bundleVersion(sidecar: SidecarClient): Promise<number> {
  const answer = await sidecar.call('GET', '/v1/bundle?workload=store');
  expect(answer.status).toBe(200);
  const { payload } = answer.json() as { payload: string };
  return (JSON.parse(payload) as { version: number }).version;
}

async function changePolicy(mode: string): Promise<void> {
  const dir = statePaths.policies(installation.state, 'demo');
  await mkdir(dir, { recursive: true });
  const text = `apiVersion: tachograph.dev/v1alpha1\nkind: McpPolicy\nmetadata: { name: p }\nspec: { rules: [{ name: ${mode}, verdict: allow }] }\n`;
  await writeFile(join(dir, 'p.yaml'), text);
}

const changes = async () =>
  (await installation.leavesOf('admin.action')).filter(({ action }) => action === 'policy.changed');
const logged = async (count: number) =>
  until(`${count} changes in the log`, async () => ((await changes()).length >= count ? true : undefined));

test('each version is one leaf, from whichever replica, with its number and hash', async () => {
  const first = await installation.enrol('store');
  const second = await installation.enrol('store', await installation.startController());
  const version = await bundleVersion(first);
  expect(await bundleVersion(second)).toBe(version);
  await logged(1);
  await changePolicy('first');
  const next = await until('the new policy', async () => {
    const now = await bundleVersion(second);
    return now === version ? undefined : now;
  });
  await logged(2);
  await bundleVersion(first);
  expect(await changes()).toMatchObject([
    { subject: 'demo/store', detail: { version, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    { subject: 'demo/store', detail: { version: next } },
  ]);
});

test('a version that was published while no log took it is logged by the next who looks, with the time of its making', async () => {
  const waiting = await newInstallation();
  await waiting.startSequencer();
  await waiting.leading();
  await waiting.startController();
  const sidecar = await waiting.enrol('store');
  await waiting.sequencers.shift()?.close();
  expect((await sidecar.call('GET', '/v1/bundle?workload=store')).status).toBe(200);
  await waiting.controllers.shift()?.close();
  const after = new Date().toISOString();
  await waiting.startSequencer();
  await waiting.leading();
  const again = await waiting.enrol('store', await waiting.startController());
  await again.call('GET', '/v1/bundle?workload=store');
  const found = await until('the leaf', async () => (await waiting.leavesOf('admin.action'))[0]);
  expect(String(found['at']) < after).toBe(true);
  await waiting.close();
});
