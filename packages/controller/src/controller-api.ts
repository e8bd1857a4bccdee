/** The controller over HTTP, towards sidecars and the injector (`contracts.md`, Sidecar to controller). */
import {
  approvalKeyHeader,
  checkpointPath,
  type InclusionProofAnswer,
  headsRequest,
  parseSegmentFileName,
  parseSegmentSignature,
  parseWorkloadUri,
  streamRequest,
  workloadUri,
  type TrustAnswer,
  type WorkloadRef,
} from '@tachograph/protocol';
import type { Counter, Logger } from '@tachograph/service';
import express, { type Express, type RequestHandler } from 'express';
import { addReviews } from './access/reviews-api.ts';
import { addRevocations } from './access/revocations-api.ts';
import type { Access } from './access/start-access.ts';
import { addAuth } from './auth/auth-api.ts';
import type { AuthHost } from './auth/auth-host.ts';
import type { ApprovalKeys } from './approvals/approval-key.ts';
import { addApprovals } from './approvals/approvals-api.ts';
import type { Approvals } from './approvals/approvals.ts';
import type { Reveals } from './approvals/reveals.ts';
import { addAlerts } from './alerts/alerts-api.ts';
import type { TakeAlert } from './alerts/pod-alerts.ts';
import type { People } from './approvals/people.ts';
import { addBreakGlass } from './custody/break-glass-api.ts';
import { addCustody, type CustodyApiOptions } from './custody/custody-api.ts';
import { addSessionKeys, type SessionKeys } from './session-keys/session-keys-api.ts';
import { ControllerError } from './controller-error.ts';
import { answering, errorHandler, notFound } from './http/answer.ts';
import { readBody } from './http/read-body.ts';
import { bearerOf, bodyOf, bytesOf, componentOf, countOf, podOf, textOf } from './http/request.ts';
import type { PodIdentity } from './ports.ts';
import type { HeadRelay } from './ingest/head-relay.ts';
import type { IngestContext } from './ingest/ingest-context.ts';
import { openStream } from './ingest/open-stream.ts';
import { maxBlobBytes, putBlob } from './ingest/put-blob.ts';
import { putSegment } from './ingest/put-segment.ts';
import { accessStream } from './ingest/stream-access.ts';
import { maxSegmentBytes } from './ingest/unpack.ts';
import { addToolLedger } from './ledger/tool-ledger-api.ts';
import type { ToolLedger } from './ledger/tool-ledger.ts';
import { admittedPod } from './sequencer/sequencer-wire.ts';
import type { KeySets } from './serve/key-sets.ts';
import type { LongPoll } from './serve/long-poll.ts';
import type { SignedAnswer } from './serve/signed-answer.ts';

export interface ControllerApiOptions {
  readonly ingest: IngestContext;
  readonly heads: HeadRelay;
  readonly trust: () => Promise<TrustAnswer>;
  readonly bundle: (namespace: string, workload: string) => Promise<SignedAnswer>;
  readonly keySets: KeySets;
  /** Absent: nobody logs in here. */
  readonly auth: AuthHost | undefined;
  readonly longPoll: LongPoll;
  readonly takeAlert: TakeAlert;
  readonly approvals: Approvals;
  readonly reveals: Reveals;
  readonly approvalKeys: ApprovalKeys;
  readonly ledger: ToolLedger;
  readonly people: People;
  readonly access: Omit<Access, 'stop'>;
  readonly custody: Omit<CustodyApiOptions, 'people'>;
  /** Absent: no store of keys is set. */
  readonly sessionKeys: SessionKeys | undefined;
  /** Page of one approval. */
  readonly pageUrl: (id: string) => string;
  readonly log: Logger;
  /** Answers by endpoint and status. */
  readonly answers: Counter;
}

export function createControllerApi(options: ControllerApiOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(counting(options.answers));
  addAuth(app, { ...options, ...options.ingest });
  addStatements(app, options);
  addProofs(app, options);
  addIngest(app, options);
  addHeads(app, options);
  addApprovals(app, { ...options, ...options.ingest });
  addToolLedger(app, { ...options, ...options.ingest });
  addAlerts(app, { ...options, ...options.ingest });
  addRevocations(app, { ...options.access, people: options.people });
  addReviews(app, { ...options.ingest, reviews: options.access.callerReviews });
  addCustody(app, { ...options.custody, people: options.people });
  addSessionKeys(app, { ...options, ...options.custody });
  addBreakGlass(app, options.ingest);
  app.use(notFound, errorHandler(options.log));
  return app;
}

/** Endpoints as labels: what callers write behind them would make labels without end. */
const endpoints: ReadonlySet<string> = new Set([
  '/v1/trust',
  '/v1/bundle',
  '/v1/jwks',
  '/v1/checkpoint',
  '/v1/proofs',
  '/v1/streams',
  '/v1/blobs',
  '/v1/segments',
  '/v1/session-keys',
  '/v1/heads',
  '/v1/approvals',
  '/v1/tools',
  '/v1/alerts',
  '/v1/custody',
  '/v1/servers',
  '/v1/access',
  '/v1/reviews',
  '/as',
  '/.well-known',
  '/internal/pods',
  '/internal/break-glass',
]);

function counting(answers: Counter): RequestHandler {
  return (request, response, next) => {
    const [, first = '', second = ''] = request.path.split('/');
    const endpoint = first === 'as' || first === '.well-known' ? `/${first}` : `/${first}/${second}`;
    response.on('finish', () => {
      answers.labels(endpoints.has(endpoint) ? endpoint : 'other', String(response.statusCode)).inc();
    });
    next();
  };
}

