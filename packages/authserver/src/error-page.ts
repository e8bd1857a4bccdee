import type { ServerResponse } from 'node:http';

const style = 'body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}';

/** Headers of every page: nothing loads, nothing frames it, nothing keeps it. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** The page that a browser shows when a login cannot go on. Both texts are escaped. */
export function errorPage(error: string, description: string): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Login failed</title>',
    `<style>${style}</style></head><body><h1>Login failed</h1>`,
    `<p>${escapeHtml(description)}</p><p><code>${escapeHtml(error)}</code></p>`,
    '<p>Go back to the program that opened this page and connect again.</p></body></html>',
  ].join('');
}

/** Answers with an error page. */
export function answerErrorPage(response: ServerResponse, status: number, error: string, description: string): void {
  response.writeHead(status, { ...pageHeaders }).end(errorPage(error, description));
}

/** Answers a program: an OAuth error as JSON (RFC 6749 section 5.2). */
export function answerError(response: ServerResponse, status: number, error: string, description: string): void {
  const body = JSON.stringify({ error, error_description: description });
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body);
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
