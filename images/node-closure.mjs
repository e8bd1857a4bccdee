// Copies an npm package and everything it needs at run time out of node_modules, at the same relative places:
//
//   node images/node-closure.mjs PACKAGE INTO-DIR      (or --list PACKAGE: print the package directories)
//
// Dependencies are found as Node finds them: the nearest node_modules upwards.
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function findPackage(name, from) {
  for (let dir = from; dir.startsWith(root); dir = dirname(dir)) {
    const candidate = join(dir, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

function runtimeDependencies(dir) {
  const {
    dependencies = {},
    peerDependencies = {},
    optionalDependencies = {},
    peerDependenciesMeta = {},
  } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  const optional = (name) => name in optionalDependencies || peerDependenciesMeta[name]?.optional === true;
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }).map((name) => ({
    name,
    optional: optional(name),
  }));
}

/** Package directories of the closure, by a walk that visits each once. */
function closure(name) {
  const found = new Set();
  const pending = [{ name, from: root, optional: false }];
  while (pending.length > 0) {
    const next = pending.pop();
    const dir = findPackage(next.name, next.from);
    if (dir === undefined) {
      if (next.optional) continue;
      throw new Error(`not installed: ${next.name}, needed in ${relative(root, next.from) || 'the root'}`);
    }
    if (found.has(dir)) continue;
    found.add(dir);
    for (const dependency of runtimeDependencies(dir)) pending.push({ ...dependency, from: dir });
  }
  return [...found];
}

const [first, second] = process.argv.slice(2);
if (first === undefined || second === undefined)
  throw new Error('usage: node-closure.mjs PACKAGE INTO-DIR | --list PACKAGE');
if (first === '--list') {
  for (const dir of closure(second)) console.log(relative(root, dir));
} else {
  for (const dir of closure(first)) {
    // Nested node_modules are packages of the walk themselves, if needed at all.
    const filter = (path) => !relative(dir, path).split('/').includes('node_modules');
    cpSync(dir, join(second, relative(root, dir)), { recursive: true, filter });
  }
}
