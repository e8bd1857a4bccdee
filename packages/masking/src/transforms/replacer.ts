import type { MaskingSpec, MaskTransform } from '@tachograph/protocol';
import { maskToken, partialToken, valueToken } from '../mask-token.ts';
import { createAllowList, type AllowList } from './allow-list.ts';
import { encryptDigits, loadCipher, type CreateCipher } from './encrypt-digits.ts';
import type { TokenNamer } from './keyed-token.ts';

/** What stands where a value was, and what evidence says of it. */
export interface Replacement {
  readonly replacement: string;
  /** Not said: `redact`, or `zero` for a number. `stand-in`: what an output schema permits. */
  readonly transform?: 'partial' | 'token' | 'fpe' | 'drop' | 'zero' | 'stand-in';
  /** The value's name within the session. */
  readonly token?: string;
}

/** A value that is to be replaced: all of it, decoded. */
export interface ReplacedValue {
  readonly rule: string;
  readonly value: string;
  /** A bare JSON number: stays one. */
  readonly isNumber?: boolean;
}

/** Says what stands in a value's place; undefined: the policy allows the value. `transform` outdoes the rule's own. */
export type Replacer = (found: ReplacedValue, transform?: MaskTransform) => Replacement | undefined;

/** Encryptions of one message; further digits get tokens, which cost less. */
const maxEncryptions = 500;
/** What is shorter would be shown by half. */
const minPartial = 9;
const shown = 4;

/** The rule's own name for a value: no policy says otherwise. */
export function redact({ rule, isNumber }: Pick<ReplacedValue, 'rule' | 'isNumber'>): Replacement {
  return { replacement: isNumber === true ? '0' : maskToken(rule) };
}

export interface Replacers {
  /** For one message of a session; undefined where the policy has nothing to say about replacements. */
  readonly replacerFor: (namer: TokenNamer | undefined) => Replacer | undefined;
  /** Resolves when `fpe` encrypts; until then, and where it cannot, it gives tokens. Never rejects. */
  readonly ready: Promise<void>;
}

export function createReplacers(spec: MaskingSpec): Replacers {
  const transforms = new Map(Object.entries(spec.transforms ?? {}));
  const fallback = transforms.get('default') ?? 'redact';
  const allows = createAllowList(spec.allow ?? []);
  const byPath = (spec.rules ?? []).some(({ transform }) => transform !== 'keep');
  const isIdle = transforms.size === 0 && allows === undefined && !byPath;
  const library = createLibrary([...transforms.values(), ...(spec.rules ?? []).map(({ transform }) => transform)]);
  return {
    ready: library.ready,
    replacerFor: (namer) =>
      isIdle ? undefined : createReplacer({ transforms, fallback, allows, namer, createCipher: library.current() }),
  };
}

interface Library {
  readonly ready: Promise<void>;
  readonly current: () => CreateCipher | undefined;
}

function createLibrary(transforms: readonly string[]): Library {
  let loaded: CreateCipher | undefined;
  if (!transforms.includes('fpe')) return { ready: Promise.resolve(), current: () => undefined };
  const load = async (): Promise<void> => {
    loaded = await loadCipher().catch(() => undefined);
  };
  return { ready: load(), current: () => loaded };
}

interface Replacing {
  readonly createCipher: CreateCipher | undefined;
  readonly transforms: ReadonlyMap<string, MaskTransform>;
  readonly fallback: MaskTransform;
  readonly allows: AllowList | undefined;
  readonly namer: TokenNamer | undefined;
}

function createReplacer({ transforms, fallback, allows, namer, createCipher }: Replacing): Replacer {
  const cipher = toCipher(createCipher, namer);
  const makers: Readonly<Record<MaskTransform, Cipher>> = {
    redact: () => undefined,
    partial: toPartial,
    token: (found) => toToken(found, namer),
    fpe: (found) => cipher(found) ?? toToken(found, namer),
    drop: () => ({ replacement: '', transform: 'drop' }),
  };
  return (found, transform) => {
    if (transform === undefined && allows?.(found.rule, found.value) === true) return undefined;
    const chosen = transform ?? transforms.get(found.rule) ?? fallback;
    if (found.isNumber === true) return replaceNumber(found, chosen, cipher);
    return makers[chosen](found) ?? redact(found);
  };
}

function replaceNumber(found: ReplacedValue, transform: MaskTransform, cipher: Cipher): Replacement {
  const zero: Replacement = { replacement: '0', transform: 'zero' };
  return transform === 'fpe' ? (cipher(found) ?? zero) : zero;
}

function toToken({ rule, value }: ReplacedValue, namer: TokenNamer | undefined): Replacement {
  if (namer === undefined) return redact({ rule });
  const token = namer.tokenOf(rule, value);
  return { replacement: valueToken(rule, token), transform: 'token', token };
}

function toPartial({ rule, value }: ReplacedValue): Replacement | undefined {
  const end = value.slice(-shown);
  if (value.length < minPartial || !/^[A-Za-z0-9]{4}$/.test(end)) return undefined;
  return { replacement: partialToken(rule, end), transform: 'partial' };
}

type Cipher = (found: ReplacedValue) => Replacement | undefined;

function toCipher(createCipher: CreateCipher | undefined, namer: TokenNamer | undefined): Cipher {
  if (namer === undefined || createCipher === undefined) return () => undefined;
  const known = new Map<string, Replacement | undefined>();
  return ({ rule, value, isNumber = false }) => {
    const id = `${isNumber ? 'number' : 'text'}\n${rule}\n${value}`;
    if (known.has(id) || known.size >= maxEncryptions) return known.get(id);
    const out = encryptDigits(createCipher, value, { key: namer.cipherKey(), tweak: rule, keepsLead: isNumber });
    const replacement: Replacement | undefined =
      out === undefined ? undefined : { replacement: out, transform: 'fpe', token: namer.tokenOf(rule, value) };
    known.set(id, replacement);
    return replacement;
  };
}
