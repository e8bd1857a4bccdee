import { Router } from 'express';

import { corruptAtRest } from './corruption.ts';
import type { ClockSetting } from './emulator-clock.ts';
import { EmulatorError } from './emulator-error.ts';
import type { Fields } from './json-fields.ts';
import { type FaultQueue, parseFault } from './faults.ts';
import { parseIamPolicy } from './iam.ts';
import { runLifecycle } from './lifecycle.ts';
import { type Services, asyncRoute, readJsonBody } from './request-context.ts';

/** The tester's own endpoints, under `/emulator`: clock, lifecycle, faults, IAM, health. */
export function createControlRoutes(services: Services, faults: FaultQueue): Router {
  const router = Router();
  const { clock } = services.state;
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok', buckets: services.state.bucketNames() });
  });
  router.get('/clock', (_request, response) => {
    response.json({ now: clock.nowIso(), frozen: clock.frozen });
  });
  router.put(
    '/clock',
    asyncRoute(async (request, response) => {
      clock.set(parseClockSetting(await readJsonBody(request)));
      response.json({ now: clock.nowIso(), frozen: clock.frozen, expired: runLifecycle(services.state) });
    }),
  );
  addWorldRoutes(services, router);
  router.get('/faults', (_request, response) => {
    response.json({ faults: faults.list() });
  });
  router.post(
    '/faults',
    asyncRoute(async (request, response) => {
      const fault = parseFault(await readJsonBody(request));
      if (fault.kind === 'corrupt-at-rest') {
        response.json({ corrupted: corruptAtRest(services.state, fault) });
        return;
      }
      faults.add(fault);
      response.json({ faults: faults.list() });
    }),
  );
  router.delete('/faults', (_request, response) => {
    faults.clear();
    response.status(204).end();
  });
  return router;
}

function addWorldRoutes(services: Services, router: Router): void {
  router.post('/lifecycle', (_request, response) => {
    response.json({ expired: runLifecycle(services.state) });
  });
  router.put(
    '/iam',
    asyncRoute(async (request, response) => {
      services.iam = parseIamPolicy(await readJsonBody(request));
      response.status(204).end();
    }),
  );
  router.delete('/iam', (_request, response) => {
    services.iam = undefined;
    response.status(204).end();
  });
}

function parseClockSetting(value: Fields): ClockSetting {
  const { now, advanceMs, frozen } = value;
  const wellFormed =
    (now === undefined || typeof now === 'string') &&
    (advanceMs === undefined || typeof advanceMs === 'number') &&
    (frozen === undefined || typeof frozen === 'boolean');
  if (wellFormed) return value;
  throw new EmulatorError('invalid', 'Invalid clock: expected {now?: date-time, advanceMs?: number, frozen?: boolean}');
}
