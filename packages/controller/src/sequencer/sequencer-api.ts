/** The sequencer over HTTP: only controller replicas may call it. */
import { headsRequest, leavesRequest } from '@tachograph/protocol';
import type { Logger } from '@tachograph/service';
import express, { type Express, type Request, type RequestHandler } from 'express';
import { ControllerError } from '../controller-error.ts';
import { answering, errorHandler, notFound } from '../http/answer.ts';
import { bodyOf, componentOf, countOf, textOf } from '../http/request.ts';
import type { Identity } from '../ports.ts';
import { admittedPod, headsBulk } from './sequencer-wire.ts';
import type { LogPort, StreamQuestion } from './log-port.ts';
import type { Sequencer } from './sequencer.ts';

export interface SequencerApiOptions {
  readonly sequencer: Sequencer;
  readonly identity: Identity;
  readonly log: Logger;
}

/** Header of a refusal: where the leader listens. */
export const leaderHeader = 'Tacho-Leader';
/** Leaves of one request are at most 64 KiB each, a thousand at most, and never all that large. */
const maxBody = '32mb';

export function createSequencerApi({ sequencer, identity, log }: SequencerApiOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(onlyComponents(identity), namingLeader(sequencer));
  app.use(express.json({ limit: maxBody, type: () => true, inflate: false }));
  addLog(app, sequencer.port);
  addReports(app, sequencer.port);
  app.use(notFound, errorHandler(log));
  return app;
}

function addLog(app: Express, port: LogPort): void {
  app.post(
    '/internal/leaves',
    answering(async (request, response) => {
      const { leaves } = bodyOf(request, leavesRequest);
      response.json({ archived: await port.append(leaves) });
    }),
  );
  app.get(
    '/internal/streams/:stream',
    answering(async (request, response) => {
      const { object, session } = request.query;
      const view = await port.stream({
        stream: textOf(request.params['stream'], 'stream'),
        ...rangeOf(request),
        ...(typeof object === 'string' ? { object } : {}),
        ...(typeof session === 'string' ? { session } : {}),
      });
      if (view === undefined) throw new ControllerError('stream_unknown', 'the log knows no such stream');
      response.json(view);
    }),
  );
}

/** `segments=1` with `first` and `last`; without them all segments, as replicas of the version before ask. */
function rangeOf({ query }: Request): Pick<StreamQuestion, 'segments'> {
  const { segments, first, last } = query;
  if (segments !== '1') return {};
  if (first === undefined && last === undefined) return { segments: { first: 0, last: Number.MAX_SAFE_INTEGER } };
  return { segments: { first: countOf(first, 'first'), last: countOf(last, 'last') } };
}

function addReports(app: Express, port: LogPort): void {
  app.post(
    '/internal/heads',
    answering(async (request, response) => {
      const heads = bodyOf(request, headsBulk(headsRequest));
      response.json({ deleting: await port.heads(heads) });
    }),
  );
  app.post(
    '/internal/pods',
    answering(async (request, response) => {
      await port.admitted(bodyOf(request, admittedPod));
      response.status(204).end();
    }),
  );
  app.get(
    '/internal/checkpoint',
    answering(async (_request, response) => {
      const note = await port.checkpoint();
      if (note === undefined) throw new ControllerError('not_found', 'no checkpoint is signed yet');
      response.type('text/plain').send(note);
    }),
  );
  app.get(
    '/internal/proofs/:index',
    answering(async (request, response) => {
      const [index, size] = [countOf(request.params['index'], 'index'), countOf(request.query['size'], 'size')];
      const proof = await port.prove(index, size);
      if (proof === undefined) throw new ControllerError('not_found', 'the log has no such leaf at that size');
      response.json({ proof });
    }),
  );
  app.get(
    '/internal/status',
    answering(async (_request, response) => {
      response.json(await port.status());
    }),
  );
}

function onlyComponents(identity: Identity): RequestHandler {
  return async (request, _response, next) => {
    await componentOf(identity, request);
    next();
  };
}

/** A follower's refusal tells where to go instead. */
function namingLeader(sequencer: Sequencer): RequestHandler {
  return (_request, response, next) => {
    const leader = sequencer.waiting() === undefined ? undefined : sequencer.leader();
    if (leader !== undefined) response.set(leaderHeader, leader);
    next();
  };
}
