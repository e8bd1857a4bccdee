import { type Request, Router } from 'express';

import { EmulatorError } from './emulator-error.ts';
import { type Fields, parseFields } from './json-fields.ts';
import { permissions } from './iam.ts';
import { parseInt64 } from './preconditions.ts';
import { type Services, asyncRoute, pathParameter, queryText, readJsonBody, toContext } from './request-context.ts';
import type { KeptIamPolicy } from './resources.ts';

/** `buckets.getIamPolicy|setIamPolicy|testIamPermissions`. The policy is kept, and has no effect here. */
export function createIamRoutes(services: Services): Router {
  const router = Router();
  router.get('/b/:bucket/iam', (request, response) => {
    const bucket = bucketOf(services, request, 'storage.buckets.getIamPolicy');
    response.json(answer(bucket.record.name, bucket.record.iamPolicy, askedVersion(request)));
  });
  router.put(
    '/b/:bucket/iam',
    asyncRoute(async (request, response) => {
      const sent = await readJsonBody(request);
      const bucket = bucketOf(services, request, 'storage.buckets.setIamPolicy');
      const before = bucket.record.iamPolicy;
      // Inferred: GCS documents that a stale etag is refused, not with which code.
      if (sent['etag'] !== undefined && sent['etag'] !== etagOf(before))
        throw new EmulatorError('conditionNotMet', 'The policy was changed since it was read.', { location: 'etag' });
      const iamPolicy = { ...parsePolicy(sent), revision: (before?.revision ?? 0) + 1 };
      bucket.saveRecord({ ...bucket.record, iamPolicy });
      response.json(answer(bucket.record.name, iamPolicy, 3));
    }),
  );
  router.get('/b/:bucket/iam/testPermissions', (request, response) => {
    const name = pathParameter(request, 'bucket');
    services.state.bucket(name);
    const { caller } = toContext(services, request);
    const asked = [request.query['permissions'] ?? []].flat().map(String);
    const held = permissions.filter((one) => asked.includes(one) && caller.holds(one, name));
    response.json({ kind: 'storage#testIamPermissionsResponse', permissions: held });
  });
  return router;
}

function bucketOf(services: Services, request: Request, permission: (typeof permissions)[number]) {
  const name = pathParameter(request, 'bucket');
  toContext(services, request).caller.require(permission, name);
  return services.state.bucket(name);
}

function askedVersion(request: Request): number {
  const version = queryText(request, 'optionsRequestedPolicyVersion');
  return version === undefined ? 1 : parseInt64('optionsRequestedPolicyVersion', version);
}

/** Conditions are shown only to who asks for version 3. */
function answer(bucket: string, policy: KeptIamPolicy | undefined, version: number): object {
  const bindings = policy?.bindings ?? [];
  const conditional = bindings.some(({ condition }) => condition !== undefined);
  return {
    kind: 'storage#policy',
    resourceId: `projects/_/buckets/${bucket}`,
    version: conditional && version >= 3 ? 3 : 1,
    etag: etagOf(policy),
    bindings: version >= 3 ? bindings : bindings.map(({ condition: _condition, ...shown }) => shown),
  };
}

function etagOf(policy: KeptIamPolicy | undefined): string {
  return Buffer.from(`policy/${policy?.revision ?? 0}`).toString('base64');
}

function parsePolicy(sent: Fields): Omit<KeptIamPolicy, 'revision'> {
  const listed: unknown = sent['bindings'] ?? [];
  if (!Array.isArray(listed)) throw new EmulatorError('invalid', 'Invalid value for: bindings');
  const bindings = listed.map(parseBinding);
  if (bindings.some(({ condition }) => condition !== undefined) && sent['version'] !== 3)
    throw new EmulatorError('invalid', 'A policy with conditions must have version 3.');
  return { bindings };
}

function parseBinding(value: unknown): KeptIamPolicy['bindings'][number] {
  const { role, members, condition } = parseFields(value, 'bindings');
  if (typeof role !== 'string' || !Array.isArray(members))
    throw new EmulatorError('invalid', 'Invalid value for: bindings');
  return {
    role,
    members: members.map(String),
    ...(condition === undefined ? {} : { condition: parseFields(condition, 'bindings.condition') }),
  };
}
