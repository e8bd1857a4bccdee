import { alertReport } from '@tachograph/protocol';
import express, { type Express } from 'express';
import { answering } from '../http/answer.ts';
import { bodyOf, podOf } from '../http/request.ts';
import type { Identity } from '../ports.ts';
import type { TakeAlert } from './pod-alerts.ts';

export interface AlertsApiOptions {
  readonly identity: Identity;
  readonly takeAlert: TakeAlert;
}

const json = express.json({ limit: '16kb', type: () => true, inflate: false });

/** `POST /v1/alerts`, of a pod about itself. */
export function addAlerts(app: Express, { identity, takeAlert }: AlertsApiOptions): void {
  app.post(
    '/v1/alerts',
    json,
    answering(async (request, response) => {
      const pod = await podOf(identity, request);
      await takeAlert(pod, bodyOf(request, alertReport));
      response.status(204).end();
    }),
  );
}
