/** The one place where a failure becomes an HTTP answer. */
import type { ApiError } from '@tachograph/protocol';
import { describeError, type Logger } from '@tachograph/service';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { ControllerError, toControllerError } from '../controller-error.ts';
import { isObject } from '../state/state-json.ts';

export function sendError(response: Response, error: ControllerError): void {
  const body: ApiError = {
    code: error.code,
    message: error.message,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
  if (error.retryAfterMs !== undefined) response.set('Retry-After', String(Math.ceil(error.retryAfterMs / 1000)));
  response.status(error.status).json(body);
}

/** A handler whose failure goes to the error handler: express 5 awaits what it returns. */
export function answering(run: (request: Request, response: Response) => Promise<void>): RequestHandler {
  return async (request, response) => run(request, response);
}

/** Answers every thrown error. What is our own fault is logged with its cause and says nothing on the wire. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) return next(thrown);
    const error = toControllerError(fromBodyParser(thrown));
    const fields = { method: request.method, path: request.path, code: error.code };
    if (error.code === 'internal') log.error('request failed', { ...fields, err: describeError(error) });
    else log.debug('request refused', { ...fields, err: error.message });
    sendError(response, error);
  };
}

/** Answers what no route took. */
export const notFound: RequestHandler = () => {
  throw new ControllerError('not_found', 'no such endpoint');
};

/** Errors of express's body parsers and of its path decoding carry a status. */
export function fromBodyParser(thrown: unknown): unknown {
  if (thrown instanceof ControllerError || !isObject(thrown) || !('status' in thrown)) return thrown;
  const { status } = thrown;
  if (status === 413) return new ControllerError('too_large', 'the body is over its limit', { cause: thrown });
  const ours = typeof status !== 'number' || status < 400 || status > 499;
  return ours ? thrown : new ControllerError('bad_request', 'the request cannot be read', { cause: thrown });
}
