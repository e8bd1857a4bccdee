/** Which sessions are meant: by what their manifest, their stream and their records say. */
import type { SessionSelection } from '@tachograph/archive';

/** What is known of a session before its records are read. */
export interface SessionFacts {
  readonly namespace: string;
  readonly workload: string;
  readonly principal?:
    | {
        readonly sub: string;
        readonly type: string;
        readonly client_id?: string | undefined;
        readonly groups?: readonly string[] | undefined;
      }
    | undefined;
  readonly client?: { readonly name: string } | undefined;
  /** RFC 3339. */
  readonly opened: string;
  readonly ended: string;
}

/** Whether the facts fit; `tool` is not among them. */
export function sessionFits(facts: SessionFacts, wanted: SessionSelection): boolean {
  if (wanted.namespace !== undefined && facts.namespace !== wanted.namespace) return false;
  if (wanted.server !== undefined && !serverFits(facts, wanted.server)) return false;
  return callerFits(facts, wanted) && timeFits(facts, wanted);
}

function callerFits({ principal, client }: SessionFacts, wanted: SessionSelection): boolean {
  const questions: readonly (readonly [string | undefined, readonly (string | undefined)[]])[] = [
    [wanted.subject, [principal?.sub]],
    [wanted.subjectType, [principal?.type]],
    [wanted.group, principal?.groups ?? []],
    [wanted.client, [principal?.client_id, client?.name]],
  ];
  return questions.every(([asked, said]) => asked === undefined || said.includes(asked));
}

function timeFits({ opened, ended }: SessionFacts, { from, to }: SessionSelection): boolean {
  if (from !== undefined && Date.parse(ended) < Date.parse(from)) return false;
  return to === undefined || Date.parse(opened) < Date.parse(to);
}

function serverFits({ namespace, workload }: SessionFacts, server: string): boolean {
  return server === workload || server === `${namespace}/${workload}`;
}

/**
 * Whether a manifest of this name may be of a session that fits: its partition spares reading most. The day in a
 * manifest's name is that of the session's end.
 */
export function manifestNameFits(name: string, { namespace, server, from }: SessionSelection): boolean {
  if (namespace !== undefined && !name.includes(`/namespace=${namespace}/`)) return false;
  const [inNamespace, workload] = server?.split('/') ?? [];
  if (workload !== undefined && !name.includes(`/namespace=${inNamespace}/`)) return false;
  const day = /\/dt=(\d{4}-\d{2}-\d{2})\//.exec(name)?.[1] ?? '';
  return from === undefined || day >= from.slice(0, 10);
}
