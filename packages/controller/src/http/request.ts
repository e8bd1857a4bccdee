/** What handlers read from a request; every reader refuses with a `ControllerError`. */
import { isUuidV7 } from '@tachograph/protocol';
import type { Request } from 'express';
import { ControllerError } from '../controller-error.ts';
import type { Identity, PodIdentity } from '../ports.ts';

/** The bearer token. */
export function bearerOf(request: Request): string {
  const [, token] = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(request.get('authorization') ?? '') ?? [];
  if (token === undefined) throw new ControllerError('unauthenticated', 'expected a bearer token');
  return token;
}

/** The pod whose sidecar calls. */
export async function podOf(identity: Identity, request: Request): Promise<PodIdentity> {
  const pod = await identity.pod(bearerOf(request));
  if (pod === undefined) throw new ControllerError('unauthenticated', 'the token proves no pod');
  return pod;
}

/** The component that calls an internal endpoint. */
export async function componentOf(identity: Identity, request: Request): Promise<string> {
  const name = await identity.component(bearerOf(request));
  if (name === undefined)
    throw new ControllerError('forbidden', 'the token is not of a component of this installation');
  return name;
}

/** A schema of `protocol`, as far as it is used here. */
interface Schema<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

/** The JSON body. */
export function bodyOf<T>(request: Request, schema: Schema<T>): T {
  const result = schema.safeParse(request.body);
  if (!result.success) throw new ControllerError('bad_request', 'the body is not as the contract says');
  return result.data;
}

/** The raw body, as `express.raw` read it. */
export function bytesOf(request: Request): Buffer {
  if (!Buffer.isBuffer(request.body)) throw new ControllerError('bad_request', 'expected a body');
  return request.body;
}

/** A whole number of at least 0, in its one decimal spelling. */
export function countOf(value: unknown, name: string): number {
  const text = textOf(value, name);
  const count = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw new ControllerError('bad_request', `expected a whole number as ${name}`);
  return count;
}

/** One path parameter or query value; lists and absent ones are refused. */
export function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new ControllerError('bad_request', `expected one ${name}`);
  return value;
}

/** The UUIDv7 that is this parameter of the path; `not_found` for anything else, because no `what` has such an id. */
export function uuidOf(request: Request, parameter: string, what: string): string {
  const id = textOf(request.params[parameter], parameter);
  if (!isUuidV7(id)) throw new ControllerError('not_found', `no such ${what}`);
  return id;
}
