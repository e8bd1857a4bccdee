/** Dials each MCP port as root over both loopbacks: only the sidecar knows the nonce. */
import { request } from 'node:http';
import { describeError } from '@tachograph/service';

export interface Proof {
  readonly ports: readonly number[];
  readonly nonce: string;
  readonly deadlineMs: number;
  /** Pause between tries while the sidecar does not answer yet. */
  readonly retryMs: number;
  readonly nowMs: () => number;
}

export type Verdict =
  | { readonly kind: 'proved' }
  /** The pod has no such address: nothing can be dialled there. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly reason: string };

const loopbacks: readonly string[] = ['127.0.0.1', '::1'];

/** What is wrong, as one line a person can act on; `undefined` when every address leads to the sidecar. */
export async function prove(proof: Proof): Promise<string | undefined> {
  for (const port of proof.ports) {
    const verdicts = await Promise.all(loopbacks.map(async (address) => proveOne(proof, address, port)));
    const at = verdicts.findIndex((verdict) => verdict.kind === 'failed');
    const verdict = verdicts[at];
    if (verdict?.kind === 'failed') return `port ${port} at ${loopbacks[at]}: ${verdict.reason}`;
    if (verdicts.every(({ kind }) => kind === 'absent')) return `port ${port}: the pod has no loopback address`;
  }
  return undefined;
}

async function proveOne(proof: Proof, address: string, port: number): Promise<Verdict> {
  const untilMs = proof.nowMs() + proof.deadlineMs;
  for (;;) {
    const verdict = await dial(address, port, proof.nonce);
    if (verdict.kind !== 'failed' || proof.nowMs() >= untilMs) return verdict;
    await new Promise((resolve) => setTimeout(resolve, proof.retryMs));
  }
}

const dialTimeoutMs = 2_000;

async function dial(host: string, port: number, nonce: string): Promise<Verdict> {
  return new Promise((resolve) => {
    const options = { host, port, path: '/.tachograph/nonce', agent: false, timeout: dialTimeoutMs };
    const asked = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text = (text + part).slice(0, nonce.length + 1);
      });
      answer.once('end', () =>
        resolve(text === nonce ? { kind: 'proved' } : failed("somebody else than this pod's sidecar answered")),
      );
      answer.once('error', (error) => resolve(failed(describeError(error))));
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.once('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT' || error.code === 'ENETUNREACH';
      resolve(absent ? { kind: 'absent' } : failed(describeError(error)));
    });
    asked.end();
  });
}

function failed(reason: string): Verdict {
  return { kind: 'failed', reason };
}
