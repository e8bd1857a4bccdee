/** The way of a browser from a client's `/auth` through consent and the company's login back to the client. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@tachograph/service';
import type { AuthSite } from '../auth-site.ts';
import type { Login, LoginMemory, LoginOptions, LoginVisit } from '../login-port.ts';
import type { AuthSettings } from '../settings.ts';
import { isNavigation, isOwnForm, queryOf, readForm } from './browser-request.ts';
import {
  findProgress,
  isExpected,
  isSame,
  maxTries,
  readProgress,
  takeProgress,
  toState,
  writeProgress,
  type LoginProgress,
} from './login-progress.ts';
import { sendOn } from './page.ts';
import { sendConsent, sendDead, sendOnward, type Dead } from './pages.ts';
import { parsePerson } from './parse-person.ts';
import { createUpstream, type Upstream, type UpstreamOutcome } from './upstream.ts';

interface Parts {
  readonly settings: AuthSettings;
  readonly memory: LoginMemory;
  readonly upstream: Upstream;
  readonly log: Logger;
}

type Step = (parts: Parts, exchange: Exchange, visit: LoginVisit) => Promise<void>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const callbackPath = '/as/callback';

/** The pages of the auth server. The company's provider is asked at the first login, not before. */
export function createLogin({ settings, clock, memory, log }: LoginOptions): Login {
  const upstream = createUpstream({ settings: settings.upstream, clock, log });
  const parts: Parts = { settings, memory, upstream, log };
  return {
    visit: async (request, response, visit) => {
      const step = steps[`${request.method ?? ''} ${visit.rest}`];
      if (step !== undefined) await step(parts, { request, response }, visit);
      else sendDead(response, { kind: visit.rest in known ? 'method' : 'not-found' });
    },
    callback: (request, response, site) => returnFromUpstream(parts, { request, response }, site),
  };
}

const steps: Readonly<Record<string, Step>> = {
  'GET ': ask,
  'POST ': decide,
  'GET /login': finish,
  'GET /denied': deny,
};

const known: Readonly<Record<string, true>> = { '': true, '/login': true, '/denied': true };

/** Shows the consent page. Seen again (another tab, the back button) it has the same token. */
async function ask({ settings, memory }: Parts, { request, response }: Exchange, visit: LoginVisit): Promise<void> {
  if (!isNavigation(request)) return sendDead(response, { kind: 'forbidden' });
  const begun = await readProgress(memory, visit.uid);
  const progress = begun ?? { csrf: randomBytes(32).toString('base64url'), path: visit.path, tries: 0 };
  if (begun === undefined) await writeProgress(memory, visit, progress);
  return sendConsent(response, visit, { csrf: progress.csrf, settings });
}

async function decide(parts: Parts, { request, response }: Exchange, visit: LoginVisit): Promise<void> {
  if (!isOwnForm(request, visit.site.pageOrigin)) return sendDead(response, { kind: 'forbidden' });
  const form = await readForm(request);
  const progress = await readProgress(parts.memory, visit.uid);
  if (progress === undefined) return sendDead(response, { kind: 'over' }, visit.path);
  if (!isSame(progress.csrf, form?.get('csrf') ?? '')) return sendDead(response, { kind: 'forbidden' }, visit.path);
  const action = form?.get('action');
  if (action === 'continue') return consent(parts, response, { visit, progress });
  if (action !== 'deny') return sendDead(response, { kind: 'forbidden' }, visit.path);
  await writeProgress(parts.memory, visit, { ...progress, isDenied: true });
  return sendOnward(response, `${visit.path}/denied`);
}

async function consent(
  { memory, upstream, log }: Parts,
  response: ServerResponse,
  { visit, progress }: { readonly visit: LoginVisit; readonly progress: LoginProgress },
): Promise<void> {
  if (progress.tries >= maxTries) return sendDead(response, { kind: 'over' });
  const state = toState(visit.uid, randomBytes(32).toString('base64url'));
  const begun = await upstream.begin(state, upstreamCallback(visit.site));
  if (begun === undefined) return sendDead(response, { kind: 'unavailable' }, visit.path);
  await writeProgress(memory, visit, { ...progress, tries: progress.tries + 1, attempt: begun.attempt });
  log.info('login consented', { ...visit.site.workload, client: visit.client.id });
  return sendOnward(response, begun.url.href);
}

