/** The webhooks over HTTP. Whatever goes wrong is a denial with a clear message: nothing enters unseen because we failed. */
import { parseAdmissionReview, toAdmissionAnswer, type AdmissionRequest } from '@tachograph/protocol';
import { describeError, type Clock, type Health, type Logger, type Metrics } from '@tachograph/service';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { deny, toResponse, type Reviewer, type Verdict } from './verdict.ts';

export interface WebhookAppOptions {
  /** By path, without the slash. */
  readonly reviewers: Readonly<Record<string, Reviewer>>;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A review of an update carries two objects, each up to 1.5 MiB in etcd, and managed fields. */
const bodyLimit = '8mb';

export function createWebhookApp(options: WebhookAppOptions): Express {
  const { reviewers, health, metrics, log } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => void response.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, response) => {
    const reasons = health.reasons();
    response.status(Object.keys(reasons).length === 0 ? 200 : 503).json(reasons);
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await metrics.expose();
    response.set('Content-Type', contentType).send(text);
  });
  const observer = createObserver(options);
  const json = express.json({ limit: bodyLimit, inflate: false });
  for (const [name, reviewer] of Object.entries(reviewers)) {
    app.post(`/${name}`, json, createHandler(name, reviewer, observer));
  }
  app.use((_request, response) => void response.status(404).json({ message: 'no such webhook' }));
  app.use(createErrorHandler(log));
  return app;
}

interface Observer {
  now(): number;
  observe(name: string, startedNs: number, verdict: Verdict): void;
}

function createObserver({ metrics, clock }: WebhookAppOptions): Observer {
  const reviews = metrics.counter('injector_reviews_total', 'Admission reviews', ['webhook', 'verdict', 'reason']);
  const seconds = metrics.histogram(
    'injector_review_seconds',
    'Time to a verdict',
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    ['webhook'],
  );
  return {
    now: () => clock.monotonicNs(),
    observe(webhook, startedNs, verdict) {
      reviews.inc({ webhook, verdict: verdict.kind, reason: verdict.reason });
      seconds.observe({ webhook }, (clock.monotonicNs() - startedNs) / 1e9);
    },
  };
}

function createHandler(name: string, reviewer: Reviewer, observer: Observer): RequestHandler {
  return async (request: Request, response: Response) => {
    const startedNs = observer.now();
    const review = parseAdmissionReview(request.body);
    if (typeof review === 'string') {
      observer.observe(name, startedNs, deny('malformed', review));
      // Without a uid there is no review to answer; the API server takes any other answer as a failure, hence a denial.
      response.status(400).json({ message: `expected an admission.k8s.io/v1 AdmissionReview: ${review}` });
      return;
    }
    const verdict = await judge(reviewer, review);
    observer.observe(name, startedNs, verdict);
    response.json(toAdmissionAnswer(toResponse(review.uid, verdict)));
  };
}

async function judge(reviewer: Reviewer, review: AdmissionRequest): Promise<Verdict> {
  try {
    return await reviewer(review);
  } catch (error) {
    return deny('error', `the webhook failed: ${describeError(error)}`);
  }
}

function createErrorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const status = statusOf(error);
    log.warn('webhook request refused', { status, err: describeError(error) });
    response
      .status(status)
      .json({ message: status === 413 ? `the body is larger than ${bodyLimit}` : 'the body is no JSON' });
  };
}

function statusOf(error: unknown): number {
  const isHttp = typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number';
  return isHttp && Number(error.status) >= 400 ? Number(error.status) : 500;
}
