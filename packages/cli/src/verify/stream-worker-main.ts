/** A thread that verifies streams, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { fromStreamTaskData, type StreamState, verifyStreamTask } from '@tachograph/archive';
import { openStore, parseStoreUrl } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { nodeGunzip } from '../archive/node-gunzip.ts';
import { toArchiveSource } from '../archive/open-archive.ts';
import { createStateSaver } from './state-saver.ts';
import type { FromWorker, ToWorker, WorkerArchive } from './stream-worker-messages.ts';

// What starts this file gives it exactly that.
const { address, apiEndpoint, saveEveryMs }: WorkerArchive = workerData;
const port = parentPort;
if (port === null) throw new Error('this program is a thread of tacho verify');

const source = toArchiveSource({
  address,
  store: openStore(address, { apiEndpoint }),
  isBucket: parseStoreUrl(address).kind === 'gcs',
});
const tell = (message: FromWorker): void => port.postMessage(message, []);
let stopping = false;

const saver = createStateSaver({
  nowMs: () => Date.now(),
  everyMs: saveEveryMs,
  isStopping: () => stopping,
  save: (state: StreamState) => tell({ kind: 'state', state }),
});

port.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') stopping = true;
  else void verify(message.task);
});

async function verify(task: Extract<ToWorker, { kind: 'task' }>['task']): Promise<void> {
  try {
    const result = await verifyStreamTask(
      {
        source,
        crypto: nodeCrypto,
        gunzip: nodeGunzip,
        onSegment: (recordBytes) => tell({ kind: 'segment', recordBytes }),
        onState: saver.onState,
      },
      fromStreamTaskData(task),
    );
    tell({ kind: 'result', result });
  } catch (error) {
    if (saver.isStop(error)) tell({ kind: 'stopped' });
    else tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}
