/** Inventories over HTTP: sidecars report, people look and pin. */
import { pinRequest, toolsReport } from '@tachograph/protocol';
import express, { type Express } from 'express';
import { callerOf, personOf, type ApprovalsApiOptions } from '../approvals/approvals-api.ts';
import { ControllerError } from '../controller-error.ts';
import { answering } from '../http/answer.ts';
import { bodyOf, podOf, textOf } from '../http/request.ts';
import type { ToolLedger } from './tool-ledger.ts';

export interface ToolLedgerApiOptions extends Pick<ApprovalsApiOptions, 'people' | 'identity' | 'pods'> {
  readonly ledger: ToolLedger;
}

const json = (limit: string) => express.json({ limit, type: () => true, inflate: false });

export function addToolLedger(app: Express, options: ToolLedgerApiOptions): void {
  const { ledger, people, identity } = options;
  app.post(
    '/v1/tools',
    json('4mb'),
    answering(async (request, response) => {
      const { workload } = await callerOf(options, request);
      const pod = await podOf(identity, request);
      response.json({ drift: await ledger.report({ pod, workload }, bodyOf(request, toolsReport)) });
    }),
  );
  app.get(
    '/v1/servers',
    answering(async (request, response) => {
      const person = await personOf(people, request);
      const { namespace } = request.query;
      const of = namespace === undefined ? undefined : nameOf(namespace, 'namespace');
      response.json({ servers: await ledger.list(person, of) });
    }),
  );
  app.post(
    '/v1/servers/:namespace/:workload/approval',
    json('1mb'),
    answering(async (request, response) => {
      const person = await personOf(people, request);
      const namespace = nameOf(request.params['namespace'], 'namespace');
      const workload = nameOf(request.params['workload'], 'workload');
      response.json(await ledger.pin(person, { namespace, workload }, bodyOf(request, pinRequest)));
    }),
  );
}

function nameOf(value: unknown, what: string): string {
  const name = textOf(value, what);
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name))
    throw new ControllerError('bad_request', `expected the name of a ${what}`);
  return name;
}
