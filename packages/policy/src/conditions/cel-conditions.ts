/** Conditions in CEL. Loaded lazily: import it through `loadConditions` only. */
import { toVariables } from './call-variables.ts';
import { parseCel, planCel } from './cel.ts';
import { checkExpression } from './check-expression.ts';
import type { CompiledCondition, Conditions } from './condition.ts';

const maxSourceBytes = 4096;
const shownFaults = 3;

export function createConditions(): Conditions {
  const known = new Map<string, CompiledCondition>();
  return {
    compile(source) {
      const compiled = known.get(source) ?? compile(source);
      // Bundles change seldom and mostly keep their conditions; an unbounded memory of them would be a leak.
      if (known.size >= 1024) known.clear();
      known.set(source, compiled);
      return compiled;
    },
    variablesOf: toVariables,
  };
}

function compile(source: string): CompiledCondition {
  if (new TextEncoder().encode(source).length > maxSourceBytes) return refused(`longer than ${maxSourceBytes} bytes`);
  const parsed = parseCel(source);
  if (parsed.kind === 'refused') return parsed;
  const faults = checkExpression(parsed.expr);
  if (faults.length > 0) {
    const texts = faults
      .slice(0, shownFaults)
      .map(({ expr, message }) => `${message} (at character ${parsed.columnOf(expr)})`);
    return refused(texts.join('; '));
  }
  return plan(parsed.expr);
}

function plan(expr: Parameters<typeof planCel>[0]): CompiledCondition {
  try {
    const evaluate = planCel(expr);
    return {
      kind: 'compiled',
      condition: (variables) => {
        const result = evaluate(variables);
        return result === undefined ? 'failed' : result ? 'true' : 'false';
      },
    };
  } catch (error) {
    return refused(error instanceof Error ? error.message : 'invalid');
  }
}

function refused(reason: string): CompiledCondition {
  return { kind: 'refused', reason };
}
