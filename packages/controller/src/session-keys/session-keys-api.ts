/** Keys of sealed bodies over HTTP: sidecars hand them in, custodians read and end them. */
import {
  erasureRequest,
  reasonRequest,
  sessionKeyBytes,
  sessionKeyRequest,
  type ErasureList,
  type SessionKeyAnswer,
} from '@tachograph/protocol';
import express, { type Express, type Request, type Response } from 'express';
import { personOf } from '../approvals/approvals-api.ts';
import type { People } from '../approvals/people.ts';
import type { Person } from '../approvals/person.ts';
import { ControllerError } from '../controller-error.ts';
import { appendLeaves, type CustodyContext } from '../custody/custody-context.ts';
import { answering } from '../http/answer.ts';
import { readBody } from '../http/read-body.ts';
import { bodyOf, podOf, uuidOf } from '../http/request.ts';
import type { IngestContext } from '../ingest/ingest-context.ts';
import { accessStream } from '../ingest/stream-access.ts';
import type { Erasures } from './erasures.ts';
import type { KeyVault } from './key-vault.ts';

/** What is there where session keys are kept at all. */
export interface SessionKeys {
  readonly vault: KeyVault;
  readonly erasures: Erasures;
}

export interface SessionKeysApiOptions {
  readonly ingest: IngestContext;
  readonly custody: CustodyContext;
  readonly people: People;
  readonly requireCustodian: (person: Person) => void;
  /** Absent: no store of keys is set. */
  readonly sessionKeys: SessionKeys | undefined;
}

const json = express.json({ limit: '16kb', type: () => true, inflate: false });

export function addSessionKeys(app: Express, options: SessionKeysApiOptions): void {
  const keys = (): SessionKeys => {
    if (options.sessionKeys !== undefined) return options.sessionKeys;
    throw new ControllerError('unavailable', 'no store of session keys is set (TACHO_SESSION_KEYS)', {
      retryAfterMs: 60_000,
    });
  };
  app.put(
    '/v1/session-keys/:session',
    answering(async (request, response) => {
      const caller = await podOf(options.ingest.identity, request);
      await readBody(json, request, response);
      const { stream, key } = bodyOf(request, sessionKeyRequest);
      await accessStream(options.ingest, caller, { stream });
      const bytes = Buffer.from(key, 'base64');
      if (bytes.length !== sessionKeyBytes) throw new ControllerError('bad_request', 'expected a key of 32 bytes');
      const outcome = await keys().vault.put(uuidOf(request, 'session', 'session'), bytes);
      response.status(outcome === 'created' ? 201 : 200).end();
    }),
  );
  addCustodians(app, options, keys);
}

function addCustodians(app: Express, options: SessionKeysApiOptions, keys: () => SessionKeys): void {
  const asCustodian = (run: (request: Request, response: Response, by: Person) => Promise<object>) =>
    answering(async (request, response) => {
      const by = await personOf(options.people, request);
      options.requireCustodian(by);
      response.set('Cache-Control', 'no-store');
      if (request.method === 'POST') await readBody(json, request, response);
      response.json(await run(request, response, by));
    });
  app.post(
    '/v1/custody/session-keys/:session',
    asCustodian(async (request, _response, by) =>
      readKey(options.custody, keys().vault, by, {
        session: uuidOf(request, 'session', 'session'),
        reason: bodyOf(request, reasonRequest).reason,
      }),
    ),
  );
  app.get(
    '/v1/custody/erasures',
    asCustodian(async () => ({ erasures: [...(await keys().erasures.list())] }) satisfies ErasureList),
  );
  app.post(
    '/v1/custody/erasures',
    asCustodian(async (request, response, by) => {
      response.status(201);
      return keys().erasures.request(by, bodyOf(request, erasureRequest));
    }),
  );
  app.post(
    '/v1/custody/erasures/:id/confirm',
    asCustodian(async (request, _response, by) =>
      keys().erasures.confirm(by, uuidOf(request, 'id', 'erasure'), bodyOf(request, reasonRequest).reason),
    ),
  );
}

/** The log says who reads before the key leaves. */
async function readKey(
  custody: CustodyContext,
  vault: KeyVault,
  { iss, sub }: Person,
  { session, reason }: { readonly session: string; readonly reason: string },
): Promise<SessionKeyAnswer> {
  const key = await vault.get(session);
  if (key === undefined) throw new ControllerError('not_found', 'no key of this session is kept');
  if (key === 'destroyed') throw new ControllerError('not_found', 'the key of this session was destroyed');
  const at = custody.now();
  await appendLeaves(custody, [
    {
      v: 1,
      type: 'admin.action',
      action: 'session_key.read',
      subject: session,
      detail: {},
      by: { iss, sub },
      reason,
      at,
    },
  ]);
  custody.log.info('session key read', { session, by: sub });
  return { session, key: key.toString('base64') };
}
