/** Where an alert goes: a record, a metric, a line in the log, and the controller, which writes the Event. */
import type { AlertReport, RecordDraft } from '@tachograph/protocol';
import { describeError, type Logger, type Metrics } from '@tachograph/service';
import type { Recorder } from '../record/recorder.ts';
import type { Alert } from './alerts.ts';

/** True when the controller has it. */
export type SendAlert = (report: AlertReport) => Promise<boolean>;

export interface AlertOutletsOptions {
  readonly recorder: Recorder;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  /** Absent: there is no controller. */
  readonly send?: SendAlert | undefined;
  /** A name as it may be written. */
  readonly shorten: (name: string) => string;
}

/** Alerts under way to the controller; more are recorded only. */
const maxSending = 16;

/** Returns at once, and never throws: the call goes on whatever becomes of the alert. */
export function createAlertOutlets(options: AlertOutletsOptions): (alert: Alert) => void {
  const { recorder, log, metrics, send, shorten } = options;
  const raised = metrics?.counter('alerts_total', 'Alert rules that were met', ['alert', 'policy', 'kind']);
  let sending = 0;
  const tell = async (report: AlertReport): Promise<void> => {
    if (send === undefined || sending >= maxSending) return;
    sending += 1;
    try {
      if (!(await send(report))) log.warn('alert not told to the controller', { alert: report.alert });
    } catch (error) {
      log.warn('alert not told to the controller', { alert: report.alert, err: describeError(error) });
    } finally {
      sending -= 1;
    }
  };
  return (alert) => {
    const report = toReport(alert, shorten);
    const { alert: name, policy, kind, count, seconds } = report;
    raised?.inc({ alert: name, policy, kind });
    log.warn('alert', { alert: name, policy, kind, count, seconds });
    recorder.append(toDraft(alert, report)).catch((error: unknown) => {
      log.error('alert not recorded', { alert: name, err: describeError(error) });
    });
    void tell(report);
  };
}

function toReport({ rule, subject, count, seconds, baseline }: Alert, shorten: (name: string) => string): AlertReport {
  const tool = subject.kind === 'caller' ? subject.tool : undefined;
  return {
    alert: rule.name,
    policy: rule.policy.slice(0, 512),
    kind: rule.kind,
    subject: describeSubject(subject).slice(0, 1024),
    ...(tool === undefined ? {} : { tool: shorten(tool).slice(0, 512) }),
    count,
    seconds,
    ...(baseline === undefined ? {} : { baseline }),
  };
}

function describeSubject(subject: Alert['subject']): string {
  if (subject.kind === 'address') return `address ${subject.address}`;
  return `${subject.principal.sub} of ${subject.principal.iss}`;
}

function toDraft({ subject, threshold }: Alert, report: AlertReport): RecordDraft {
  const { tool, ...detail } = report;
  return {
    kind: 'decision',
    ...(subject.kind === 'caller' ? { principal: subject.principal } : {}),
    ...(subject.kind === 'caller' && subject.session !== undefined ? { session: subject.session } : {}),
    ...(tool === undefined ? {} : { gen_ai_tool_name: tool }),
    detail: { ...detail, threshold },
  };
}
