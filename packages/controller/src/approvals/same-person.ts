/** One person with two tokens is one person. */

/** What tokens say of a person. `names`: claims beside `sub` that name the person, such as `email`. */
export interface Named {
  readonly iss: string;
  readonly sub: string;
  readonly names?: readonly string[] | undefined;
}

/**
 * Whether two tokens may be of the same person: one of their names is the same, letter case aside, whoever issued it. Two
 * different people of one name at two issuers count as one; the other mistake would let a person approve the own call.
 */
export function maybeSamePerson(one: Named, other: Named): boolean {
  const names = namesOf(one);
  return [...namesOf(other)].some((name) => names.has(name));
}

function namesOf({ sub, names = [] }: Named): ReadonlySet<string> {
  return new Set([sub, ...names].map((name) => name.normalize('NFKC').toLowerCase()));
}
