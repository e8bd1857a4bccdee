/** SubjectAccessReviews: who can act as a ServiceAccount. */
import type { AccessQuestion, Kube } from '@tachograph/kube';
import type { Account, CallerAccess } from '../approvals/caller-access.ts';
import { ControllerError } from '../controller-error.ts';

/** How the API server names people of OpenID Connect issuers; both empty: as their tokens do. */
export interface KubeUserPrefixes {
  readonly user: string;
  readonly group: string;
}

type Actor = Parameters<CallerAccess['wayToActAs']>[0];

type Ability = Pick<AccessQuestion, 'verb' | 'group' | 'resource' | 'namespace' | 'name'> &
  Partial<Pick<AccessQuestion, 'subresource'>>;

/** A person may be known to the API server by any name that the token holds: none of them may be able to. */
export function createKubeCallerAccess(kube: Pick<Kube, 'reviewAccess'>, prefixes: KubeUserPrefixes): CallerAccess {
  return {
    async wayToActAs(person, account) {
      const groups = groupsOf(person, prefixes);
      const questions = usersOf(person, prefixes).flatMap((user) =>
        waysToAct(account).map((ability) => ({ ability, question: { user, groups, ...ability } })),
      );
      const answers = await Promise.all(
        questions.map(async ({ ability, question }) => ((await kube.reviewAccess(question)) ? [ability] : [])),
      ).catch((cause: unknown) => {
        const message = 'whether you can act as the caller cannot be found out now';
        throw new ControllerError('unavailable', message, { cause, retryAfterMs: 2000 });
      });
      const [found] = answers.flat();
      return found === undefined ? undefined : inWords(found);
    },
  };
}

/** Controllers make pods for whoever may create them. */
const podMakers: readonly (readonly [group: string, resource: string])[] = [
  ['', 'pods'],
  ['', 'replicationcontrollers'],
  ['apps', 'deployments'],
  ['apps', 'replicasets'],
  ['apps', 'statefulsets'],
  ['apps', 'daemonsets'],
  ['batch', 'jobs'],
  ['batch', 'cronjobs'],
];

function waysToAct({ namespace, name }: Account): readonly Ability[] {
  const core = { group: '', namespace, name: '' };
  return [
    { ...core, verb: 'create', resource: 'serviceaccounts', subresource: 'token', name },
    { ...core, verb: 'impersonate', resource: 'serviceaccounts', name },
    {
      ...core,
      verb: 'impersonate',
      resource: 'users',
      namespace: '',
      name: `system:serviceaccount:${namespace}:${name}`,
    },
    { ...core, verb: 'create', resource: 'pods', subresource: 'exec' },
    { ...core, verb: 'create', resource: 'pods', subresource: 'attach' },
    { ...core, verb: 'update', resource: 'pods', subresource: 'ephemeralcontainers' },
    { ...core, verb: 'patch', resource: 'pods', subresource: 'ephemeralcontainers' },
    ...podMakers.map(([group, resource]) => ({ ...core, group, resource, verb: 'create' })),
  ];
}

function usersOf({ iss, sub, type, names = [] }: Actor, { user }: KubeUserPrefixes): readonly string[] {
  if (type === 'workload') return [sub];
  const plain = [sub, ...names];
  const prefixed = user === '' ? [] : plain.map((name) => `${user}${name}`);
  // Without a configured prefix the API server puts the issuer before every claim but email.
  return [...new Set([...plain, ...prefixed, ...plain.map((name) => `${iss}#${name}`)])];
}

function groupsOf({ groups }: Actor, { group }: KubeUserPrefixes): readonly string[] {
  const prefixed = group === '' ? [] : groups.map((name) => `${group}${name}`);
  return [...new Set([...groups, ...prefixed, 'system:authenticated'])];
}

function inWords({ verb, resource, subresource, namespace }: Ability): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${what}${namespace === '' ? '' : ` in ${namespace}`}`;
}
