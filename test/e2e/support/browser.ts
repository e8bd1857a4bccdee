import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './kubectl.ts';

/** One page that the scripted person saw; the last of a login is the client's own callback. */
export interface Visit {
  readonly url: string;
  /** What the page says, as a person reads it. */
  readonly text: string;
  /** Name of the button that was pressed on it. */
  readonly pressed?: string;
}

/** One opening of a URL by a client. */
export interface Login {
  readonly engine: 'chromium' | 'plain';
  readonly opened: string;
  readonly visits: readonly Visit[];
  readonly error?: string;
}

/** A browser as clients start it (`BROWSER`), with a person in front of it who logs in and consents. */
export interface ScriptedBrowser {
  /** The executable: takes a URL, answers at once and goes on in the background. */
  readonly command: string;
  /** Every login that a client has begun, when all have come to their end, the oldest first. */
  logins(): Promise<readonly Login[]>;
}

export interface BrowserSettings {
  /** Login name at the company's provider. */
  readonly person: string;
  /** Executable; without it a browser on plain HTTP presses the same buttons. */
  readonly chromium: string | undefined;
  /** PEM file of the company provider's authority. */
  readonly caFile: string | undefined;
}

const program = fileURLToPath(new URL('browser-main.ts', import.meta.url));

/** Writes the executable into a directory of its own. */
export function scriptedBrowser(settings: BrowserSettings): ScriptedBrowser {
  const dir = mkdtempSync(join(tmpdir(), 'tacho-browser-'));
  const log = join(dir, 'logins.jsonl');
  const command = join(dir, 'browser');
  const opened = join(dir, 'opened.log');
  for (const file of [log, opened]) writeFileSync(file, '');
  writeFileSync(join(dir, 'settings.json'), JSON.stringify({ ...settings, log }));
  const node = [process.execPath, program, join(dir, 'settings.json')];
  const quoted = node.map((part) => `'${part}'`).join(' ');
  const output = join(dir, 'output.log');
  // A session of its own: a client that ends takes the processes of its terminal with it.
  writeFileSync(command, `#!/bin/sh\necho "$1" >> '${opened}'\nsetsid ${quoted} "$1" >> '${output}' 2>&1 &\n`, {
    mode: 0o755,
  });
  return {
    command,
    logins: async () =>
      until('the browser to end', async () => endedLogins(linesOf(log), linesOf(opened).length), 150_000),
  };
}

function endedLogins(lines: readonly string[], opened: number): readonly Login[] | undefined {
  return lines.length === opened ? lines.map((line) => JSON.parse(line) as Login) : undefined;
}

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
