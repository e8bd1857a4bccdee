import { rm } from 'node:fs/promises';

import { type Request, type Response, Router } from 'express';

import { EmulatorError } from './emulator-error.ts';
import { parseMultipartRelated } from './multipart-related.ts';
import { type Fields, parseJsonObject } from './json-fields.ts';
import { type MetadataPatch, parseMetadataPatch } from './object-metadata.ts';
import { type ObjectTarget, checkInsert, insertObject } from './object-operations.ts';
import { parsePreconditions } from './preconditions.ts';
import {
  type ClaimedHashes,
  type ReceivedBody,
  checkClaimedHashes,
  parseHashHeaders,
  receiveBody,
} from './received-body.ts';
import {
  type Services,
  asyncRoute,
  baseUrl,
  pathParameter,
  queryText,
  readJsonBody,
  toContext,
} from './request-context.ts';
import { type ObjectVersion, toObjectResource } from './resources.ts';
import { type UploadSession, isComplete, parseContentRange } from './resumable-upload.ts';

/** `objects.insert` in its three forms: media, multipart, resumable. */
export function createUploadRoutes(services: Services): Router {
  const router = Router();
  router.post(
    '/b/:bucket/o',
    asyncRoute(async (request, response) => {
      const kind = queryText(request, 'uploadType') ?? 'media';
      if (kind === 'media') await uploadMedia(services, request, response);
      else if (kind === 'multipart') await uploadMultipart(services, request, response);
      else if (kind === 'resumable') await startResumable(services, request, response);
      else throw new EmulatorError('invalid', 'Invalid value for: uploadType', { location: 'uploadType' });
    }),
  );
  router.put(
    '/b/:bucket/o',
    asyncRoute(async (request, response) => {
      await continueResumable(services, request, response);
    }),
  );
  router.delete('/b/:bucket/o', (request, response) => {
    services.uploads.remove(findSession(services, request));
    // The status that GCS answers to a cancelled upload.
    response.status(499).end();
  });
  return router;
}

async function uploadMedia(services: Services, request: Request, response: Response): Promise<void> {
  const target = toInsertTarget(request, {});
  const context = toContext(services, request);
  checkInsert(context, target);
  const patch = withType({}, request.headers['content-type'], queryText(request, 'contentEncoding'));
  const body = await receiveBody(request, services.state.temporaryPath());
  const version = await removeUnlessKept(body, () => {
    checkClaimedHashes(body, parseHashHeaders(request.headers));
    return insertObject(context, target, body, patch);
  });
  response.json(toAnswer(services, request, target, version));
}

async function uploadMultipart(services: Services, request: Request, response: Response): Promise<void> {
  const upload = await parseMultipartRelated(request, request.headers['content-type'] ?? '');
  const resource = parseJsonObject(upload.metadataText);
  const target = toInsertTarget(request, resource);
  const context = toContext(services, request);
  await drainUnless(() => checkInsert(context, target), upload.media);
  const patch = withType(parseMetadataPatch(resource), upload.mediaType, queryText(request, 'contentEncoding'));
  const body = await receiveBody(upload.media, services.state.temporaryPath());
  const version = await removeUnlessKept(body, () => {
    checkClaimedHashes(body, claimedIn(resource));
    checkClaimedHashes(body, parseHashHeaders(request.headers));
    return insertObject(context, target, body, patch);
  });
  response.json(toAnswer(services, request, target, version));
}

async function startResumable(services: Services, request: Request, response: Response): Promise<void> {
  const resource = await readJsonBody(request);
  const target = toInsertTarget(request, resource);
  checkInsert(toContext(services, request), target);
  const type = request.headers['x-upload-content-type'];
  const session = services.uploads.start({
    bucket: target.bucket,
    name: target.name,
    preconditions: target.preconditions,
    patch: withType(parseMetadataPatch(resource), typeof type === 'string' ? type : undefined, undefined),
    claimed: claimedIn(resource),
    authorization: request.headers.authorization,
  });
  const query = new URLSearchParams({ uploadType: 'resumable', name: target.name, upload_id: session.id });
  response.set('location', `${baseUrl(request)}/upload/storage/v1/b/${target.bucket}/o?${query.toString()}`);
  response.set('x-guploader-uploadid', session.id);
  response.status(200).end();
}

async function continueResumable(services: Services, request: Request, response: Response): Promise<void> {
  const session = findSession(services, request);
  if (session.finishedGeneration !== undefined) {
    answerFinished(services, request, response, session);
    return;
  }
  const range = parseContentRange(request.headers['content-range']);
  const have =
    range.kind === 'query'
      ? services.uploads.receivedBytes(session)
      : await services.uploads.append(session, range, request);
  if (!isComplete(range, have)) {
    if (have > 0) response.set('range', `bytes=0-${have - 1}`);
    response.status(308).end();
    return;
  }
  const version = await finishResumable(services, request, session);
  response.json(toAnswer(services, request, session, version));
}

async function finishResumable(services: Services, request: Request, session: UploadSession): Promise<ObjectVersion> {
  const body = await services.uploads.finish(session);
  const context = toContext(services, request, session.authorization);
  try {
    checkClaimedHashes(body, session.claimed);
    checkClaimedHashes(body, parseHashHeaders(request.headers));
    const version = insertObject(context, session, body, session.patch);
    services.uploads.save({ ...session, finishedGeneration: version.generation });
    return version;
  } catch (error) {
    services.uploads.remove(session);
    throw error;
  }
}

function answerFinished(services: Services, request: Request, response: Response, session: UploadSession): void {
  request.resume();
  const history = services.state.bucket(session.bucket).history(session.name);
  const version = history?.versions.find(({ generation }) => generation === session.finishedGeneration);
  if (version === undefined) throw new EmulatorError('gone', 'The upload has ended and its object is gone.');
  response.json(toAnswer(services, request, session, version));
}

function findSession(services: Services, request: Request): UploadSession {
  const session = services.uploads.find(request.query['upload_id']);
  if (session !== undefined && session.bucket === pathParameter(request, 'bucket')) return session;
  throw new EmulatorError('notFound', 'No such upload session.', { location: 'upload_id' });
}

/** A refusal waits for the body's end: what stays unread would hold up the next request on the connection. */
async function drainUnless(check: () => void, media: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    check();
  } catch (error) {
    for await (const chunk of media) void chunk;
    throw error;
  }
}

async function removeUnlessKept(body: ReceivedBody, commit: () => ObjectVersion): Promise<ObjectVersion> {
  try {
    return commit();
  } catch (error) {
    await rm(body.path, { force: true });
    throw error;
  }
}

function toInsertTarget(request: Request, resource: Fields): ObjectTarget {
  const name = queryText(request, 'name') ?? resource['name'];
  if (typeof name !== 'string') throw new EmulatorError('required', 'Required parameter: name', { location: 'name' });
  return { bucket: pathParameter(request, 'bucket'), name, preconditions: parsePreconditions(request.query) };
}

function withType(patch: MetadataPatch, type: string | undefined, encoding: string | undefined): MetadataPatch {
  return {
    ...(type === undefined ? {} : { contentType: type }),
    ...patch,
    ...(encoding === undefined ? {} : { contentEncoding: encoding }),
  };
}

function claimedIn(resource: Fields): ClaimedHashes {
  return { crc32c: textOrNothing(resource['crc32c']), md5Hash: textOrNothing(resource['md5Hash']) };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function toAnswer(
  services: Services,
  request: Request,
  target: { readonly bucket: string },
  version: ObjectVersion,
): object {
  return toObjectResource(services.state.bucket(target.bucket).record, version, baseUrl(request));
}
