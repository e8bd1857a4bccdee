/** Custody over HTTP, for custodians: holds, purges, and leaves about exports and privileged deeds. */
import {
  actionRequest,
  applyRequest,
  exportRequest,
  holdRequest,
  purgeRequest,
  releaseRequest,
  verificationRequest,
  type PersonOfLeaf,
} from '@tachograph/protocol';
import express, { type Express, type Request, type RequestHandler } from 'express';
import { personOf } from '../approvals/approvals-api.ts';
import type { People } from '../approvals/people.ts';
import type { Person } from '../approvals/person.ts';
import { answering } from '../http/answer.ts';
import { readBody } from '../http/read-body.ts';
import { bodyOf, uuidOf } from '../http/request.ts';
import type { CustodyContext } from './custody-context.ts';
import { applyHold, listHolds, placeHold, releaseHold } from './holds.ts';
import { purge } from './purges.ts';
import { logAction, logExport } from './statements.ts';
import type { TakeVerification } from './verification-metrics.ts';

export interface CustodyApiOptions {
  readonly custody: CustodyContext;
  readonly people: People;
  readonly takeVerification: TakeVerification;
  /** Throws unless the person is a custodian. */
  readonly requireCustodian: (person: Person) => void;
}

const json = express.json({ limit: '64kb', type: () => true, inflate: false });

const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

export function addCustody(app: Express, options: CustodyApiOptions): void {
  app.use('/v1/custody', noStore);
  addHolds(app, options);
  const { custody } = options;
  post(app, options, '/v1/custody/purges', async (request, by) => ({
    status: 200,
    body: await purge(custody, by, bodyOf(request, purgeRequest)),
  }));
  post(app, options, '/v1/custody/exports', async (request, by) => ({
    status: 201,
    body: await logExport(custody, by, bodyOf(request, exportRequest)),
  }));
  post(app, options, '/v1/custody/verifications', async (request) => {
    const ended = bodyOf(request, verificationRequest);
    options.takeVerification(ended);
    return { status: 200, body: ended };
  });
  post(app, options, '/v1/custody/actions', async (request, by) => ({
    status: 201,
    body: await logAction(custody, by, bodyOf(request, actionRequest)),
  }));
}

function addHolds(app: Express, options: CustodyApiOptions): void {
  const { custody } = options;
  app.get(
    '/v1/custody/holds',
    answering(async (request, response) => {
      await custodianOf(options, request);
      response.json({ holds: await listHolds(custody) });
    }),
  );
  post(app, options, '/v1/custody/holds', async (request, by) => ({
    status: 201,
    body: await placeHold(custody, by, bodyOf(request, holdRequest)),
  }));
  post(app, options, '/v1/custody/holds/:id/apply', async (request) => ({
    status: 200,
    body: await applyHold(custody, uuidOf(request, 'id', 'hold'), bodyOf(request, applyRequest).from ?? 0),
  }));
  post(app, options, '/v1/custody/holds/:id/release', async (request, by) => ({
    status: 200,
    body: await releaseHold(custody, by, { id: uuidOf(request, 'id', 'hold'), ...bodyOf(request, releaseRequest) }),
  }));
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Who asks is known before the body is read. */
function post(
  app: Express,
  options: CustodyApiOptions,
  path: string,
  run: (request: Request, by: PersonOfLeaf) => Promise<Answer>,
): void {
  app.post(
    path,
    answering(async (request, response) => {
      const by = await custodianOf(options, request);
      await readBody(json, request, response);
      const { status, body } = await run(request, by);
      response.status(status).json(body);
    }),
  );
}

async function custodianOf({ people, requireCustodian }: CustodyApiOptions, request: Request): Promise<PersonOfLeaf> {
  const person = await personOf(people, request);
  requireCustodian(person);
  return { iss: person.iss, sub: person.sub };
}
