import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { parseIamPolicy } from './iam.ts';
import { type Answer, type CallOptions, EmulatorClient } from './testing/emulator-client.ts';

const policy = {
  principals: {
    root: [{ role: 'admin' }],
    writer: [{ role: 'writer', bucket: 'locked' }],
    sequencer: [{ permissions: ['objects.create', 'objects.get'], bucket: 'locked', objectPrefix: 'v1/log/' }],
    hold: [{ role: 'legalHold' }],
    provisioner: [{ role: 'provisioner' }],
  },
};

let gcs: EmulatorClient;

beforeAll(async () => {
  gcs = await EmulatorClient.start({ iam: parseIamPolicy(policy), buckets: ['locked', 'other'] });
});
afterAll(async () => {
  await gcs.stop();
});

async function as(principal: string, path: string, options: CallOptions = {}): Promise<Answer> {
  return await gcs.call(path, { ...options, headers: { authorization: `Bearer ${principal}` } });
}
const upload = async (principal: string, bucket: string, name: string, query = ''): Promise<Answer> =>
  await as(principal, `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}${query}`, {
    method: 'POST',
    body: 'x',
  });
const patchAsHold = async (body: object) => await as('hold', 'b/locked/o/case', { method: 'PATCH', body });
const forbidden = { status: 403, reason: 'forbidden' };

describe('a principal', () => {
  test('without credentials is 401, unknown is 401', async () => {
    expect(await gcs.object('locked', 'a')).toMatchObject({ status: 401, reason: 'required' });
    expect(await as('nobody', 'b/locked/o/a')).toMatchObject({ status: 401, reason: 'authError' });
  });

  test('that writes may create, get and list, and nothing else', async () => {
    expect(await upload('writer', 'locked', 'a')).toMatchObject({ status: 200 });
    expect(await as('writer', 'b/locked/o/a')).toMatchObject({ status: 200 });
    expect(await as('writer', 'b/locked/o')).toMatchObject({ status: 200 });
    expect(await as('writer', 'b/locked/o/a', { method: 'DELETE' })).toMatchObject(forbidden);
    expect(await as('writer', 'b/locked/o/a', { method: 'PATCH', body: {} })).toMatchObject(forbidden);
    expect(await as('writer', 'b/locked', { method: 'PATCH', body: {} })).toMatchObject(forbidden);
    expect(
      await as('writer', 'b/locked/lockRetentionPolicy?ifMetagenerationMatch=1', { method: 'POST' }),
    ).toMatchObject(forbidden);
    expect(await as('writer', 'b/locked', { method: 'DELETE' })).toMatchObject(forbidden);
    expect(await as('writer', 'b', { method: 'POST', body: { name: 'new-one' } })).toMatchObject(forbidden);
    expect(await upload('writer', 'other', 'a')).toMatchObject(forbidden);
  });

  test('that may not delete gets 412 for a taken name with a precondition, 403 without', async () => {
    await upload('writer', 'locked', 'taken');
    expect(await upload('writer', 'locked', 'taken', '&ifGenerationMatch=0')).toMatchObject({ status: 412 });
    expect(await upload('writer', 'locked', 'taken')).toMatchObject(forbidden);
  });

  test('bound to a prefix stays there', async () => {
    expect(await upload('sequencer', 'locked', 'v1/log/batch/0')).toMatchObject({ status: 200 });
    expect(await upload('sequencer', 'locked', 'v1/records/a')).toMatchObject(forbidden);
    expect(await as('sequencer', 'b/locked/o')).toMatchObject(forbidden);
  });

  test('that may not list learns nothing about what does not exist', async () => {
    expect(await as('sequencer', `b/locked/o/${encodeURIComponent('v1/log/x')}`)).toMatchObject(forbidden);
    expect(await as('writer', 'b/locked/o/x')).toMatchObject({ status: 404 });
  });

  test('for legal holds may place them, but not set retention', async () => {
    await upload('root', 'locked', 'case');
    expect(await patchAsHold({ temporaryHold: true })).toMatchObject({ status: 200 });
    const retention = { mode: 'Locked', retainUntilTime: '2040-01-01T00:00:00Z' };
    expect(await patchAsHold({ retention })).toMatchObject(forbidden);
  });

  test('resumes an upload that another started only as that one', async () => {
    const path = '/upload/storage/v1/b/locked/o?uploadType=resumable&name=session';
    const start = await as('writer', path, { method: 'POST' });
    const session = start.headers.get('location')?.replace(gcs.server.url, '') ?? '';
    expect(await gcs.call(session, { method: 'PUT', body: 'x' })).toMatchObject({ status: 200 });
  });
});

test('permission-first answers 403 where others answer 412', async () => {
  const iam = parseIamPolicy({ ...policy, overwriteCheck: 'permission-first' });
  const strict = await EmulatorClient.start({ iam, buckets: ['locked'] });
  const path = '/upload/storage/v1/b/locked/o?uploadType=media&name=a&ifGenerationMatch=0';
  const write = async () =>
    await strict.call(path, { method: 'POST', body: 'x', headers: { authorization: 'Bearer writer' } });
  expect((await write()).status).toBe(200);
  expect(await write()).toMatchObject(forbidden);
  await strict.stop();
});

describe('a policy is refused', () => {
  test.each([
    ['that is no object', []],
    ['with an unknown field', { principal: {} }],
    ['with an unknown role', { principals: { a: [{ role: 'owner' }] } }],
    ['with a role from the prototype', { principals: { a: [{ role: 'constructor' }] } }],
    ['with an unknown permission', { principals: { a: [{ permissions: ['objects.fly'] }] } }],
    ['without role or permissions', { principals: { a: [{}] } }],
    ['with an unknown field in a grant', { principals: { a: [{ role: 'admin', prefix: 'x' }] } }],
    ['with an unknown overwriteCheck', { overwriteCheck: 'never' }],
  ])('%s', (_label, value) => {
    expect(() => parseIamPolicy(value)).toThrow(expect.objectContaining({ name: 'EmulatorError' }));
  });
});