/**
 * Where the provider sends the browser. Providers let the port vary only for loopback hosts that they know by name, and
 * `tachograph.localhost` is none: the way back goes over `localhost`.
 */
export function upstreamCallback({ pageOrigin }: Pick<AuthSite, 'pageOrigin'>): string {
  const url = new URL(callbackPath, pageOrigin);
  if (url.hostname.endsWith('.localhost')) url.hostname = 'localhost';
  return url.href;
}

/** Finds the visit and sends the browser there, where its cookie is sent. Takes nothing: anybody can ask this. */
async function returnFromUpstream({ memory }: Parts, { request, response }: Exchange, site: AuthSite): Promise<void> {
  const query = queryOf(request);
  if (request.method !== 'GET') return sendDead(response, { kind: 'method' });
  if (query === undefined) return sendDead(response, { kind: 'invalid' });
  if (!site.isPage) return sendOn(response, `${site.pageOrigin}${callbackPath}?${query}`);
  const state = soleState(query);
  const progress = state === undefined ? undefined : await findProgress(memory, state);
  if (progress === undefined || !isOf(progress, site)) return sendDead(response, { kind: 'over' });
  return sendOn(response, `${progress.path}/login?${query}`);
}

/** Another workload behind the same local port has nothing to do with this login. */
function isOf({ path }: LoginProgress, { workload }: AuthSite): boolean {
  return workload === undefined || path.startsWith(`/as/${workload.namespace}/${workload.workload}/`);
}

function soleState(query: string): string | undefined {
  const states = new URLSearchParams(query).getAll('state');
  return states.length === 1 ? states[0] : undefined;
}

/** The browser that consented is back from the provider. */
async function finish(parts: Parts, { request, response }: Exchange, visit: LoginVisit): Promise<void> {
  if (!isNavigation(request)) return sendDead(response, { kind: 'forbidden' });
  const query = queryOf(request) ?? '';
  const state = soleState(query) ?? '';
  const waiting = await readProgress(parts.memory, visit.uid);
  // Another login's state must not use this one up.
  if (waiting === undefined || !isExpected(waiting, state)) return sendDead(response, { kind: 'over' }, visit.path);
  const taken = await takeProgress(parts.memory, visit.uid);
  if (taken?.attempt === undefined || !isSame(taken.attempt.state, state)) {
    return sendDead(response, { kind: 'over' }, visit.path);
  }
  const { attempt, ...rest } = taken;
  const dead = await conclude(parts, visit, await parts.upstream.complete(attempt, query));
  if (dead === undefined) return undefined;
  // The visit may be tried again, but not for ever.
  await writeProgress(parts.memory, visit, rest);
  return sendDead(response, dead, visit.path);
}

/** Ends the visit, or says why it does not end. */
async function conclude(
  { settings, log }: Parts,
  visit: LoginVisit,
  outcome: UpstreamOutcome,
): Promise<Dead | undefined> {
  const fields = { ...visit.site.workload, client: visit.client.id };
  if (outcome.kind === 'cancelled') {
    await visit.refuse('the login was cancelled');
    return undefined;
  }
  if (outcome.kind !== 'claims') return outcome;
  const person = parsePerson(outcome.issuer, outcome.claims, settings.upstream);
  if (person.kind === 'unusable') {
    log.warn('login refused', { ...fields, reason: person.reason });
    return { kind: person.reason };
  }
  await visit.finish(person.person);
  log.info('logged in', { ...fields, groups: person.person.groups.length });
  return undefined;
}

async function deny({ memory }: Parts, { request, response }: Exchange, visit: LoginVisit): Promise<void> {
  if (!isNavigation(request)) return sendDead(response, { kind: 'forbidden' });
  const progress = await readProgress(memory, visit.uid);
  if (progress?.isDenied !== true) return sendDead(response, { kind: 'over' }, visit.path);
  await takeProgress(memory, visit.uid);
  return visit.refuse('the person denied access');
}
