/** Revocations and reviews over real HTTP. */
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { approverAudience, jwksPayload, statement, tokenLimits, type JwksPayload } from '@tachograph/protocol';
import { SignJWT } from 'jose';
import { statePaths } from './state/state-files.ts';
import { demoIssuer } from './state/state-issuers.ts';
import { startInstallation, type Installation } from './testing/installation.ts';
import { callHttps, type Answer } from './testing/sidecar-client.ts';

let installation: Installation;
afterEach(async () => installation.close());

/** `who`: subject, and `@1` for the second replica. */
async function as(who: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const [sub = '', at = '0'] = who.split('@');
  const key = createPrivateKey(await readFile(statePaths.issuerKey(installation.state), 'utf8'));
  const token = await new SignJWT({ aud: approverAudience('test') })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(demoIssuer)
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(key);
  const url = installation.controllers[Number(at)]?.url ?? '';
  return callHttps(url, method, path, { token, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

const path = '/v1/access/revocations';
const alice = { subject: 'alice', reason: 'left' };
const codes = (answer: Answer) => [answer.status, (answer.json() as { code?: string }).code];

function payloadOf(answer: Answer): JwksPayload {
  return jwksPayload.parse(JSON.parse(statement.parse(answer.json()).payload));
}

describe('revocations', () => {
  beforeEach(async () => {
    installation = await startInstallation({ environment: { TACHO_CUSTODIANS: 'carol' } });
  });

  test('reach a sidecar that waits, from the replica that it waits at', async () => {
    await installation.startController();
    const sidecar = await installation.enrol('store');
    const first = await sidecar.call('GET', '/v1/jwks');
    expect(payloadOf(first).revoked).toEqual([]);
    const headers = { 'if-none-match': String(first.headers['etag']), prefer: 'wait=30' };
    const waiting = sidecar.call('GET', '/v1/jwks', { headers });
    const revoked = await as('carol@1', 'POST', path, { ...alice, iss: demoIssuer });
    expect(revoked.status).toBe(201);
    const { before } = revoked.json() as { before: string };
    expect(payloadOf(await waiting).revoked).toEqual([{ sub: 'alice', iss: demoIssuer, before }]);
    expect(await installation.leavesOf('admin.action')).toMatchObject([
      { action: 'access.revoked', subject: 'alice', detail: { before, issuer: demoIssuer }, by: { sub: 'carol' } },
    ]);
  });

  test('are in force after a restart', async () => {
    await as('carol', 'POST', path, alice);
    await installation.startController();
    const list = (await as('carol@1', 'GET', path)).json();
    expect(list).toMatchObject({ revocations: [{ subject: 'alice', reason: 'left', logged: true }] });
  });

  test('are ordered and seen by custodians alone', async () => {
    expect(codes(await as('alice', 'POST', path, alice))).toEqual([403, 'forbidden']);
    expect(codes(await as('alice', 'GET', path))).toEqual([403, 'forbidden']);
    const sidecar = await installation.enrol('store');
    expect(codes(await sidecar.call('POST', path, { body: JSON.stringify(alice) }))).toEqual([401, 'unauthenticated']);
    expect(await installation.leavesOf('admin.action')).toEqual([]);
  });

  test.each([
    ['no reason', { subject: 'alice' }],
    ['an empty reason', { subject: 'alice', reason: ' ' }],
    ['no subject', { reason: 'left' }],
    ['a subject without end', { subject: 'a'.repeat(513), reason: 'left' }],
  ])('are refused with %s', async (_name, body) => {
    expect(codes(await as('carol', 'POST', path, body))).toEqual([400, 'bad_request']);
  });

  test('end a token for deciding, too', async () => {
    await as('carol', 'POST', path, { subject: 'carol', reason: 'laptop stolen' });
    expect(codes(await as('carol', 'GET', path))).toEqual([401, 'unauthenticated']);
  });
});

describe('who may revoke', () => {
  test('is named by a list of its own where there is one', async () => {
    installation = await startInstallation({ environment: { TACHO_CUSTODIANS: 'carol', TACHO_REVOKERS: 'oncall-*' } });
    expect((await as('oncall-7', 'POST', path, alice)).status).toBe(201);
    expect(codes(await as('carol', 'POST', path, alice))).toEqual([403, 'forbidden']);
  });
});

describe('a review', () => {
  const body = JSON.stringify({ token: 'some.caller.token' });

  test('is not to be had without an API server', async () => {
    installation = await startInstallation();
    const sidecar = await installation.enrol('store');
    expect(codes(await sidecar.call('POST', '/v1/reviews', { body }))).toEqual([404, 'not_found']);
  });

  test('asks for the audience of the pod’s own workload, and is not remembered', async () => {
    const asked: string[][] = [];
    const expiresMs = Date.parse('2026-11-21T12:00:00Z');
    const answers = [{ expiresMs }, undefined];
    const review = async (token: string, audience: string) => (asked.push([token, audience]), answers.shift());
    installation = await startInstallation({ callerReviews: { review } });
    const sidecar = await installation.enrol('store');
    const ask = async () => (await sidecar.call('POST', '/v1/reviews', { body })).json();
    expect(await ask()).toEqual({ active: true, expiresAt: '2026-11-21T12:00:00.000Z', ttlSeconds: 60 });
    expect(await ask()).toEqual({ active: false, ttlSeconds: 60 });
    expect(asked).toEqual(Array.from({ length: 2 }, () => ['some.caller.token', 'tachograph://test/demo/store']));
  });

  test('is for sidecars only, and of tokens only', async () => {
    installation = await startInstallation({ callerReviews: { review: async () => ({}) } });
    expect((await as('carol', 'POST', '/v1/reviews', { token: 't' })).status).toBe(401);
    const sidecar = await installation.enrol('store');
    const long = JSON.stringify({ token: 't'.repeat(tokenLimits.bytes + 1) });
    expect(codes(await sidecar.call('POST', '/v1/reviews', { body: long }))).toEqual([400, 'bad_request']);
    expect(codes(await sidecar.call('POST', '/v1/reviews', { body: '{}' }))).toEqual([400, 'bad_request']);
  });
});
