// Tessera's fsck exits 0 after a failed check and hangs on a damaged log: only its success line, in time, counts.
import { spawn } from 'node:child_process';
import { tool } from './tools.mjs';

/** Checks the tiles in a directory against the log's key. */
export async function fsck(dir, vkeyFile, timeoutMs) {
  const program = await tool('fsck');
  const args = ['-storage_url', `file://${dir}/`, '-public_key', vkeyFile, '-ui=false'];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { passed: text.includes("Successfully fsck'd"), line: text.trim().split('\n').at(-1) ?? '' };
}
