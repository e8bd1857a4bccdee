import { describe, expect, test } from '@jest/globals';
import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { checkAnswer } from './login-answer.ts';
import type { LoginRoute } from './login-routes.ts';

const response = new ServerResponse(new IncomingMessage(new Socket()));
const interaction: LoginRoute = { endpoint: 'interaction', methods: ['GET'], path: '/x', isPage: true };
const token: LoginRoute = { endpoint: 'token', methods: ['POST'], path: '/x', isPage: false };
const html = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" };

describe('an answer that says that something is down', () => {
  test.each([502, 503])('reaches the person when it is the auth server’s own page (%d)', (status) => {
    const answer = { kind: 'answer', status, headers: html, body: Buffer.from('No new logins for now') } as const;
    const checked = checkAnswer(response, interaction, answer);
    expect(checked).toMatchObject({ kind: 'passed', status, body: answer.body });
    expect(checked.kind === 'passed' && checked.headers['content-security-policy']).toBe(
      html['content-security-policy'],
    );
  });

  test.each([
    ['a proxy’s page', interaction, { 'content-type': 'text/html' }],
    ['an answer for programs', interaction, { 'content-type': 'application/json' }],
    ['a page where programs ask', token, html],
  ])('does not when it is %s', (_what, route, headers) => {
    const answer = { kind: 'answer', status: 503, headers, body: Buffer.from('x') } as const;
    expect(checkAnswer(response, route, answer)).toEqual({ kind: 'failed', why: 'unavailable' });
  });
});
