import type { PolicyCall } from '@tachograph/protocol';

/**
 * Which MCP methods a rule and the default reach.
 *
 * | methods | reached by |
 * |---|---|
 * | `initialize`, `ping`, `server/discover`, `logging/setLevel`, every `notifications/*`, `tools/list`, `resources/list`, `resources/templates/list`, `prompts/list` | only by a rule whose `what.methods` names them (a lone `*` does not); otherwise allowed |
 * | `tools/call` | rules without `what`, with a matching `what.methods`, with a matching `what.tools`; the default |
 * | `resources/read`, `resources/subscribe`, `resources/unsubscribe` | the same with `what.resources` |
 * | `prompts/get` | the same with `what.prompts` |
 * | `completion/complete` | rules without `what`, with `what.methods`; the default |
 * | every other method, known or not (`tasks/*`, `subscriptions/listen`, …) | rules without `what`, with `what.methods`; the default |
 *
 * `what.methods` together with target lists narrows: the method must match, and so must one of the lists.
 */
const plumbing: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'logging/setLevel',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
]);

/** Every request and notification of the protocol's versions, that a policy may name. */
export const knownMethods: readonly string[] = [
  ...plumbing,
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/message',
  'notifications/roots/list_changed',
  'notifications/tools/list_changed',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
  'notifications/prompts/list_changed',
  'notifications/elicitation/complete',
  'notifications/tasks',
  'notifications/tasks/status',
  'notifications/subscriptions/acknowledged',
  'tools/call',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/get',
  'completion/complete',
  'subscriptions/listen',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tasks/update',
  'tasks/cancel',
  'sampling/createMessage',
  'elicitation/create',
  'roots/list',
];

/** Protocol plumbing: without it no client works, and it acts on nothing. */
export function isPlumbing(method: string): boolean {
  return plumbing.has(method) || method.startsWith('notifications/');
}

export type TargetKind = 'tools' | 'resources' | 'prompts';

const targetKinds: ReadonlyMap<string, TargetKind> = new Map([
  ['tools/call', 'tools'],
  ['resources/read', 'resources'],
  ['resources/subscribe', 'resources'],
  ['resources/unsubscribe', 'resources'],
  ['prompts/get', 'prompts'],
]);

/** Which list of `what` speaks about this method's target. */
export function targetKindOf(method: string): TargetKind | undefined {
  return targetKinds.get(method);
}

/** The name that the method's list speaks about; a call without one has an empty name. */
export function targetOf(call: PolicyCall): string {
  const kind = targetKindOf(call.method);
  if (kind === undefined) return '';
  return (kind === 'tools' ? call.tool : kind === 'resources' ? call.resource : call.prompt) ?? '';
}
