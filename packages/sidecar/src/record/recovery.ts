import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, type Logger } from '@tachograph/service';
import { recoverStream, type RecoveredStream } from './recovered-stream.ts';
import { blobsDir, isStreamName, streamFile } from './spool-layout.ts';

/**
 * Goes through the streams that earlier starts left in the spool, oldest first. One that cannot be read stays where it
 * is and is logged. Two processes must never share a spool: the second would take the first one's stream for a dead one.
 */
export async function recoverSpool(spoolDir: string, log: Logger): Promise<readonly RecoveredStream[]> {
  const recovered: RecoveredStream[] = [];
  // UUIDv7 names sort by the time of their making.
  for (const name of (await readdir(spoolDir)).filter(isStreamName).toSorted()) {
    const dir = join(spoolDir, name);
    try {
      const stream = await recoverStream(dir);
      if (stream === undefined) await dropEmpty(dir, log);
      else recovered.push(reported(stream, log));
    } catch (error) {
      log.error('stream not recovered', { stream: name, err: describeError(error) });
    }
  }
  return recovered;
}

/** What a kill alone never leaves behind is worth an alarm. */
function reported(stream: RecoveredStream, log: Logger): RecoveredStream {
  const { damagedBytes, unsignable } = stream;
  if (damagedBytes > 0 || unsignable) {
    log.error('earlier stream is damaged', { stream: stream.stream, damagedBytes, unsignable });
  }
  return stream;
}

/** A start that was killed before its first line. Lines without `stream.json` mean a damaged volume: they are kept. */
async function dropEmpty(dir: string, log: Logger): Promise<void> {
  const hasLines = readdirSync(dir).some((file) => file.includes('.jsonl') && statSync(join(dir, file)).size > 0);
  if (hasLines || existsSync(streamFile(dir))) log.error('stream without a readable stream.json kept', { dir });
  else await rm(dir, { recursive: true });
}

/** Removes blobs that no segment names: their records were never written. */
export async function dropOrphanBlobs(spoolDir: string, named: ReadonlySet<string>): Promise<void> {
  const dir = blobsDir(spoolDir);
  for (const file of await readdir(dir)) if (!named.has(file)) await rm(join(dir, file), { force: true });
}
