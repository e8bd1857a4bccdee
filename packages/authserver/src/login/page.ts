/** The frame of every page: no script, no foreign thing, no frame around it. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { html, type Html } from './html.ts';

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:38rem;margin:3rem auto;padding:0 1rem}h1{font-size:1.4rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
.warning{border-left:.25rem solid #b45309;padding:.25rem 1rem}button{font:inherit;padding:.5rem 1rem;margin-right:.5rem}`;

/** One piece: the policy's hash is of every byte between the tags. */
const styleElement: Html = { kind: 'html', text: `<style>${style}</style>` };
const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * `form-action 'self'` holds for redirects after a form too (as Chromium reads it): an answer to a form is therefore a page
 * that moves on by `<meta http-equiv="refresh">`, never a redirect to another origin.
 */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Headers of everything that a browser gets here. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Of a page with a form. Under `no-referrer` browsers post it with `Origin: null` (Fetch, section 4.1), and those that send
 * no Fetch Metadata would prove nothing. Other sites get no referrer either way.
 */
export const formHeaders: Readonly<Record<string, string>> = { 'referrer-policy': 'same-origin' };

export interface PageText {
  readonly title: string;
  readonly body: Html;
  /** Where the browser goes on its own, at once. Must be an absolute URL or a path of ours. */
  readonly next?: string;
  /** Instead of those of `pageHeaders`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with a page. */
export function sendPage(response: ServerResponse, status: number, { title, body, next, headers }: PageText): void {
  const refresh = next === undefined ? html`` : html`<meta http-equiv="refresh" content="0; url=${next}" />`;
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="robots" content="noindex" />
        ${refresh}
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
  response.writeHead(status, { ...pageHeaders, ...headers, 'content-type': 'text/html; charset=utf-8' }).end(text);
}

/** 303 to a URL or a path; nothing is rendered. */
export function sendOn(response: ServerResponse, location: string): void {
  response.writeHead(303, { ...pageHeaders, location }).end();
}
