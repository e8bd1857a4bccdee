/** Records under load until it is killed; prints its stream, and writes seq and hash of every acknowledged record to a file. */
import { openSync, writeSync } from 'node:fs';
import type { Durability } from '@tachograph/protocol';
import { createMetrics, silentLogger, systemClock } from '@tachograph/service';
import { createRecorder } from './create-recorder.ts';
import { testSettings } from './recording.test-support.ts';

const [spoolDir = '', level = 'process', acknowledgements = ''] = process.argv.slice(2);
const durability: Durability = level === 'node' ? 'node' : 'process';

const { recorder } = await createRecorder({
  settings: testSettings(spoolDir, { durability, quotaBytes: 2 * 1024 ** 3 }),
  about: { version: '0.1.0', settingsDigest: '0'.repeat(64), stepsOff: [] },
  log: silentLogger,
  clock: systemClock,
  metrics: createMetrics(),
});
const acknowledged = openSync(acknowledgements, 'a');
writeSync(1, `${recorder.stream}\n`);
const session = await recorder.session({ iss: 'i', sub: 's', clientId: 'c', clientName: 'n' }, {});

async function write(writer: number): Promise<never> {
  for (let i = 0; ; i += 1) {
    const exchange = i * 16 + writer;
    const id = String(exchange);
    const body = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"text":"${'x'.repeat((i * 37) % 3000)}"}}`;
    const call = { session, exchange, jsonrpc_request_id: id };
    const asked = await recorder.append({ kind: 'mcp.request', dir: 'c2s', ...call, body });
    writeSync(acknowledged, `${asked.seq} ${asked.hash}\n`);
    const answered = await recorder.append({ kind: 'mcp.response', dir: 's2c', ...call, body: '{}' });
    writeSync(acknowledged, `${answered.seq} ${answered.hash}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
