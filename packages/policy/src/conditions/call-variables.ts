import type { PolicyCall } from '@tachograph/protocol';
import { targetOf } from '../methods.ts';
import { toCelTime, type CelInput, type CelVariables } from './cel.ts';
import type { ServerFacts } from './condition.ts';

/**
 * What conditions read of a call. Each variable is made when it is asked for, so that arguments are read again only by
 * conditions about them. Objects become maps here: the interpreter takes some plain objects for more than they are
 * (a member named `$typeName` makes one a message), and a caller chooses the members of its arguments.
 */
export function toVariables(call: PolicyCall, server: ServerFacts): CelVariables {
  let callMembers: CelInput | undefined;
  let callerMembers: CelInput | undefined;
  return {
    get call() {
      return (callMembers ??= new CallMembers(call));
    },
    get caller() {
      return (callerMembers ??= new Map<string, CelInput>([
        ['subject', call.subject],
        ['type', call.subjectType],
        // Where they are unknown the condition that reads them fails.
        ...(call.groupsUnknown === true ? [] : [['groups', call.groups] as const]),
        ['clientId', call.clientId ?? ''],
        ['issuer', call.issuer ?? ''],
      ]));
    },
    get server() {
      return new Map<string, CelInput>(Object.entries(server));
    },
    get time() {
      return call.timeMs === undefined ? undefined : toCelTime(call.timeMs);
    },
    get guard() {
      return (call.guards ?? []).map(
        ({ kind, verdict }) => new Map<string, CelInput>(Object.entries({ kind, verdict })),
      );
    },
  };
}

/** `call`, whose arguments are read when a condition comes to them. */
class CallMembers extends Map<string, CelInput> {
  readonly #call: PolicyCall;
  #isRead = false;

  constructor(call: PolicyCall) {
    super([
      ['method', call.method],
      ['name', targetOf(call)],
      ['arguments', null],
    ]);
    this.#call = call;
  }

  override get(key: string): CelInput | undefined {
    if (key === 'arguments' && !this.#isRead) {
      this.set(key, toCelValue(this.#call.readArguments?.() ?? {}));
      this.#isRead = true;
    }
    return super.get(key);
  }
}

/** Anything that JSON cannot say becomes null. */
function toCelValue(value: unknown): CelInput {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return value.map(toCelValue);
  return new Map<string, CelInput>(Object.entries(value).map(([key, member]) => [key, toCelValue(member)]));
}
