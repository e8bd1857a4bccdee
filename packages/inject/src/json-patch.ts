import type { JsonPatchOperation } from '@tachograph/protocol';
import { isPlain } from './equality.ts';

/** A JSON pointer of these steps. */
export function pointer(...steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Applies operations that this package made to a copy of the document they were made for. */
export function applyOperations(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  const copy = structuredClone(document);
  for (const operation of operations) applyOne(copy, operation);
  return copy;
}

function applyOne(document: unknown, operation: JsonPatchOperation): void {
  const steps = operation.path.split('/').slice(1).map(unescapeStep);
  const last = steps.pop() ?? '';
  const parent = steps.reduce(childOf, document);
  if (Array.isArray(parent)) applyToArray(parent, last, operation);
  else if (isPlain(parent)) applyToObject(parent, last, operation);
}

function applyToArray(parent: unknown[], step: string, operation: JsonPatchOperation): void {
  const index = step === '-' ? parent.length : Number(step);
  if (operation.op === 'add') parent.splice(index, 0, structuredClone(operation.value));
  else if (operation.op === 'remove') parent.splice(index, 1);
  else parent[index] = structuredClone(operation.value);
}

function applyToObject(parent: object, step: string, operation: JsonPatchOperation): void {
  if (operation.op === 'remove') Reflect.deleteProperty(parent, step);
  else Reflect.set(parent, step, structuredClone(operation.value));
}

function childOf(parent: unknown, step: string): unknown {
  if (Array.isArray(parent)) return parent[Number(step)];
  return isPlain(parent) ? parent[step] : undefined;
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
