import { chromium, type Page } from 'playwright-core';
import type { BrowserSettings, Visit } from './browser.ts';
import { maxPages, rightButton } from './browser-person.ts';

/** Does what a person does, in a real browser; adds each page to `visits`. */
export async function pressInChromium(url: string, settings: BrowserSettings, visits: Visit[]): Promise<void> {
  const browser = await chromium.launch({
    ...(settings.chromium === undefined ? {} : { executablePath: settings.chromium }),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    // The company's laptops know the company's authority; this one has no store to put it in.
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(url);
    for (let count = 0; count < maxPages; count += 1) if (!(await press(page, settings.person, visits))) return;
    throw new Error(`no end after ${maxPages} pages`);
  } finally {
    await browser.close();
  }
}

async function press(page: Page, person: string, visits: Visit[]): Promise<boolean> {
  const visit = await arrived(page);
  const button = page.getByRole('button', { name: rightButton });
  if ((await button.count()) === 0) {
    visits.push(visit);
    return false;
  }
  const pressed = (await button.first().innerText()).trim();
  visits.push({ ...visit, pressed });
  const name = page.locator('input[name=username]');
  if ((await name.count()) > 0) await name.fill(person);
  await Promise.all([page.waitForNavigation(), button.first().click()]);
  return true;
}

/** Past redirects and pages that go on by themselves; address and words of one and the same document. */
async function arrived(page: Page): Promise<Visit> {
  await page.waitForFunction(
    `document.readyState === 'complete' && document.querySelector('meta[http-equiv=refresh]') === null`,
  );
  return page.evaluate<Visit>('({ url: location.href, text: document.body.innerText })');
}
