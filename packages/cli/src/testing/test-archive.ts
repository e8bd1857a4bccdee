/** A small archive in a directory, for the command line's tests. */
import { objectNames } from '@tachograph/protocol';
import { createDirectoryStore } from '@tachograph/store';
import { ArchiveBuilder, builtDay } from './archive-builder.ts';

export const session = '01932b00-0000-7000-8000-0000000000aa';

/** Where things are, and what the verifier believes. */
export interface TestArchive {
  readonly policy: string;
  readonly segment: string;
  readonly manifest: string;
  readonly blob: string;
  readonly checkpoint: string;
}

/** One closed stream of one segment, with one session of one call, whose answer is a blob. */
export async function writeTestArchive(dir: string): Promise<TestArchive> {
  const archive = new ArchiveBuilder(createDirectoryStore(dir));
  const stream = archive.openStream();
  const blob = await stream.blob('{"big":"answer"}');
  stream.add({ kind: 'session.open', session });
  stream.add({ kind: 'mcp.request', session, dir: 'c2s', body: '{"jsonrpc":"2.0","id":1,"method":"tools/call"}' });
  stream.add({ kind: 'mcp.response', session, dir: 's2c', blob });
  const { segment, manifest } = await stream.closeAll(session);
  const checkpoint = await archive.publish();
  const names = { segment, manifest, blob: objectNames.blob(builtDay, stream.stream, blob.sha256) };
  return { policy: archive.policy, checkpoint, ...names };
}
