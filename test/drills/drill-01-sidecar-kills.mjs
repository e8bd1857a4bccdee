// The kill loop as it is, 200 times; its last line of JSON is the figures.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../kill-loop/kill-loop.mjs', import.meta.url));

async function killLoop(count) {
  const child = spawn(process.execPath, [script, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  // A drill that is interrupted leaves no loop behind.
  process.once('exit', () => child.kill('SIGTERM'));
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const line = text.split('\n').find((one) => one.startsWith('{'));
  return { code, facts: line === undefined ? undefined : JSON.parse(line), text };
}

export const drill = {
  number: 1,
  title: 'SIGKILL of the sidecar under load, 200 times',
  scaled: 'none',
  async run() {
    const { code, facts, text } = await killLoop(200);
    if (facts === undefined) return { figures: {}, wrong: [text.trim().split('\n').at(-1) ?? 'no figures'] };
    const { kills, sent, acknowledged, archived, lost, cut, open, unexplained, resumes, findings, verify } = facts;
    return {
      figures: { kills, sent, acknowledged, archived, refused: 0, lost, cut, findings, exit: verify },
      wrong: code === 0 ? [] : [`kill loop: exit ${code}`],
      note: `${resumes} resumes name ${open} requests without an answer; ${unexplained} unexplained`,
    };
  },
};
