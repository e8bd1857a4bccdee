/**
 * The verification page of an export in a real browser, which has the last word on its content security policy.
 * TACHO_TEST_CHROMIUM is its path; `test/tools/chromium.sh` unpacks one where there is none.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore } from '@tachograph/store';
import { type Browser, chromium, type Page } from 'playwright-core';
import { openExport } from '../packages/cli/src/export/read-export.ts';
import { ArchiveBuilder } from '../packages/cli/src/testing/archive-builder.ts';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';

const here = dirname(fileURLToPath(import.meta.url));
const session = '01932b00-0000-7000-8000-0000000000a1';
const hostile = '{"html":"<img src=x onerror=alert(1)><script>alert(2)</script>\u202e"}';
const executablePath = findChromium();

function findChromium(): string {
  const named = process.env['TACHO_TEST_CHROMIUM'] ?? '';
  if (named !== '') return named;
  return spawnSync(join(here, 'tools/chromium.sh'), ['--cached'], { encoding: 'utf8' }).stdout.trim();
}

if (executablePath === '') process.stderr.write('no Chromium (test/tools/chromium.sh): its tests are skipped\n');

let root = '';
let zip = '';
let policy = '';
let witnessed = '';
let verifyPage = '';
let chrome: Browser | undefined;
let page: Page;
/** What the browser complained of, asked for, or was made to show. */
let events: string[];

beforeAll(async () => {
  if (executablePath === '') return;
  execFileSync(process.execPath, [join(here, '../scripts/verify-page.mjs')]);
  root = mkdtempSync(join(tmpdir(), 'tacho-page-'));
  await writeExport();
  chrome = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
});

afterAll(async () => {
  await chrome?.close();
  if (root !== '') rmSync(root, { recursive: true, force: true });
});

async function writeExport(): Promise<void> {
  const bucket = join(root, 'bucket');
  mkdirSync(bucket);
  const archive = new ArchiveBuilder(openStore(bucket));
  const stream = archive.openStream();
  stream.add({ kind: 'session.open', session });
  stream.add({ kind: 'mcp.request', session, dir: 'c2s', body: hostile });
  await stream.seal();
  await stream.close(session);
  await stream.seal();
  await archive.publish();
  [policy, witnessed, zip] = ['policy.txt', 'witnessed.txt', 'session.zip'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(policy, archive.policy);
  writeFileSync(witnessed, archive.witnessedPolicy);
  const exported = await runCli(['export', '--session', session, '--out', zip, '--bucket', bucket]);
  if (exported.code !== 0) throw new Error(exported.err);
  const file = await openExport(zip);
  verifyPage = join(root, 'verify.html');
  writeFileSync(verifyPage, (await file.source.get('verify.html')) ?? '');
  file.close();
}

beforeEach(async () => {
  if (chrome === undefined) return;
  events = [];
  page = await chrome.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => events.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => events.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(verifyPage).href) events.push(`request: ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    events.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  // As it lies beside the zip, opened from the disk.
  await page.goto(pathToFileURL(verifyPage).href);
});

afterEach(async () => {
  if (chrome !== undefined) await page.close();
});

/** What a person does; what the page then says. */
async function verify(zipFile: string, policyFile: string): Promise<string> {
  await page.setInputFiles('#zip', zipFile);
  await page.setInputFiles('#policy-file', policyFile);
  await page.getByText(`SHA-256 of the policy: ${sha256(readFileSync(policyFile))}`).waitFor();
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.locator('#result > :not(:empty)').first().waitFor();
  return await page.locator('#result').innerText();
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

(executablePath === '' ? describe.skip : describe)('the verification page in Chromium', () => {
  test('runs under its own policy, and asks nobody for anything', async () => {
    expect(await page.title()).toBe('Verify a Tachograph export');
    expect(await page.locator('button').evaluate((button) => button.ownerDocument.styleSheets.length)).toBe(1);
    expect(await verify(zip, policy)).toContain('verified; self-consistent, not independently anchored');
    expect(events).toEqual([]);
  });

  test('says how far witnesses reach', async () => {
    expect(await verify(zip, witnessed)).toContain("verified; cosigned by the policy's witnesses up to log size");
    expect(events).toEqual([]);
  });

  test('shows recorded texts as texts, whatever they are', async () => {
    const shown = await verify(zip, policy);
    expect(shown).toContain(`session ${session}`);
    expect(shown).toContain('<img src=x onerror=alert(1)><script>alert(2)</script>\\u202e');
    expect(await page.locator('#result img, #result script').count()).toBe(0);
    expect(events).toEqual([]);
  });

  test('names what was altered', async () => {
    const bytes = readFileSync(zip);
    const name = bytes.indexOf('v1/records/');
    // Within the stored segment, after its name in the zip.
    const at = bytes.indexOf('.jsonl.gz', name) + 40;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const damaged = join(root, 'damaged.zip');
    writeFileSync(damaged, bytes);
    expect(await verify(damaged, policy)).toMatch(/TAMPERED|Not judged/);
    expect(events).toEqual([]);
  });

  test('a policy of another log is not believed', async () => {
    const other = join(root, 'other.txt');
    writeFileSync(other, 'log x\n');
    expect(await verify(zip, other)).toContain('line 1');
  });
});
