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
