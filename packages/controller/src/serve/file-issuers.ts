/** Accepted issuers from a file; those without keys are asked for theirs (OpenID Connect Discovery 1.0). */
import { jwksPayload } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { IssuerKeys, Issuers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import { isObject, parseObject } from '../state/state-json.ts';
import { readTextFile } from '../state/state-files.ts';
import type { WorldOptions } from '../world.ts';
import { discoverKeys } from './discover-keys.ts';

export interface FileIssuersOptions extends WorldOptions {
  readonly path: string;
  /** How often the file and the issuers are read again; default 5 min for issuers, 2 s for the file. */
  readonly refreshMs?: number;
}

const lookEveryMs = 2000;
const defaultRefreshMs = 300_000;

/**
 * Reads `{"issuers": [{issuer, subjectType, audiences, subjects?, groupsClaim?, maxLifetimeSeconds?, keys?}]}`. A file that cannot be read at the start
 * throws; later, the last good one stays. An issuer that does not answer keeps its last keys.
 */
export async function createFileIssuers(options: FileIssuersOptions): Promise<Issuers & { close(): void }> {
  const { path, clock, log, refreshMs = defaultRefreshMs } = options;
  let configured = parseIssuerFile((await readTextFile(path)) ?? '{"issuers":[]}');
  const fetched = new Map<string, { readonly keys: IssuerKeys['keys']; readonly atMs: number }>();
  const refresh = async (): Promise<void> => {
    const text = await readTextFile(path);
    if (text !== undefined) configured = parseIssuerFile(text);
    for (const { issuer, keys } of configured) {
      const last = fetched.get(issuer);
      if (keys.length > 0 || (last !== undefined && clock.nowMs() - last.atMs < refreshMs)) continue;
      await discoverKeys(issuer).then(
        (found) => void fetched.set(issuer, { keys: found, atMs: clock.nowMs() }),
        (error: unknown) => log.warn('issuer keys not read', { issuer, err: describeError(error) }),
      );
    }
  };
  await refresh();
  const stop = every({ ...options, name: 'issuers' }, lookEveryMs, refresh);
  return {
    current: () =>
      configured.map((one) => (one.keys.length > 0 ? one : { ...one, keys: fetched.get(one.issuer)?.keys ?? [] })),
    close: stop,
  };
}

function parseIssuerFile(text: string): readonly IssuerKeys[] {
  const issuers = parseObject(text)?.['issuers'];
  const withKeys = Array.isArray(issuers)
    ? issuers.map((one: unknown) => (isObject(one) ? { keys: [], audiences: [], ...one } : one))
    : undefined;
  const epoch = new Date(0).toISOString();
  const result = jwksPayload.safeParse({ v: 1, issuedAt: epoch, notAfter: epoch, issuers: withKeys });
  if (!result.success) throw new ControllerError('internal', 'the issuers file is not {"issuers": […]}');
  for (const { issuer, subjectType, subjects } of result.data.issuers) {
    // Public pipelines have one issuer for all the world, and give a token for any audience to whoever asks.
    if (subjectType === 'ci' && subjects === undefined)
      throw new ControllerError(
        'internal',
        `the issuer ${issuer} is of type ci: expected subjects, such as ["repo:corp/*"]`,
      );
  }
  return result.data.issuers.map(({ groupsClaim, ...one }) =>
    groupsClaim === undefined ? one : { ...one, groupsClaim },
  );
}
