/** Approvals over HTTP: sidecars ask, wait, use and cancel; people look and decide. */
import {
  approvalRequest,
  approvalStates,
  consumeRequest,
  decisionRequest,
  revealRequest,
  sealedReveal,
  type ApprovalView,
  type HeldApproval,
} from '@tachograph/protocol';
import express, { type Express, type Request, type RequestHandler } from 'express';
import { ControllerError } from '../controller-error.ts';
import { answering } from '../http/answer.ts';
import { bearerOf, bodyOf, podOf, textOf } from '../http/request.ts';
import { readBody } from '../http/read-body.ts';
import type { Identity, Pods } from '../ports.ts';
import type { Approvals, Caller, Wait } from './approvals.ts';
import { approvalPage } from './approval-page.ts';
import type { People } from './people.ts';
import type { Person } from './person.ts';
import type { Reveals } from './reveals.ts';

export interface ApprovalsApiOptions {
  readonly approvals: Approvals;
  readonly reveals: Reveals;
  readonly people: People;
  readonly identity: Identity;
  readonly pods: Pods;
  /** Of one approval, for people. */
  readonly pageUrl: (id: string) => string;
}

const json = express.json({ limit: '16kb', type: () => true, inflate: false });
/** Masked arguments, or sealed ones. */
const longJson = express.json({ limit: '1mb', type: () => true, inflate: false });
const longestWaitSeconds = 30;

const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

export function addApprovals(app: Express, options: ApprovalsApiOptions): void {
  app.use('/v1/approvals', noStore);
  addSidecarRoutes(app, options);
  addPersonRoutes(app, options);
  addRevealRoutes(app, options);
  const { approvals, people, pageUrl } = options;
  app.get(
    '/v1/approvals/:id',
    answering(async (request, response) => {
      const id = idOf(request);
      const wait = waitOf(request);
      const approval = people.isMeant(bearerOf(request))
        ? await approvals.ofPerson(await personOf(people, request), id, wait)
        : await approvals.ofWorkload(await callerOf(options, request), id, wait);
      response.json(toView(approval, pageUrl));
    }),
  );
}

function addSidecarRoutes(app: Express, options: ApprovalsApiOptions): void {
  const { approvals, pageUrl } = options;
  app.post(
    '/v1/approvals',
    answering(async (request, response) => {
      const caller = await callerOf(options, request);
      await readBody(longJson, request, response);
      response.json(toView(await approvals.request(caller, bodyOf(request, approvalRequest)), pageUrl));
    }),
  );
  app.post(
    '/v1/approvals/:id/consume',
    json,
    answering(async (request, response) => {
      const caller = await callerOf(options, request);
      const approval = await approvals.consume(caller, idOf(request), bodyOf(request, consumeRequest));
      response.json(toView(approval, pageUrl));
    }),
  );
  app.post(
    '/v1/approvals/:id/cancel',
    answering(async (request, response) => {
      const caller = await callerOf(options, request);
      response.json(toView(await approvals.cancel(caller, idOf(request)), pageUrl));
    }),
  );
}

function addPersonRoutes(app: Express, { approvals, people, pageUrl }: ApprovalsApiOptions): void {
  app.get(
    '/v1/approvals',
    answering(async (request, response) => {
      const person = await personOf(people, request);
      const found = await approvals.list(person, filterOf(request));
      response.json({ approvals: found.map((approval) => toView(approval, pageUrl)) });
    }),
  );
  app.post(
    '/v1/approvals/:id/decision',
    json,
    answering(async (request, response) => {
      const person = await personOf(people, request);
      const approval = await approvals.decide(person, idOf(request), bodyOf(request, decisionRequest));
      response.json(toView(approval, pageUrl));
    }),
  );
  // Without a token, and without anything of the call: what a browser can be sent to.
  app.get('/approvals/:id', (request, response) => {
    const { html, policy } = approvalPage(idOf(request));
    response.set('Content-Security-Policy', policy).set('Cache-Control', 'no-store').type('html').send(html);
  });
}

function addRevealRoutes(app: Express, { reveals, people, ...options }: ApprovalsApiOptions): void {
  app.post(
    '/v1/approvals/:id/reveals',
    json,
    answering(async (request, response) => {
      const person = await personOf(people, request);
      response.json(await reveals.ask(person, idOf(request), bodyOf(request, revealRequest)));
    }),
  );
  app.post(
    '/v1/approvals/:id/reveals/:reveal',
    answering(async (request, response) => {
      const caller = await callerOf(options, request);
      await readBody(longJson, request, response);
      const reveal = textOf(request.params['reveal'], 'reveal');
      // At another replica than the one where the person waits: the next try takes another connection.
      response.set('Connection', 'close');
      await reveals.seal(caller, idOf(request), reveal, bodyOf(request, sealedReveal));
      response.status(204).end();
    }),
  );
}

function toView(approval: HeldApproval, pageUrl: (id: string) => string): ApprovalView {
  return { ...approval, url: pageUrl(approval.id) };
}

/** Who decides. Rejects with `unauthenticated`. */
export async function personOf(people: People, request: Request): Promise<Person> {
  const person = await people.person(bearerOf(request));
  if (person === undefined) {
    throw new ControllerError('unauthenticated', 'the token is not of an accepted issuer for this controller');
  }
  return person;
}

/** The workload is a fact of the pod: a sidecar asks for no other's calls. */
export async function callerOf(
  { identity, pods }: Pick<ApprovalsApiOptions, 'identity' | 'pods'>,
  request: Request,
): Promise<Caller> {
  const pod = await podOf(identity, request);
  const start = await pods.sidecarStart(pod);
  if (start.kind === 'absent') throw new ControllerError('forbidden', 'the pod has no sidecar');
  return { namespace: pod.namespace, workload: start.workload };
}

function idOf(request: Request): string {
  const id = textOf(request.params['id'], 'id');
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) {
    throw new ControllerError('not_found', 'no such approval');
  }
  return id;
}

function waitOf(request: Request): Wait {
  const { wait } = request.query;
  const seconds = typeof wait === 'string' && /^\d{1,3}$/.test(wait) ? Number(wait) : 0;
  return { waitMs: Math.min(seconds, longestWaitSeconds) * 1000, isGone: () => request.socket.destroyed };
}

function filterOf(request: Request): { readonly state?: string; readonly namespace?: string } {
  const { state, namespace } = request.query;
  const known = state === undefined ? undefined : approvalStates.find((one) => one === state);
  if (state !== undefined && known === undefined) {
    throw new ControllerError('bad_request', `expected a state of ${approvalStates.join(', ')}`);
  }
  if (namespace !== undefined && !/^[a-z0-9-]{1,63}$/.test(textOf(namespace, 'namespace'))) {
    throw new ControllerError('bad_request', 'expected the name of a namespace');
  }
  return { ...(known === undefined ? {} : { state: known }), ...(typeof namespace === 'string' ? { namespace } : {}) };
}
