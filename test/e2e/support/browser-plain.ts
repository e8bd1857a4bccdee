import { readFileSync } from 'node:fs';
import { createBrowser, type Page } from '../../../packages/authserver/src/testing/browser.ts';
import type { BrowserSettings, Visit } from './browser.ts';
import { maxPages, rightButton } from './browser-person.ts';

/** Does what a person does, on plain HTTP, where there is no Chromium; adds each page to `visits`. */
export async function pressPlainly(url: string, settings: BrowserSettings, visits: Visit[]): Promise<void> {
  const browser = createBrowser(settings.caFile === undefined ? {} : { ca: readFileSync(settings.caFile, 'utf8') });
  let page = await browser.open(url);
  for (let count = 0; count < maxPages; count += 1) {
    const visit = { url: page.url.href, text: textOf(page) };
    const pressed = buttonsOf(page).find((text) => rightButton.test(text));
    if (pressed === undefined) {
      visits.push(visit);
      return;
    }
    visits.push({ ...visit, pressed });
    page = await browser.press(page, pressed, { fields: { username: settings.person } });
  }
  throw new Error(`no end after ${maxPages} pages`);
}

function buttonsOf(page: Page): readonly string[] {
  return page.forms.flatMap(({ buttons }) => buttons.map(({ text }) => text));
}

/** Only words: nobody reads markup. */
function textOf({ text }: Page): string {
  return text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
