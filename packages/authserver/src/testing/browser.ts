/**
 * A scripted browser: a cookie jar per host (ports share it, as in browsers), redirects and `<meta refresh>` followed,
 * forms read and buttons pressed, and the fetch metadata headers of a navigation. It stands on `node:http` because
 * `fetch` lets nobody set Host or Cookie.
 */
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { createCookieJar, type CookieJar } from './cookie-jar.ts';
import { parseForms, refreshTarget, type Form } from './html-forms.ts';

export interface BrowserOptions {
  /** Where a URL is dialled; default: `*.localhost` and `localhost` at 127.0.0.1 on the URL's port. */
  readonly resolve?: (url: URL) => { readonly host: string; readonly port: number };
  /** PEM of authorities to trust instead of the usual. */
  readonly ca?: string;
  /** URLs at which the browser stops instead of asking: a client's callback. */
  readonly stopAt?: (url: URL) => boolean;
}

/** One document, or the callback at which the browser stopped (`status` 0). */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly forms: readonly Form[];
  /** URLs asked on the way to this one, the first first. */
  readonly hops: readonly URL[];
}

export interface Press {
  /** Text in the form's fields. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Headers that replace what the browser would send. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface Browser {
  readonly cookies: CookieJar;
  /** Types a URL into the address bar. */
  open(url: string | URL, headers?: Readonly<Record<string, string | undefined>>): Promise<Page>;
  /** Presses the button whose text or value is `button` in any form of the page. */
  press(page: Page, button: string, how?: Press): Promise<Page>;
  /** One request without following anything: for hostile ones. */
  send(request: BrowserRequest): Promise<Page>;
}

export interface BrowserRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

const maxHops = 20;
const formType = 'application/x-www-form-urlencoded';

/** A browser with an empty jar. */
export function createBrowser(options: BrowserOptions = {}): Browser {
  const cookies = createCookieJar();
  const send = (request: BrowserRequest): Promise<Page> => exchange(request, cookies, options);
  const follow = async (first: BrowserRequest): Promise<Page> => {
    const hops: URL[] = [];
    let request = first;
    while (hops.length < maxHops) {
      hops.push(request.url);
      if (options.stopAt?.(request.url) === true) return { ...stopped(request.url), hops };
      const page = await send(request);
      const next = nextOf(page);
      if (next === undefined) return { ...page, hops };
      request = { url: next, method: 'GET', headers: { ...navigation(siteOf(first.url, next)), ...contextOf(first) } };
    }
    throw new Error(`more than ${maxHops} redirects from ${first.url.href}`);
  };
  return {
    cookies,
    send,
    open: (url, headers = {}) =>
      follow({ url: new URL(url), method: 'GET', headers: { ...navigation('none'), ...headers } }),
    press: (page, button, how = {}) => follow(pressRequest(page, button, how)),
  };
}

/** What a browser sends when a document is asked for. */
export function navigation(site: 'none' | 'same-origin' | 'same-site' | 'cross-site'): Record<string, string> {
  return { accept: 'text/html', 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
}

function pressRequest(page: Page, button: string, { fields = {}, headers = {} }: Press): BrowserRequest {
  const form = page.forms.find(({ buttons }) => buttons.some(({ text, value }) => [text, value].includes(button)));
  const pressed = form?.buttons.find(({ text, value }) => [text, value].includes(button));
  if (form === undefined || pressed === undefined) {
    throw new Error(`no button "${button}" at ${page.url.href} (${page.status}): ${page.text}`);
  }
  const data = new URLSearchParams({ ...form.fields, ...fields });
  if (pressed.name !== '') data.set(pressed.name, pressed.value);
  const url = new URL(form.action === '' ? page.url.href : form.action, page.url);
  const sent = { ...navigation(siteOf(page.url, url)), ...headers };
  if (form.method === 'GET') {
    url.search = data.toString();
    return { url, method: 'GET', headers: sent };
  }
  // A page with Referrer-Policy: no-referrer posts with `Origin: null` (Fetch, section 4.1).
  const origin = page.headers['referrer-policy'] === 'no-referrer' ? 'null' : page.url.origin;
  return { url, method: 'POST', headers: { origin, 'content-type': formType, ...sent }, body: data.toString() };
}

/** A frame or a script stays one through redirects. */
function contextOf({ headers }: BrowserRequest): Record<string, string | undefined> {
  return { 'sec-fetch-mode': headers['sec-fetch-mode'], 'sec-fetch-dest': headers['sec-fetch-dest'] };
}

function siteOf(from: URL, to: URL): 'same-origin' | 'cross-site' {
  return from.origin === to.origin ? 'same-origin' : 'cross-site';
}

function nextOf(page: Page): URL | undefined {
  const { location } = page.headers;
  if (page.status >= 300 && page.status < 400 && location !== undefined) return new URL(location, page.url);
  const target = refreshTarget(page.text);
  return target === undefined ? undefined : new URL(target, page.url);
}

function stopped(url: URL): Omit<Page, 'hops'> {
  return { url, status: 0, headers: {}, text: '', forms: [] };
}

async function exchange(request: BrowserRequest, cookies: CookieJar, options: BrowserOptions): Promise<Page> {
  const { url } = request;
  const jar = cookies.headerFor(url, request.headers['sec-fetch-site'] === 'cross-site' && request.method === 'POST');
  const headers = { host: url.host, ...(jar === '' ? {} : { cookie: jar }), ...request.headers };
  const res = await dial(request, headers, options);
  cookies.store(url, res.headers['set-cookie'] ?? []);
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const { statusCode: status = 0 } = res;
  return { url, status, headers: res.headers, text, forms: parseForms(text), hops: [url] };
}

async function dial(
  { url, method, body }: BrowserRequest,
  headers: Readonly<Record<string, string | undefined>>,
  { resolve = loopback, ca }: BrowserOptions,
): Promise<IncomingMessage> {
  const { host, port } = resolve(url);
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  const to = { host, port, method, path: `${url.pathname}${url.search}`, headers: sent, agent: false };
  return new Promise((done, fail) => {
    const req =
      url.protocol === 'https:'
        ? httpsRequest(
            { ...to, servername: isIP(host) === 0 ? url.hostname : '', ...(ca === undefined ? {} : { ca }) },
            done,
          )
        : httpRequest(to, done);
    req.once('error', fail);
    req.end(body);
  });
}

function loopback(url: URL): { host: string; port: number } {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const local = name === 'localhost' || name.endsWith('.localhost');
  return { host: local ? '127.0.0.1' : name, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
}
