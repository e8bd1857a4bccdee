/** A process of its own with a masking thread that is given what no heap can hold; says what became of it, and of the next. */
import { silentLogger } from '@tachograph/service';
import { LongBytes } from './long-bytes.ts';
import { createMaskThread } from './mask-thread.ts';

const thread = createMaskThread({ log: silentLogger, timeoutMs: 60_000 });
const fill = process.argv[2] ?? '';
const length = Number(process.argv[3]);
const { createMasker } = await import('@tachograph/masking');
const { nodeMaskCrypto } = await import('./node-crypto.ts');
const masker = createMasker({}, nodeMaskCrypto);

async function mask(text: string): Promise<string> {
  const outcomes = [];
  for (const form of ['content', 'json'] as const) {
    const body = new LongBytes(Buffer.from(text), '');
    const outcome = await thread.mask({ spec: {} }, masker.rulesHash, { form, body });
    outcomes.push(outcome.kind === 'refused' ? outcome.reason : outcome.kind);
  }
  return outcomes.join(' ');
}

const unit = fill === '\\n' ? '\n' : fill;
const inner = unit.repeat(Math.floor(length / unit.length));
const kind = process.argv[4] ?? 'string';
const params = kind === 'string' ? JSON.stringify(inner).slice(0, length) : `[${inner}${unit.replaceAll(',', '')}]`;
const value = kind === 'string' ? JSON.stringify(inner) : params;
const said = await mask(`{"jsonrpc":"2.0","id":1,"result":{"a":${value}}}`);
const next = await mask('{"jsonrpc":"2.0","id":2,"result":{}}');
process.stdout.write(`${said} | ${next} | ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\n`);
await thread.close();
