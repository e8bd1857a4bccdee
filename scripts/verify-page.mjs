// The verification page of exports, one self-contained file:   node scripts/verify-page.mjs [FILE]
// Its content security policy names the hashes of its one script and its one style, and nothing else.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'packages/cli/src/export/page');

/** The page's text. The same sources give the same bytes. */
export async function buildVerifyPage() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(source, 'page-main.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    conditions: ['source'],
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  const script = outputFiles[0].text;
  const style = readFileSync(join(source, 'page.css'), 'utf8');
  if (/<\/script|<!--/i.test(script)) throw new Error('the script would end the script element');
  const html = fill(readFileSync(join(source, 'page.html'), 'utf8'), { SCRIPT: script, STYLE: style });
  return fill(html, { SCRIPT_SHA256: digestOf(html, 'script'), STYLE_SHA256: digestOf(html, 'style') });
}

function fill(html, parts) {
  return html.replaceAll(/%([A-Z0-9_]+)%/g, (whole, name) => parts[name] ?? whole);
}

/** Of all that stands in the element, the space around included: that is what a browser hashes. */
function digestOf(html, element) {
  const [content, ...others] = html.split(`<${element}>`).slice(1);
  if (content === undefined || others.length > 0) throw new Error(`expected one ${element} element`);
  return digest(content.slice(0, content.indexOf(`</${element}>`)));
}

function digest(text) {
  return createHash('sha256').update(text).digest('base64');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? join(root, 'out/verify-page.html');
  mkdirSync(dirname(file), { recursive: true });
  const page = await buildVerifyPage();
  writeFileSync(file, page);
  console.log(`verify-page.html         ${(page.length / 1000).toFixed(0).padStart(6)} kB`);
}
