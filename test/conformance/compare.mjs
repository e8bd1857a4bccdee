// Are two sets of verdicts the same, scenario by scenario and check by check?

const textOf = ({ id, status }) => `${id}: ${status}`;

/** What is in `these` and not in `those`, counted. */
export function missingFrom(these, those) {
  const left = new Map();
  for (const one of those) left.set(one, (left.get(one) ?? 0) + 1);
  return these.filter((one) => {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    return count <= 0;
  });
}

const failed = ({ status }) => status === 'FAILURE';

/** One row for each scenario: checks passed and failed on either way, and what differs. */
export function compareVerdicts(direct, through) {
  const names = [...new Set([...direct.keys(), ...through.keys()])].toSorted((one, other) => (one < other ? -1 : 1));
  return names.map((scenario) => {
    const [one, other] = [direct.get(scenario) ?? [], through.get(scenario) ?? []];
    const [before, after] = [one.map(textOf), other.map(textOf)];
    const errors = other.filter(failed).map(({ id, errorMessage }) => `${id}: ${errorMessage}`);
    return {
      scenario,
      direct: countsOf(one),
      through: countsOf(other),
      onlyDirect: missingFrom(before, after),
      onlyThrough: missingFrom(after, before),
      errors,
      equal: one.length > 0 && missingFrom(before, after).length + missingFrom(after, before).length === 0,
    };
  });
}

function countsOf(checks) {
  const count = (status) => checks.filter((check) => check.status === status).length;
  return { passed: count('SUCCESS'), failed: count('FAILURE'), warned: count('WARNING') };
}
