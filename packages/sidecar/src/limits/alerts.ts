/** The alert rules of the policies in force: they watch calls, tell people, and hold up nothing (`docs/limits.md`). */
import type { BundleAlert, Decision, Principal } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { createEventWindows, createSurgeWindows } from './alert-windows.ts';

/** A rule that was met. */
export interface Alert {
  readonly rule: BundleAlert;
  readonly subject: AlertSubject;
  /** What was counted within `seconds`. */
  readonly count: number;
  readonly threshold: number;
  readonly seconds: number;
  readonly baseline?: number;
}

/** Whom an alert is about: a caller and, of a surge, the tool; or the address of somebody who was not identified. */
export type AlertSubject =
  | { readonly kind: 'caller'; readonly principal: Principal; readonly tool?: string; readonly session?: string }
  | { readonly kind: 'address'; readonly address: string };

/** One judged call. */
export interface WatchedCall {
  readonly principal: Principal;
  readonly session: string | undefined;
  readonly method: string;
  readonly tool: string | undefined;
  readonly verdict: Decision['verdict'];
  /** The masker found a credential in the request. */
  readonly holdsCredential: boolean;
}

export interface Alerts {
  call(rules: readonly BundleAlert[], call: WatchedCall): void;
  /** A token that somebody presented and that was not accepted. */
  refusedToken(rules: readonly BundleAlert[], address: string): void;
}

export interface AlertsOptions {
  readonly clock: Clock;
  /** Told of each alert, at most once in a window for each rule and subject. Must not throw. */
  readonly emit: (alert: Alert) => void;
}

const defaults = {
  surge: { threshold: 5, seconds: 60 },
  denials: { threshold: 10, seconds: 300 },
  credential_probing: { threshold: 5, seconds: 300 },
} as const satisfies Readonly<Record<BundleAlert['kind'], { threshold: number; seconds: number }>>;

/** In memory, of this pod alone: a restart begins anew. */
export function createAlerts({ clock, emit }: AlertsOptions): Alerts {
  const events = createEventWindows();
  const surges = createSurgeWindows();
  const count = (rule: BundleAlert, subject: AlertSubject, nowNs: number): void => {
    const limits = { ...defaults[rule.kind], ...said(rule) };
    const reached = events.add(keyOf(rule, subject), limits, nowNs);
    if (reached !== undefined) emit({ rule, subject, count: reached, ...limits });
  };
  const countSurge = (rule: BundleAlert, subject: AlertSubject, nowNs: number): void => {
    const limits = { ...defaults.surge, ...said(rule) };
    const surge = surges.add(keyOf(rule, subject), limits, nowNs);
    if (surge !== undefined) emit({ rule, subject, ...surge, ...limits });
  };
  return {
    call(rules, call) {
      const nowNs = clock.monotonicNs();
      for (const rule of rules) {
        const subject = subjectOf(rule, call);
        if (subject === undefined) continue;
        if (rule.kind === 'surge') countSurge(rule, subject, nowNs);
        else count(rule, subject, nowNs);
      }
    },
    refusedToken(rules, address) {
      const nowNs = clock.monotonicNs();
      for (const rule of rules) {
        if (rule.kind === 'credential_probing') count(rule, { kind: 'address', address }, nowNs);
      }
    },
  };
}

/** Whom the rule counts this call for; `undefined`: it does not count it. */
function subjectOf({ kind }: BundleAlert, call: WatchedCall): AlertSubject | undefined {
  const { principal, session, tool } = call;
  const caller: AlertSubject = { kind: 'caller', principal, ...(session === undefined ? {} : { session }) };
  if (kind === 'denials') return call.verdict === 'deny' ? caller : undefined;
  if (kind === 'credential_probing') return call.holdsCredential ? caller : undefined;
  return call.method === 'tools/call' && tool !== undefined ? { ...caller, tool } : undefined;
}

function said({ threshold, seconds }: BundleAlert): { readonly threshold?: number; readonly seconds?: number } {
  return { ...(threshold === undefined ? {} : { threshold }), ...(seconds === undefined ? {} : { seconds }) };
}

const longestName = 256;

/** The rule as it stands: a rule that changes counts anew. */
function keyOf({ policy, name, kind, threshold, seconds }: BundleAlert, subject: AlertSubject): string {
  const rule = [policy, name, kind, threshold ?? '', seconds ?? ''];
  if (subject.kind === 'address') return [...rule, 'address', subject.address].join('\n');
  const { principal, tool = '' } = subject;
  return [...rule, principal.iss, principal.sub, tool.slice(0, longestName)].join('\n');
}
