import type { Request, RequestHandler, Response } from 'express';

import type { EmulatorState } from './emulator-state.ts';
import { type IamPolicy, toCaller } from './iam.ts';
import { type Fields, parseJsonObject } from './json-fields.ts';
import type { ObjectTarget, OperationContext } from './object-operations.ts';
import { EmulatorError } from './emulator-error.ts';
import { parseInt64, parsePreconditions } from './preconditions.ts';
import type { UploadSessions } from './resumable-upload.ts';

const maxJsonBytes = 4 * 1024 * 1024;

/** What the routes share. */
export interface Services {
  readonly state: EmulatorState;
  readonly uploads: UploadSessions;
  /** Changed by `PUT /emulator/iam`. */
  iam: IamPolicy | undefined;
}

/** Makes an express handler of an asynchronous one; express takes its rejection to the error handler. */
export function asyncRoute(handle: (request: Request, response: Response) => Promise<void>): RequestHandler {
  return (request, response) => handle(request, response);
}

/** The context of one request; `authorization` overrides its own header. */
export function toContext(services: Services, request: Request, authorization?: string): OperationContext {
  return {
    state: services.state,
    caller: toCaller(services.iam, authorization ?? request.headers.authorization),
  };
}

/** The address that the client used, for the links in resources. */
export function baseUrl(request: Request): string {
  return `http://${request.headers.host ?? 'localhost'}`;
}

export function pathParameter(request: Request, name: string): string {
  const value = request.params[name];
  if (typeof value === 'string') return value;
  throw new EmulatorError('invalid', `Invalid value for: ${name}`);
}

export function queryText(request: Request, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new EmulatorError('invalid', `Invalid value for: ${name}`, { location: name });
}

/** The object that path and query name. */
export function toTarget(request: Request): ObjectTarget {
  const generation = queryText(request, 'generation');
  return {
    bucket: pathParameter(request, 'bucket'),
    name: pathParameter(request, 'object'),
    generation: generation === undefined ? undefined : parseInt64('generation', generation),
    preconditions: parsePreconditions(request.query),
  };
}

/** Reads a bounded JSON body; an empty one is `{}`. */
export async function readJsonBody(request: Request): Promise<Fields> {
  const chunks: Buffer[] = [];
  let size = 0;
  const body: AsyncIterable<Buffer> = request;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxJsonBytes) throw new EmulatorError('invalid', 'Request body is too large.');
    chunks.push(chunk);
  }
  return parseJsonObject(Buffer.concat(chunks).toString('utf8'));
}