const json = express.json({ limit: '256kb', type: () => true, inflate: false });
const raw = (limit: number) => express.raw({ limit, type: () => true, inflate: false });

function addStatements(app: Express, options: ControllerApiOptions): void {
  const { ingest, trust, bundle, keySets, longPoll, approvalKeys } = options;
  // Without a token: the answer is public, and the caller checks it against the fingerprint in its own spec.
  app.get(
    '/v1/trust',
    answering(async (_request, response) => {
      response.set('Cache-Control', 'no-store').json(await trust());
    }),
  );
  app.get(
    '/v1/bundle',
    answering(async (request, response) => {
      const caller = await podOf(ingest.identity, request);
      const asked = textOf(request.query['workload'], 'workload');
      const workload = parseWorkloadUri(asked)?.workload ?? asked;
      const start = await ingest.pods.sidecarStart(caller);
      if (start.kind === 'absent' || start.workload !== workload) {
        throw new ControllerError('forbidden', 'the bundle is of another workload');
      }
      const { namespace } = caller;
      // Under TLS only, for this workload only; with every answer, since a 304 keeps the bundle but not the key.
      const key = approvalKeys(workloadUri({ cluster: ingest.cluster, namespace, workload }));
      response.set(approvalKeyHeader, key);
      await longPoll.answer(request, response, async () => bundle(namespace, workload));
    }),
  );
  app.get(
    '/v1/jwks',
    answering(async (request, response) => {
      const caller = await podOf(ingest.identity, request);
      const own = options.auth === undefined ? undefined : await workloadOf(ingest, caller);
      await longPoll.answer(request, response, async () => keySets(own));
    }),
  );
  app.get(
    checkpointPath,
    answering(async (request, response) => {
      await podOf(ingest.identity, request);
      const note = await ingest.sequencer.checkpoint();
      if (note === undefined) throw new ControllerError('not_found', 'no checkpoint is signed yet');
      response.type('text/plain').send(note);
    }),
  );
}

/** `undefined`: a pod that has no sidecar (any more). */
async function workloadOf({ cluster, pods }: IngestContext, caller: PodIdentity): Promise<WorkloadRef | undefined> {
  const start = await pods.sidecarStart(caller);
  return start.kind === 'absent' ? undefined : { cluster, namespace: caller.namespace, workload: start.workload };
}

function addProofs(app: Express, { ingest }: ControllerApiOptions): void {
  app.get(
    '/v1/proofs/:index',
    answering(async (request, response) => {
      await podOf(ingest.identity, request);
      const index = countOf(request.params['index'], 'index');
      const size = countOf(request.query['size'], 'size');
      const proof = await ingest.sequencer.prove(index, size);
      if (proof === undefined) throw new ControllerError('not_found', `the log has no leaf ${index} at size ${size}`);
      response.json({ proof: [...proof] } satisfies InclusionProofAnswer);
    }),
  );
}

function addIngest(app: Express, { ingest }: ControllerApiOptions): void {
  app.post(
    '/v1/streams',
    json,
    answering(async (request, response) => {
      const caller = await podOf(ingest.identity, request);
      response.status(201).json(await openStream(ingest, caller, bodyOf(request, streamRequest)));
    }),
  );
  app.put(
    '/v1/blobs/:sha256',
    answering(async (request, response) => {
      const caller = await podOf(ingest.identity, request);
      const stream = textOf(request.query['stream'], 'stream');
      const day = textOf(request.query['day'], 'day');
      if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new ControllerError('bad_request', 'expected a day, YYYY-MM-DD');
      await accessStream(ingest, caller, { stream });
      await readBody(raw(maxBlobBytes), request, response);
      const sha256 = textOf(request.params['sha256'], 'sha256');
      const { created } = await putBlob(ingest, { stream, day, sha256 }, bytesOf(request));
      response.status(created ? 201 : 200).end();
    }),
  );
  app.put(
    '/v1/segments/:name',
    answering(async (request, response) => {
      const caller = await ingest.identity.pod(bearerOf(request));
      const signature = parseSegmentSignature(request.get('tacho-signature') ?? '');
      if (signature === undefined) throw new ControllerError('bad_request', 'expected a Tacho-Signature header');
      const fileName = textOf(request.params['name'], 'name');
      const stream = parseSegmentFileName(fileName)?.stream;
      if (stream === undefined) throw new ControllerError('bad_request', 'not the name of a segment');
      await accessStream(ingest, caller, { stream });
      await readBody(raw(maxSegmentBytes), request, response);
      const upload = { fileName, bytes: bytesOf(request), signature, caller };
      response.json(await putSegment(ingest, upload));
    }),
  );
}

function addHeads(app: Express, { ingest, heads }: ControllerApiOptions): void {
  app.post(
    '/v1/heads',
    json,
    answering(async (request, response) => {
      const caller = await podOf(ingest.identity, request);
      const answer = await heads.take(caller, bodyOf(request, headsRequest));
      if (answer.deletionTimestamp === undefined) response.status(204).end();
      else response.json(answer);
    }),
  );
  app.post(
    '/internal/pods',
    json,
    answering(async (request, response) => {
      await componentOf(ingest.identity, request);
      await ingest.sequencer.admitted(bodyOf(request, admittedPod));
      response.status(204).end();
    }),
  );
}
