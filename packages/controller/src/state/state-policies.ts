/**
 * Policies as YAML files: `policies/<namespace>/` has those of a namespace, each file one or more `McpPolicy` objects;
 * the files beside those directories have `ClusterMcpPolicy` objects.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { apiGroup } from '@tachograph/protocol';
import { parseAllDocuments } from 'yaml';
import { ControllerError } from '../controller-error.ts';
import type { Policies, PolicySnapshot, PolicySource, Timers } from '../ports.ts';
import { isErrno, statePaths } from './state-files.ts';
import { isObject } from './state-json.ts';

const lookEveryMs = 500;

/** Reads the files at every snapshot, and looks twice a second for changes while somebody listens. */
export function createStatePolicies(dir: string, timers: Timers): Policies {
  return {
    snapshot: async (namespace) => readPolicies(dir, namespace),
    onChange(handle) {
      let last: number | undefined;
      let stopped = false;
      const look = async (): Promise<void> => {
        const revision = await newestChange(join(dir, 'policies')).catch(() => last);
        if (last !== undefined && revision !== last) handle();
        last = revision;
        if (!stopped) timers.after(lookEveryMs, () => void look());
      };
      void look();
      return () => {
        stopped = true;
      };
    },
  };
}

async function readPolicies(state: string, namespace: string): Promise<PolicySnapshot> {
  // Of all namespaces: what the removal of a whole one leaves is the time of the directory above it.
  const revision = await newestChange(join(state, 'policies'));
  const sources = [
    ...(await readDirectory(join(state, 'policies'), 'ClusterMcpPolicy')),
    ...(await readDirectory(statePaths.policies(state, namespace), 'McpPolicy')),
  ];
  return { sources, revision };
}

async function readDirectory(dir: string, kind: PolicySource['kind']): Promise<readonly PolicySource[]> {
  const sources: PolicySource[] = [];
  for (const name of (await listDir(dir)).filter((one) => /\.ya?ml$/.test(one)).toSorted()) {
    sources.push(...parsePolicies(name, await readFile(join(dir, name), 'utf8'), kind));
  }
  return sources;
}

function parsePolicies(file: string, text: string, expected: PolicySource['kind']): readonly PolicySource[] {
  const documents = parseAllDocuments(text);
  return ('empty' in documents ? [] : documents).map((document) => {
    const object: unknown = document.errors.length === 0 ? document.toJS({ maxAliasCount: 0 }) : undefined;
    if (!isObject(object)) throw invalid(file, 'is not YAML');
    const { apiVersion, kind, metadata, spec } = object;
    if (kind !== expected || typeof apiVersion !== 'string' || !apiVersion.startsWith(`${apiGroup}/`)) {
      throw invalid(file, `is not ${expected === 'McpPolicy' ? 'an McpPolicy' : 'a ClusterMcpPolicy'}`);
    }
    const name = isObject(metadata) ? metadata['name'] : undefined;
    if (typeof name !== 'string') throw invalid(file, 'has no metadata.name');
    return { kind: expected, name, spec };
  });
}

function invalid(file: string, reason: string): ControllerError {
  return new ControllerError('unavailable', `policy file ${file} ${reason}`);
}

/** Newest change below a directory, in milliseconds. A directory's own time changes when a file comes or goes. */
async function newestChange(dir: string): Promise<number> {
  const names = await listDir(dir);
  const times = await Promise.all([dir, ...names.map((name) => join(dir, name))].map(changeOf));
  const nested = await Promise.all(
    names.filter((name) => !name.includes('.')).map(async (name) => newestChange(join(dir, name))),
  );
  return Math.max(0, ...times, ...nested);
}

async function changeOf(path: string): Promise<number> {
  try {
    return Math.floor((await stat(path)).mtimeMs);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}

async function listDir(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return [];
    throw error;
  }
}
