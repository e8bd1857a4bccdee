/** Golden pairs of injection, and its patches judged by an independent implementation of RFC 6902. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { injectPod, verifyInjected, type InjectContext } from '@tachograph/inject';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { parse, stringify } from 'yaml';
import { exampleContext } from '../packages/inject/src/testing/example-settings.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../packages/inject/testdata');
const inputs = globSync('*.input.yaml', { cwd: root }).toSorted();
const context: InjectContext = exampleContext;

function read(file: string): unknown {
  return parse(readFileSync(join(root, file), 'utf8'));
}

test('there are golden pairs', () => {
  expect(inputs.length).toBeGreaterThan(5);
});

describe.each(inputs.map((file) => [basename(file, '.input.yaml'), file]))('%s', (name, file) => {
  const input = read(file);
  const result = injectPod(input, context);
  const operations = result.kind === 'patched' ? result.operations : [];

  test('becomes its golden', () => {
    const { kind } = result;
    const outcome = kind === 'patched' ? { kind, pod: result.pod, warnings: result.warnings } : result;
    const golden = join(root, `${name}.golden.yaml`);
    const text = stringify(outcome, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true });
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text);
    expect(outcome).toEqual(parse(readFileSync(golden, 'utf8')));
  });

  test('has a patch that fast-json-patch applies to the same pod', () => {
    const copy = structuredClone(input);
    const applied = jsonPatch.applyPatch(copy, structuredClone(operations) as Operation[], true).newDocument;
    expect(applied).toEqual(result.kind === 'patched' ? result.pod : input);
    expect(verifyInjected(applied, context).kind).toBe(
      result.kind === 'patched' ? 'intact' : verifyInjected(input, context).kind,
    );
  });
});
