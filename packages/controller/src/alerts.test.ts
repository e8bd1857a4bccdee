import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startInstallation, type Installation } from './testing/installation.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(async () => installation.close());

test('a controller takes alerts of enrolled sidecars, and of nobody else', async () => {
  const sidecar = await installation.enrol('store');
  const report = { alert: 'a', policy: 'demo/p', kind: 'denials', subject: 'alice of i', count: 9, seconds: 60 };
  const send = async (as: { readonly token?: string } = {}): Promise<number> =>
    (await sidecar.call('POST', '/v1/alerts', { body: JSON.stringify(report), ...as })).status;
  expect(await send()).toBe(204);
  expect(await send({ token: 'of-nobody' })).toBe(401);
});
