/** All witnesses of an installation: asked at once, waited for a bounded time. */
import type { NoteSignature } from '@tachograph/archive';
import type { Logger, Metrics } from '@tachograph/service';
import { createWitnessClient, type Uncosigned, type WitnessAddress } from './witness-client.ts';

export interface WitnessSettings {
  readonly addresses: readonly WitnessAddress[];
  /** How many must cosign. */
  readonly quorum: number;
  readonly timeoutMs: number;
}

export interface Witnesses {
  /** Cosignatures that hold, of whoever answered in time. Never rejects. */
  cosign(checkpoint: Uncosigned): Promise<readonly NoteSignature[]>;
}

export function createWitnesses(
  settings: WitnessSettings,
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
): Witnesses {
  const clients = settings.addresses.map((address) => createWitnessClient(address, log));
  const answers = metrics.counter('log_witness_answers_total', 'What witnesses answered', ['witness', 'result']);
  const missed = metrics.counter('log_checkpoints_without_quorum_total', 'Checkpoints without their witness quorum');
  const cosigned = metrics.gauge('log_witnessed_size', 'Leaves under the newest checkpoint with a witness quorum');
  return {
    async cosign(checkpoint) {
      const signal = AbortSignal.timeout(settings.timeoutMs);
      const asked = clients.map(async (client) => {
        const { result, signature } = await client.cosign(checkpoint, signal);
        answers.inc({ witness: client.name, result });
        return signature;
      });
      const signatures = (await Promise.all(asked)).filter((one) => one !== undefined);
      if (signatures.length >= settings.quorum) cosigned.set(checkpoint.size);
      else {
        missed.inc();
        log.error('checkpoint without its witness quorum', { size: checkpoint.size, cosigned: signatures.length });
      }
      return signatures;
    },
  };
}
