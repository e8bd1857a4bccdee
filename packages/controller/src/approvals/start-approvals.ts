import { readFile } from 'node:fs/promises';
import type { HeldApproval } from '@tachograph/protocol';
import type { Clock, Logger, Metrics } from '@tachograph/service';
import type { Timers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import type { LogPort } from '../sequencer/log-port.ts';
import type { World } from '../world.ts';
import type { ApprovalSettings } from './approval-settings.ts';
import { Approvals } from './approvals.ts';
import { createDecisionLog } from './log-decisions.ts';
import { toNotification } from './notification.ts';
import { createRevealRelay } from './reveal-relay.ts';
import { createReveals, type Reveals } from './reveals.ts';
import { createWebhook, type Webhook } from './webhook.ts';

export interface StartApprovalsOptions {
  readonly cluster: string;
  readonly settings: ApprovalSettings;
  readonly world: Pick<World, 'approvals' | 'access'>;
  readonly pageUrl: (id: string) => string;
  readonly sequencer: LogPort;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const sweepEveryMs = 60_000;

/** Held calls with their log lines, metrics, notifications and the removal of old ones. The answer's `stop` ends all of it. */
export function startApprovals(options: StartApprovalsOptions): {
  readonly approvals: Approvals;
  readonly reveals: Reveals;
  stop(): void;
} {
  const { cluster, settings, world, pageUrl, clock, timers, log, metrics } = options;
  const webhook = webhookOf(options);
  const states = metrics.counter('approvals_total', 'Held calls, by the state that they came to', ['state']);
  const decisions = createDecisionLog(options);
  const onState = (approval: HeldApproval): void => {
    const { id, namespace, workload, state } = approval;
    states.labels(state).inc();
    decisions.note(approval);
    log.info('held call', { approval: id, namespace, workload, state });
    if (state === 'pending') webhook?.send(id, toNotification(approval, pageUrl(id)));
  };
  const approvals = new Approvals({
    cluster,
    store: world.approvals,
    access: world.access,
    clock,
    timers,
    onState,
  });
  const relay = createRevealRelay(timers);
  const reveals = createReveals({ cluster, store: world.approvals, access: world.access, clock, relay });
  const stopSweep = every({ timers, log, name: 'approvals' }, sweepEveryMs, async () =>
    approvals.sweep(settings.retentionMs),
  );
  return {
    approvals,
    reveals,
    stop() {
      stopSweep();
      decisions.stop();
      relay.close();
      webhook?.close();
      approvals.close();
    },
  };
}

function webhookOf({ settings, metrics, ...rest }: StartApprovalsOptions): Webhook | undefined {
  const { webhook } = settings;
  if (webhook === undefined) return undefined;
  const results = metrics.counter('approval_notifications_total', 'Notifications of held calls, by result', ['result']);
  const secret = async (): Promise<string> => (await readFile(webhook.secretFile, 'utf8')).trim();
  return createWebhook({ ...rest, url: webhook.url, secret, results });
}
