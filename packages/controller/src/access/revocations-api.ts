import { revocationRequest, revocationsPath, type RevocationList } from '@tachograph/protocol';
import express, { type Express, type Request } from 'express';
import { personOf } from '../approvals/approvals-api.ts';
import type { People } from '../approvals/people.ts';
import type { Person } from '../approvals/person.ts';
import { answering } from '../http/answer.ts';
import { readBody } from '../http/read-body.ts';
import { bodyOf } from '../http/request.ts';
import type { Revocations } from './revocations.ts';

export interface RevocationsApiOptions {
  readonly people: People;
  readonly revocations: Revocations;
  /** Throws `forbidden` unless the person may revoke. */
  readonly requireRevoker: (person: Person) => void;
}

const json = express.json({ limit: '16kb', type: () => true, inflate: false });

/** `GET` and `POST /v1/access/revocations`, for people who may revoke. */
export function addRevocations(app: Express, options: RevocationsApiOptions): void {
  const { revocations } = options;
  app.get(
    revocationsPath,
    answering(async (request, response) => {
      await revokerOf(options, request);
      const list: RevocationList = { revocations: [...revocations.current()] };
      response.set('Cache-Control', 'no-store').json(list);
    }),
  );
  app.post(
    revocationsPath,
    answering(async (request, response) => {
      const { iss, sub } = await revokerOf(options, request);
      await readBody(json, request, response);
      const revoked = await revocations.revoke({ iss, sub }, bodyOf(request, revocationRequest));
      response.status(201).set('Cache-Control', 'no-store').json(revoked);
    }),
  );
}

/** Known before the body is read. */
async function revokerOf({ people, requireRevoker }: RevocationsApiOptions, request: Request): Promise<Person> {
  const person = await personOf(people, request);
  requireRevoker(person);
  return person;
}
