import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const indexes = globSync('packages/*/src/index.ts', { cwd: root });
/** A type that only names what a documented schema or list holds. */
const derived = /z\.infer<typeof|= \(typeof \w+\)\[number\]/;
const declaration = /^export (?:async )?(?:function|class|interface|const|type) (\w+)/;

/** Files whose declarations an index re-exports, with the names it lists (`undefined`: all of them). */
function reExports(
  index: string,
): readonly { readonly file: string; readonly names: ReadonlySet<string> | undefined }[] {
  const text = readFileSync(join(root, index), 'utf8');
  return [...text.matchAll(/export (?:type )?(\*|\{[^}]*\}) from '(\.[^']+)'/g)].map(([, what = '', file = '']) => ({
    file: join(dirname(index), file),
    names: what === '*' ? undefined : new Set([...what.matchAll(/(\w+)(?=\s*[,}])/g)].map(([, name = '']) => name)),
  }));
}

/** Public names of a file without a doc comment right above them. */
function undocumented(file: string, names: ReadonlySet<string> | undefined): readonly string[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.flatMap((line, at) => {
    const name = declaration.exec(line)?.[1];
    const isPublic = name !== undefined && !derived.test(line) && (names === undefined || names.has(name));
    return isPublic && lines[at - 1]?.trimEnd().endsWith('*/') !== true ? [`${file}: ${name}`] : [];
  });
}

test.each(indexes)('%s exports only what is documented', (index) => {
  expect(reExports(index).flatMap(({ file, names }) => undocumented(file, names))).toEqual([]);
});
