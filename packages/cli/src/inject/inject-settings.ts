/** What `tacho inject` needs to know of the installation: a settings file, and options over it. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { durabilities, type ContainerResources, type InjectSettings } from '@tachograph/inject';
import { parse } from 'yaml';
import { CliError } from '../cli-error.ts';
import { programVersion } from '../version.ts';

/** Options that stand above the file. */
export interface SettingsOptions {
  readonly settings?: string;
  readonly cluster?: string;
  readonly image?: string;
  readonly controller?: string;
  readonly trust?: string;
}

const defaults = {
  imagePullPolicy: 'IfNotPresent',
  netguardCommand: ['node', '/app/tachograph-netguard.mjs'],
  durabilityFloor: 'process',
  spoolQuotaBytes: 256 * 1024 * 1024,
  sidecarResources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } },
  netguardResources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
  runtimeClasses: [],
  requireRunAsUser: false,
} as const;

type Fields = ReadonlyMap<string, unknown>;

/** Merges defaults, file and options; refuses what is missing or of the wrong shape, by field. */
export async function loadInjectSettings(options: SettingsOptions): Promise<InjectSettings> {
  const file = options.settings === undefined ? new Map<string, unknown>() : await readFields(options.settings);
  const given: readonly (readonly [string, unknown])[] = [
    ['cluster', options.cluster],
    ['image', options.image],
    ['controllerUrl', options.controller],
    ['trustFingerprint', options.trust],
  ];
  const own: readonly (readonly [string, unknown])[] = [
    ['version', programVersion()],
    // Both containers of one pod carry digests under it; the webhook writes its own over them.
    ['nonceKey', randomBytes(32).toString('hex')],
  ];
  return toSettings(
    new Map([...own, ...Object.entries(defaults), ...file, ...given.filter(([, it]) => it !== undefined)]),
  );
}

async function readFields(path: string): Promise<Fields> {
  let value: unknown;
  try {
    value = parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new CliError('usage', `cannot read settings from ${path}`, { cause });
  }
  return fieldsOf(value);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : new Map();
}

function toSettings(fields: Fields): InjectSettings {
  return {
    version: text(fields, 'version'),
    cluster: text(fields, 'cluster', /^[a-z0-9-]{1,40}$/),
    image: text(fields, 'image'),
    imagePullPolicy: oneOf(fields, 'imagePullPolicy', ['IfNotPresent', 'Always', 'Never'] as const),
    netguardCommand: texts(fields, 'netguardCommand'),
    controllerUrl: text(fields, 'controllerUrl', /^https:\/\//),
    trustFingerprint: text(fields, 'trustFingerprint', /^sha256:[0-9a-f]{64}$/),
    nonceKey: text(fields, 'nonceKey'),
    durabilityFloor: oneOf(fields, 'durabilityFloor', durabilities),
    spoolQuotaBytes: bytes(fields, 'spoolQuotaBytes'),
    sidecarResources: resources(fields, 'sidecarResources'),
    netguardResources: resources(fields, 'netguardResources'),
    runtimeClasses: texts(fields, 'runtimeClasses'),
    requireRunAsUser: fields.get('requireRunAsUser') === true,
  };
}

function text(fields: Fields, name: string, pattern = /./): string {
  const value = fields.get(name);
  if (typeof value !== 'string' || !pattern.test(value)) throw wrong(name, `text like ${pattern.source}`);
  return value;
}

function texts(fields: Fields, name: string): readonly string[] {
  const value = fields.get(name);
  if (!Array.isArray(value) || !value.every((it): it is string => typeof it === 'string'))
    throw wrong(name, 'a list of texts');
  return value;
}

function oneOf<const T extends string>(fields: Fields, name: string, allowed: readonly T[]): T {
  const found = allowed.find((it) => it === fields.get(name));
  if (found === undefined) throw wrong(name, allowed.join(', '));
  return found;
}

function bytes(fields: Fields, name: string): number {
  const value = fields.get(name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw wrong(name, 'a number of bytes');
  return value;
}

function resources(fields: Fields, name: string): ContainerResources {
  const value = fieldsOf(fields.get(name));
  return { requests: quantities(value, 'requests'), limits: quantities(value, 'limits') };
}

function quantities(fields: Fields, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...fieldsOf(fields.get(name))].map(([key, value]) => [key, String(value)]));
}

function wrong(name: string, expected: string): CliError {
  return new CliError('usage', `setting ${name}: expected ${expected}`);
}
