// Starts and ends the demo's processes: each one a real program of this repository, on loopback.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { openSync } from 'node:fs';
import { join } from 'node:path';

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Keeps track of children so that nothing is left running, whatever happens. */
export function createProcesses(logDir) {
  const children = [];

  /** Starts `node SCRIPT ARGS…`; its output goes to `<name>.log`. */
  const start = (name, script, { args = [], env = {} } = {}) => {
    const log = openSync(join(logDir, `${name}.log`), 'a');
    const child = spawn(process.execPath, [script, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', log, log],
    });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    const entry = { name, child, ended };
    children.push(entry);
    return entry;
  };

  const stopAll = async () => {
    for (const entry of children.toReversed()) await stop(entry);
  };

  return { start, stop, stopAll, logDir };
}

/** SIGTERM, then SIGKILL after five seconds. */
async function stop({ child, ended }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}

/** Runs a program to its end, or until it is killed after `timeoutMs`; returns exit code and output. */
export async function run(script, args, env = {}, { timeoutMs } = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' }),
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => (output[name] += chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, ...output };
}

/** Polls until `probe` gives something; fails with what was waited for. */
export async function until(what, probe, timeoutMs = 20_000) {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const found = await Promise.resolve(probe()).catch(() => undefined);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`);
}

/** True when the URL answers below 500. */
export async function answers(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
  await response.arrayBuffer();
  return response.status < 500;
}
