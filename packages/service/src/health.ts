/** Why a part cannot serve; `undefined`: it can. */
export type Check = () => string | undefined;

/** Readiness of a process: ready while every check answers `undefined`. */
export interface Health {
  add(name: string, check: Check): void;
  /** Reasons by name; empty when ready. */
  reasons(): Readonly<Record<string, string>>;
}

/** Without checks it is ready. Checks run at each `reasons()`, so they must be cheap; a later one of the same name replaces. */
export function createHealth(): Health {
  const checks = new Map<string, Check>();
  return {
    add: (name, check) => void checks.set(name, check),
    reasons: () =>
      Object.fromEntries(
        [...checks].flatMap(([name, check]): [string, string][] => {
          const reason = check();
          return reason === undefined ? [] : [[name, reason]];
        }),
      ),
  };
}
