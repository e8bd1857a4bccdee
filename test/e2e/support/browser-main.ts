/** The program behind `BROWSER`: SETTINGS.json URL. Logs in, consents, follows to the client's callback, writes what it saw. */
import { appendFileSync, readFileSync } from 'node:fs';
import type { BrowserSettings, Login, Visit } from './browser.ts';
import { pressInChromium } from './browser-chromium.ts';
import { pressPlainly } from './browser-plain.ts';

const [, , file = '', url = ''] = process.argv;
const settings = JSON.parse(readFileSync(file, 'utf8')) as BrowserSettings & { readonly log: string };
const engine = settings.chromium === undefined ? 'plain' : 'chromium';

async function login(): Promise<Login> {
  const visits: Visit[] = [];
  try {
    await (engine === 'chromium' ? pressInChromium : pressPlainly)(url, settings, visits);
    return { engine, opened: url, visits };
  } catch (error) {
    return { engine, opened: url, visits, error: error instanceof Error ? error.message : String(error) };
  }
}

appendFileSync(settings.log, `${JSON.stringify(await login())}\n`);
