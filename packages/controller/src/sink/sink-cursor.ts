/**
 * How far a sink has delivered, and which replica delivers: one small Secret, replaced only by whoever read it last. It
 * survives restarts, needs nothing beside what the controller has, and two replicas cannot both move it.
 */
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { Secrets } from '../ports.ts';
import { parseObject } from '../state/state-json.ts';

/** What comes next: leaf `index`, in the batch that begins at `batch`; of a segment, the line after `lines` lines. */
export interface SinkPosition {
  readonly batch: number;
  readonly index: number;
  readonly lines: number;
}

/** A claim on the cursor. `lost`: another replica has it now, and nothing was written. */
export interface SinkClaim {
  readonly position: SinkPosition;
  /** Writes where to go on; only what was delivered may lie behind it. */
  save(position: SinkPosition): Promise<'saved' | 'lost'>;
  /** Writes it, and lets another replica go on at once. */
  release(position: SinkPosition): Promise<void>;
}

export interface SinkCursor {
  /** `undefined`: another replica delivers. */
  claim(start: () => Promise<SinkPosition>): Promise<SinkClaim | undefined>;
}

export interface SinkCursorOptions {
  readonly secrets: Secrets;
  readonly name: string;
  /** Of this process; differs for each. */
  readonly holder: string;
  readonly clock: Clock;
}

/** A replica that has not saved for so long has lost its claim. */
const claimMs = 60_000;

export function createSinkCursor({ secrets, name, holder, clock }: SinkCursorOptions): SinkCursor {
  const textsOf = (position: SinkPosition, forMs: number): Readonly<Record<string, string>> => ({
    position: JSON.stringify(position),
    holder,
    until: new Date(clock.nowMs() + forMs).toISOString(),
  });
  /** The version after our own write; `undefined` where another has written since. */
  const ownVersion = async (): Promise<string | undefined> => {
    const now = await secrets.get(name);
    return now?.data['holder'] === holder ? now.version : undefined;
  };
  const replace = async (position: SinkPosition, version: string): Promise<string | undefined> => {
    const written = await secrets.update(name, textsOf(position, claimMs), version);
    return written === 'conflict' ? undefined : ownVersion();
  };
  const toClaim = (position: SinkPosition, first: string | undefined): SinkClaim | undefined => {
    if (first === undefined) return undefined;
    let version = first;
    return {
      position,
      async save(next) {
        const written = await replace(next, version);
        version = written ?? version;
        return written === undefined ? 'lost' : 'saved';
      },
      async release(next) {
        await secrets.update(name, textsOf(next, 0), version);
      },
    };
  };
  return {
    async claim(start) {
      const found = await secrets.get(name);
      if (found === undefined) {
        const position = await start();
        const created = await secrets.create(name, textsOf(position, claimMs));
        return created === 'created' ? toClaim(position, await ownVersion()) : undefined;
      }
      const { position: text = '', holder: other, until = '' } = found.data;
      if (other !== holder && Date.parse(until) > clock.nowMs()) return undefined;
      const position = parsePosition(text);
      if (position === undefined) throw new ControllerError('internal', `the cursor in ${name} is malformed`);
      return toClaim(position, await replace(position, found.version));
    },
  };
}

function parsePosition(text: string): SinkPosition | undefined {
  const { batch, index, lines } = parseObject(text) ?? {};
  return isCount(batch) && isCount(index) && isCount(lines) ? { batch, index, lines } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
