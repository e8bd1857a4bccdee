import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** docs/architecture.md, Packages: what each package may import. */
const layers: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  policy: ['protocol'],
  masking: ['protocol'],
  archive: ['protocol'],
  service: [],
  store: [],
  kube: [],
  sidecar: ['protocol', 'policy', 'masking', 'archive', 'service'],
  inject: ['protocol'],
  injector: ['protocol', 'inject', 'policy', 'masking', 'service', 'kube'],
  authserver: ['protocol', 'service'],
  controller: ['protocol', 'policy', 'masking', 'archive', 'store', 'kube', 'service', 'authserver'],
  cli: ['protocol', 'inject', 'policy', 'masking', 'archive', 'store', 'kube'],
  'gcs-emulator': [],
};

/** External packages with exactly one importing workspace package. */
const soleImporter: Readonly<Record<string, string>> = {
  '@google-cloud/storage': 'store',
  '@kubernetes/client-node': 'kube',
  winston: 'service',
  'http-proxy': 'sidecar',
  'oidc-provider': 'authserver',
  'openid-client': 'authserver',
};

/** Packages whose code must run in a browser too. */
const pure = ['protocol', 'policy', 'masking', 'archive', 'inject'];

interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}

const packages = globSync('packages/*', { cwd: root }).map((path) => basename(path));
const development = Object.keys(read<Manifest>('package.json').devDependencies ?? {});
const importPattern = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([\w@][\w@:./-]*)'/g;
/** Tests and what only they use. */
const testCode = /\.test\.ts$|\.test-support\.ts$|\/testing\//;

function importsOf(file: string): readonly string[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(importPattern)].map((hit) => hit[1] ?? '');
}

/** `@scope/name` or `name` of a specifier. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Workspace packages' entries that no `exports` names reach into what is another package's own. */
function isExported(specifier: string): boolean {
  const name = packageOf(specifier);
  const manifest = read<Manifest>(`packages/${name.slice('@tachograph/'.length)}/package.json`);
  return `.${specifier.slice(name.length)}` in (manifest.exports ?? {});
}

test('the table names every package', () => {
  expect(packages.toSorted()).toEqual(Object.keys(layers).toSorted());
});

describe.each(packages)('package %s', (name) => {
  const manifest = read<Manifest>(`packages/${name}/package.json`);
  const runtime = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const declared = runtime.filter((dep) => dep.startsWith('@tachograph/')).map((dep) => dep.slice(12));

  test('declares only the workspace packages that its layer allows', () => {
    expect(declared.filter((dep) => !layers[name]?.includes(dep))).toEqual([]);
  });

  test('references in tsconfig what it declares', () => {
    const { references } = read<{ references: { path: string }[] }>(`packages/${name}/tsconfig.json`);
    expect(references.map(({ path }) => basename(path)).toSorted()).toEqual(declared.toSorted());
  });

  const files = globSync(`packages/${name}/src/**/*.ts`, { cwd: root });
  test.each(files)('%s imports only what the package declares', (file) => {
    const allowed = testCode.test(file) ? [...runtime, ...development] : runtime;
    const bare = importsOf(file).filter((specifier) => !specifier.startsWith('node:'));
    expect(bare.filter((specifier) => !allowed.includes(packageOf(specifier)))).toEqual([]);
    const workspace = bare.filter((specifier) => specifier.startsWith('@tachograph/'));
    expect(workspace.filter((specifier) => !isExported(specifier))).toEqual([]);
  });

  test('imports no external package that belongs to another', () => {
    const foreign = Object.entries(soleImporter).filter(([dep, owner]) => owner !== name && runtime.includes(dep));
    expect(foreign).toEqual([]);
  });

  test('reads the environment and the clock only where it is wired', () => {
    const wired = /\/(main|[a-z-]+-main|clock)\.ts$/;
    const code = files.filter((file) => !wired.test(file) && !testCode.test(file));
    expect(code.filter((file) => /process\.env\b|Date\.now\(/.test(readFileSync(join(root, file), 'utf8')))).toEqual(
      [],
    );
  });
});

test.each(pure)('%s imports no node: module', (name) => {
  const files = globSync(`packages/${name}/src/**/*.ts`, { cwd: root }).filter((file) => !testCode.test(file));
  expect(files.filter((file) => importsOf(file).some((specifier) => specifier.startsWith('node:')))).toEqual([]);
});
