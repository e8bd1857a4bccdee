// The suite’s `authorization` mode against our auth server, as clients reach it without an ingress: through the sidecar. A
// scripted browser presses the consent page’s button and logs in at a strict provider.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startInstallation } from '../../demo/installation.mjs';
import { freePort } from '../../demo/processes.mjs';
import { createBrowser } from '../../packages/authserver/dist/testing/browser.js';
import { readVerdicts, suiteProgram } from './suite.mjs';

/** A login takes a second; a suite that hangs must not hold up the rest. */
const timeoutMs = 60_000;

async function register(issuer, redirect) {
  const metadata = await (await fetch(wellKnown(issuer))).json();
  const answer = await fetch(metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'conformance',
      redirect_uris: [redirect],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }),
  });
  const registered = await answer.json();
  if (answer.status !== 201) throw new Error(`registration: ${answer.status} ${JSON.stringify(registered)}`);
  return registered.client_id;
}

function wellKnown(issuer) {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname}`;
}

/** What a person does: consents, types a name, and ends at the client’s callback. */
async function logIn(url) {
  const browser = createBrowser();
  const consent = await browser.open(url);
  const login = await browser.press(consent, 'continue');
  await browser.press(login, 'Log in', { fields: { username: 'alice' } });
}

async function runSuite(args) {
  const child = spawn(process.execPath, [suiteProgram, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  let output = '';
  let isShown = false;
  const read = (text) => {
    output += text;
    // The suite prints the URL for a person’s browser on a line of its own.
    const url = /^(https?:\/\/\S+\?\S*response_type=\S+)$/m.exec(output)?.[1];
    if (url === undefined || isShown) return;
    isShown = true;
    logIn(url).catch((error) => {
      output += `\nlogin failed: ${error.message}`;
      child.kill('SIGTERM');
    });
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { code, output };
}

/** Verdicts by scenario. */
export async function authorizationVerdicts(parent) {
  const directory = join(parent, 'authorization');
  mkdirSync(directory, { recursive: true });
  const installation = await startInstallation(directory, { login: true });
  try {
    const { origin, pathname } = new URL(installation.url.replace('127.0.0.1', 'localhost'));
    const issuer = `${origin}/as/demo/everything`;
    const port = await freePort();
    const client = await register(issuer, `http://127.0.0.1:${port}/callback`);
    const resource = `${origin}${pathname}`;
    const out = join(directory, 'verdicts');
    const asked = ['--url', issuer, '--client-id', client, '--resource', resource, '-p', String(port), '-o', out];
    const { code, output } = await runSuite(['authorization', ...asked]);
    const verdicts = readVerdicts(out);
    if (verdicts.size === 0) throw new Error(`the suite wrote no verdict: exit ${code}: ${output}`);
    return { code, verdicts };
  } finally {
    await installation.processes.stopAll();
  }
}
