import { breakGlassReport, type BreakGlassReport, type Leaf } from '@tachograph/protocol';
import express, { type Express } from 'express';
import { answering } from '../http/answer.ts';
import { bodyOf, componentOf } from '../http/request.ts';
import type { Identity } from '../ports.ts';
import type { LogPort } from '../sequencer/log-port.ts';

const json = express.json({ limit: '16kb', type: () => true, inflate: false });

/** `POST /internal/break-glass`, of the injector: a leaf. The same report again is the same leaf, which keeps its place. */
export function addBreakGlass(
  app: Express,
  { identity, sequencer }: { readonly identity: Identity; readonly sequencer: Pick<LogPort, 'append'> },
): void {
  app.post(
    '/internal/break-glass',
    json,
    answering(async (request, response) => {
      await componentOf(identity, request);
      await sequencer.append([JSON.stringify(toLeaf(bodyOf(request, breakGlassReport)))]);
      response.status(204).end();
    }),
  );
}

/** The API server vouches for the user: there is no issuer but the cluster. */
function toLeaf({ namespace, pod, podUid, subResource, container, user, at }: BreakGlassReport): Leaf {
  return {
    v: 1,
    type: 'admin.action',
    action: 'break_glass',
    subject: `${namespace}/${pod}`,
    detail: { podUid, subResource, ...(container === undefined ? {} : { container }) },
    by: { iss: 'kubernetes', sub: user },
    at,
  };
}
