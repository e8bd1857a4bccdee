// litewitness on loopback: its key in an agent, the log that it watches in its database.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { freePort, until } from '../../demo/processes.mjs';
import { tool } from './tools.mjs';

const name = 'witness.example/drill';

function startAgent(dir) {
  const socket = join(dir, 'agent');
  const key = join(dir, 'witness-key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  return { agent, socket, key };
}

function addKey({ socket, key }) {
  execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  const [, fingerprint] = execFileSync('ssh-keygen', ['-l', '-f', `${key}.pub`], { encoding: 'utf8' }).split(' ');
  return fingerprint;
}

/** A log is known by its origin and key; it begins empty. */
function teach(file, { origin, vkey }) {
  const database = new DatabaseSync(file);
  database.exec(`
    CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
    CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin));
  `);
  const empty = createHash('sha256').digest('base64');
  database.prepare('INSERT INTO log VALUES (?, 0, ?)').run(origin, empty);
  database.prepare('INSERT INTO key VALUES (?, ?)').run(origin, vkey);
  database.close();
}

/** Starts a witness that watches one log. `vkey`: as the log's operator writes it into TACHO_WITNESSES. */
export async function startWitness(parent, log) {
  const dir = join(parent, 'witness');
  mkdirSync(dir);
  const program = await tool('litewitness');
  const agent = startAgent(dir);
  const fingerprint = await until('the agent', async () => addKey(agent));
  const database = join(dir, 'witness.db');
  teach(database, log);
  const port = await freePort();
  const args = ['-name', name, '-db', database, '-ssh-agent', agent.socket, '-key', fingerprint];
  const child = spawn(program, [...args, '-listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk) => (text += chunk));
  const stop = async () => {
    for (const one of [child, agent.agent]) one.kill('SIGTERM');
  };
  try {
    const vkey = await until('the witness', () => /vkey=(\S+)/.exec(text)?.[1]?.replaceAll('"', ''));
    const url = `http://127.0.0.1:${port}`;
    const post = async (body) => {
      const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
      return { status: response.status, text: await response.text() };
    };
    return { name, vkey, url, post, stop };
  } catch (error) {
    await stop();
    throw new Error(`litewitness did not start: ${text.trim().split('\n').at(-1)}`, { cause: error });
  }
}
