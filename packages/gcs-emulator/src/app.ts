import express, { type ErrorRequestHandler, type Express, Router } from 'express';

import { createBucketRoutes } from './bucket-routes.ts';
import { createControlRoutes } from './control-routes.ts';
import { type Clock, EmulatorClock } from './emulator-clock.ts';
import { EmulatorError, toErrorBody } from './emulator-error.ts';
import { EmulatorState } from './emulator-state.ts';
import { createFaultMiddleware } from './fault-middleware.ts';
import { FaultQueue } from './faults.ts';
import { createIamRoutes } from './iam-routes.ts';
import type { IamPolicy } from './iam.ts';
import { type Logger, silentLogger } from './logger.ts';
import { createDownloadRoutes, createObjectRoutes } from './object-routes.ts';
import type { Services } from './request-context.ts';
import { UploadSessions } from './resumable-upload.ts';
import { createUploadRoutes } from './upload-routes.ts';

/** What an emulator needs. */
export interface EmulatorOptions {
  /** Where buckets live; made when absent, read when present. One emulator at a time may use it. */
  readonly dataDir: string;
  /** Milliseconds since the epoch; `PUT /emulator/clock` shifts it. */
  readonly clock: Clock;
  readonly log?: Logger;
  /** Without it every caller may do everything. */
  readonly iam?: IamPolicy;
}

/** An emulator that is not yet listening. */
export interface Emulator {
  readonly app: Express;
  readonly state: EmulatorState;
  readonly faults: FaultQueue;
}

/** Opens the data directory and builds the HTTP application. */
export function createEmulator(options: EmulatorOptions): Emulator {
  const log = options.log ?? silentLogger;
  const state = EmulatorState.load(options.dataDir, new EmulatorClock(options.clock));
  const services: Services = { state, uploads: new UploadSessions(state.uploadsDirectory), iam: options.iam };
  const faults = new FaultQueue();
  const api = Router().use(createBucketRoutes(services), createIamRoutes(services), createObjectRoutes(services));
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use('/emulator', createControlRoutes(services, faults));
  app.use(createFaultMiddleware(faults, services.uploads));
  app.use('/upload/storage/v1', createUploadRoutes(services));
  app.use('/download/storage/v1', createDownloadRoutes(services));
  app.use('/storage/v1', api);
  // The client library drops `/storage/v1` when the address comes from STORAGE_EMULATOR_HOST.
  app.use(api);
  app.use(() => {
    throw new EmulatorError('notFound', 'Not Found');
  });
  app.use(createErrorHandler(log));
  return { app, state, faults };
}

function createErrorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const known = toEmulatorError(error);
    if (known.code === 'internalError')
      log.error('request failed', { method: request.method, path: request.path, err: error });
    else log.debug('request refused', { method: request.method, path: request.path, reason: known.code });
    if (response.headersSent || request.socket.destroyed) {
      request.socket.destroy();
      return;
    }
    // What is left of a refused body is read and dropped, so that the connection stays usable.
    request.resume();
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.status(known.status);
    if (known.status === 304) response.end();
    else response.json(toErrorBody(known));
  };
}

function toEmulatorError(error: unknown): EmulatorError {
  if (error instanceof EmulatorError) return error;
  // Express marks undecodable paths and its own refusals with a status below 500.
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (typeof status === 'number' && status < 500) return new EmulatorError('invalid', 'Bad Request');
  return new EmulatorError('internalError', 'Internal error');
}
