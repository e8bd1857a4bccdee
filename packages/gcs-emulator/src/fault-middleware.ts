import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import type { NextFunction, Request, RequestHandler, Response } from 'express';

import { EmulatorError, type EmulatorErrorCode } from './emulator-error.ts';
import type { FaultQueue, FaultSubject } from './faults.ts';
import type { UploadSessions } from './resumable-upload.ts';

/** Plays the waiting faults on API requests; the emulator's own endpoints are mounted before it. */
export function createFaultMiddleware(faults: FaultQueue, uploads: UploadSessions): RequestHandler {
  return async (request, response, next) => {
    const subject = toSubject(request, uploads);
    dropAnswerAfterCommit(request, response, () => faults.take(subject, 'after').length > 0);
    for (const fault of faults.take(subject, 'before')) {
      if (fault.kind === 'slow') await delay(fault.delayMs);
      if (fault.kind === 'reset') {
        request.socket.resetAndDestroy();
        return;
      }
      if (fault.kind === 'status') {
        await refuse(request, next, fault.status);
        return;
      }
    }
    next();
  };
}

/** Reads the body to its end first: an answer in the middle of it would reach many clients as a broken connection. */
async function refuse(request: Request, next: NextFunction, status: number): Promise<void> {
  request.resume();
  if (!request.complete) await once(request, 'end');
  next(new EmulatorError(reasonOf(status), `Injected fault: ${status}`, { status }));
}

function reasonOf(status: number): EmulatorErrorCode {
  if (status === 429) return 'rateLimitExceeded';
  if (status === 403) return 'forbidden';
  return status >= 500 ? 'backendError' : 'invalid';
}

/** The handler runs and commits as ever; only then, in place of a successful answer, the connection is reset. */
function dropAnswerAfterCommit(request: Request, response: Response, isWanted: () => boolean): void {
  const end: (...parameters: never[]) => unknown = response.end.bind(response);
  // A plain assignment would lose the overloads of `end`; the descriptor replaces all of them at once.
  Object.defineProperty(response, 'end', {
    value(...parameters: unknown[]): unknown {
      if (!isCommit(request, response.statusCode) || !isWanted()) return Reflect.apply(end, undefined, parameters);
      request.socket.resetAndDestroy();
      return response;
    },
  });
}

function isCommit(request: Request, status: number): boolean {
  const startsUpload = request.method === 'POST' && request.query['uploadType'] === 'resumable';
  return status >= 200 && status < 300 && !startsUpload;
}

function toSubject(request: Request, uploads: UploadSessions): FaultSubject {
  const session = uploads.find(request.query['upload_id']);
  const path = /\/b\/([^/]+)(?:\/o(?:\/([^/]+))?)?/.exec(request.path);
  const name = request.query['name'];
  return {
    method: request.method,
    bucket: session?.bucket ?? decode(path?.[1]),
    object: session?.name ?? decode(path?.[2]) ?? (typeof name === 'string' ? name : undefined),
  };
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
