import { type Request, Router } from 'express';

import {
  deleteBucket,
  insertBucket,
  listBuckets,
  lockRetentionPolicy,
  patchBucket,
  readBucket,
} from './bucket-operations.ts';
import { parsePreconditions } from './preconditions.ts';
import {
  type Services,
  asyncRoute,
  baseUrl,
  pathParameter,
  queryText,
  readJsonBody,
  toContext,
} from './request-context.ts';
import { type BucketRecord, toBucketResource } from './resources.ts';

/** `buckets.insert|list|get|patch|update|delete|lockRetentionPolicy`. */
export function createBucketRoutes(services: Services): Router {
  const router = Router();

  router.post(
    '/b',
    asyncRoute(async (request, response) => {
      const resource = await readJsonBody(request);
      const objectRetention = queryText(request, 'enableObjectRetention') === 'true';
      response.json(answer(request, insertBucket(toContext(services, request), resource, objectRetention)));
    }),
  );
  router.get('/b', (request, response) => {
    const buckets = listBuckets(toContext(services, request), queryText(request, 'prefix') ?? '');
    response.json({ kind: 'storage#buckets', items: buckets.map((bucket) => answer(request, bucket)) });
  });
  router.get('/b/:bucket', (request, response) => {
    const conditions = parsePreconditions(request.query);
    response.json(
      answer(request, readBucket(toContext(services, request), pathParameter(request, 'bucket'), conditions)),
    );
  });
  for (const method of ['patch', 'put'] as const) {
    router[method](
      '/b/:bucket',
      asyncRoute(async (request, response) => {
        const patch = await readJsonBody(request);
        const conditions = parsePreconditions(request.query);
        const context = toContext(services, request);
        response.json(answer(request, patchBucket(context, pathParameter(request, 'bucket'), conditions, patch)));
      }),
    );
  }
  router.delete('/b/:bucket', (request, response) => {
    const conditions = parsePreconditions(request.query);
    deleteBucket(toContext(services, request), pathParameter(request, 'bucket'), conditions);
    response.status(204).end();
  });
  router.post('/b/:bucket/lockRetentionPolicy', (request, response) => {
    const conditions = parsePreconditions(request.query);
    const context = toContext(services, request);
    response.json(answer(request, lockRetentionPolicy(context, pathParameter(request, 'bucket'), conditions)));
  });
  return router;
}

function answer(request: Request, bucket: BucketRecord): object {
  return toBucketResource(bucket, baseUrl(request));
}
