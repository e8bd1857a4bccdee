import { copyFile, rm } from 'node:fs/promises';

import { type Request, Router } from 'express';

import { EmulatorError } from './emulator-error.ts';
import type { Fields } from './json-fields.ts';
import { listObjects, parseListQuery } from './listing.ts';
import { sendMedia } from './media-download.ts';
import { type MetadataPatch, parseMetadataPatch, pickEditable } from './object-metadata.ts';
import {
  type ObjectTarget,
  deleteObject,
  findSoftDeleted,
  insertObject,
  patchObject,
  readObject,
  restoreObject,
} from './object-operations.ts';
import { parseInt64, parsePreconditions } from './preconditions.ts';
import {
  type Services,
  asyncRoute,
  baseUrl,
  pathParameter,
  queryText,
  readJsonBody,
  toContext,
  toTarget,
} from './request-context.ts';
import { type ObjectVersion, toObjectResource } from './resources.ts';

/** `objects.list|get|patch|update|delete|copy|rewrite|restore`; `compose` is answered 501. */
export function createObjectRoutes(services: Services): Router {
  const router = Router();

  router.get('/b/:bucket/o', (request, response) => {
    const bucket = pathParameter(request, 'bucket');
    toContext(services, request).caller.require('storage.objects.list', bucket);
    const page = listObjects(services.state.bucket(bucket), parseListQuery(request.query));
    response.json({
      kind: 'storage#objects',
      ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
      ...(page.prefixes.length === 0 ? {} : { prefixes: page.prefixes }),
      items: page.items.map((version) => toAnswer(services, request, bucket, version)),
    });
  });
  router.get(
    '/b/:bucket/o/:object',
    asyncRoute(async (request, response) => {
      const target = toTarget(request);
      const version = readAsked(services, request, target);
      if (queryText(request, 'alt') !== 'media') response.json(toAnswer(services, request, target.bucket, version));
      else await sendMedia(request, response, version, contentPath(services, target, version));
    }),
  );
  for (const method of ['patch', 'put'] as const) {
    router[method](
      '/b/:bucket/o/:object',
      asyncRoute(async (request, response) => {
        const target = toTarget(request);
        const patch = parseMetadataPatch(await readJsonBody(request));
        const override = queryText(request, 'overrideUnlockedRetention') === 'true';
        const version = patchObject(toContext(services, request), target, patch, override);
        response.json(toAnswer(services, request, target.bucket, version));
      }),
    );
  }
  router.delete('/b/:bucket/o/:object', (request, response) => {
    deleteObject(toContext(services, request), toTarget(request));
    response.status(204).end();
  });
  router.post('/b/:bucket/o/:object/restore', (request, response) => {
    const target = toTarget(request);
    response.json(toAnswer(services, request, target.bucket, restoreObject(toContext(services, request), target)));
  });
  router.post('/b/:bucket/o/:object/compose', () => {
    throw new EmulatorError('notImplemented', 'The emulator does not support: objects.compose');
  });
  addCopyRoutes(services, router);
  return router;
}

/** With `softDeleted=true` what can be restored: its metadata, and not its bytes. */
function readAsked(services: Services, request: Request, target: ObjectTarget): ObjectVersion {
  const context = toContext(services, request);
  if (queryText(request, 'softDeleted') !== 'true') return readObject(context, target);
  context.caller.require('storage.objects.get', target.bucket, target.name);
  if (queryText(request, 'alt') === 'media')
    throw new EmulatorError('invalid', 'A soft-deleted object must be restored.');
  return findSoftDeleted(context, target);
}

function addCopyRoutes(services: Services, router: Router): void {
  for (const verb of ['rewriteTo', 'copyTo'] as const) {
    router.post(
      `/b/:bucket/o/:object/${verb}/b/:toBucket/o/:toObject`,
      asyncRoute(async (request, response) => {
        const version = await copyObject(services, request);
        const resource = toAnswer(services, request, pathParameter(request, 'toBucket'), version);
        response.json(verb === 'copyTo' ? resource : toRewriteAnswer(version, resource));
      }),
    );
  }
}

/** Downloads under `/download/storage/v1`, the path that `mediaLink` names. */
export function createDownloadRoutes(services: Services): Router {
  const router = Router();
  router.get(
    '/b/:bucket/o/:object',
    asyncRoute(async (request, response) => {
      const target = toTarget(request);
      const version = readObject(toContext(services, request), target);
      await sendMedia(request, response, version, contentPath(services, target, version));
    }),
  );
  return router;
}

function contentPath(services: Services, target: ObjectTarget, version: ObjectVersion): string {
  return services.state.bucket(target.bucket).contentPath(target.name, version.generation);
}

async function copyObject(services: Services, request: Request): Promise<ObjectVersion> {
  const resource = await readJsonBody(request);
  const context = toContext(services, request);
  const generation = queryText(request, 'sourceGeneration');
  const source: ObjectTarget = {
    bucket: pathParameter(request, 'bucket'),
    name: pathParameter(request, 'object'),
    generation: generation === undefined ? undefined : parseInt64('sourceGeneration', generation),
    preconditions: parsePreconditions(request.query, true),
  };
  const found = readObject(context, source);
  const target: ObjectTarget = {
    bucket: pathParameter(request, 'toBucket'),
    name: pathParameter(request, 'toObject'),
    preconditions: parsePreconditions(request.query),
  };
  const path = services.state.temporaryPath();
  try {
    await copyFile(contentPath(services, source, found), path);
    return insertObject(context, target, { ...found, path }, copiedMetadata(found, resource));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Metadata sent along replaces the source's; holds and retention are never copied. */
function copiedMetadata(source: ObjectVersion, resource: Fields): MetadataPatch {
  const sent = parseMetadataPatch(resource);
  if (Object.keys(sent).length > 0) return sent;
  const { temporaryHold: _1, eventBasedHold: _2, retention: _3, ...copied } = pickEditable(source);
  return copied;
}

function toRewriteAnswer(version: ObjectVersion, resource: object): object {
  const size = String(version.size);
  return { kind: 'storage#rewriteResponse', totalBytesRewritten: size, objectSize: size, done: true, resource };
}

function toAnswer(services: Services, request: Request, bucket: string, version: ObjectVersion): object {
  return toObjectResource(services.state.bucket(bucket).record, version, baseUrl(request));
}
