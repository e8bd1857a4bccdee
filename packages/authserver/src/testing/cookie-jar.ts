/** Cookies as a browser keeps them, as far as the tests need it: host-only, by path, SameSite, expiry by Max-Age. */
export interface CookieJar {
  /** `Cookie` for a request; a cross-site POST gets only SameSite=None ones. */
  headerFor(url: URL, crossSitePost: boolean): string;
  store(url: URL, setCookies: readonly string[]): void;
  /** Name, value and host of every cookie: to steal, plant or look. */
  all(): readonly Cookie[];
  plant(cookie: Cookie): void;
}

export interface Cookie {
  readonly host: string;
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Lower-case attribute names and their values. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** An empty jar. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>();
  const plant = (cookie: Cookie): void => {
    cookies.set(`${cookie.host};${cookie.path};${cookie.name}`, cookie);
  };
  return {
    plant,
    all: () => [...cookies.values()],
    headerFor(url, crossSitePost) {
      return [...cookies.values()]
        .filter((cookie) => isFor(cookie, url))
        .filter(({ attributes }) => !crossSitePost || attributes.get('samesite')?.toLowerCase() === 'none')
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ');
    },
    store(url, setCookies) {
      for (const text of setCookies) {
        const cookie = parseCookie(url, text);
        if (isOver(cookie)) cookies.delete(`${cookie.host};${cookie.path};${cookie.name}`);
        else plant(cookie);
      }
    },
  };
}

function isFor({ host, path, attributes }: Cookie, url: URL): boolean {
  const below = url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
  const trusted = url.protocol === 'https:' || url.hostname === 'localhost' || url.hostname.endsWith('.localhost');
  return host === url.hostname && below && (trusted || !attributes.has('secure'));
}

function isOver({ value, attributes }: Cookie): boolean {
  const expires = attributes.get('expires');
  return value === '' || attributes.get('max-age') === '0' || (expires !== undefined && Date.parse(expires) < 1e12);
}

function parseCookie(url: URL, text: string): Cookie {
  const [pair = '', ...rest] = text.split(';').map((part) => part.trim());
  const attributes = new Map(
    rest.map((part) => {
      const equals = part.indexOf('=');
      return equals < 0 ? [part.toLowerCase(), ''] : [part.slice(0, equals).toLowerCase(), part.slice(equals + 1)];
    }),
  );
  const equals = pair.indexOf('=');
  const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
  return { host: url.hostname, name, value, path: attributes.get('path') ?? '/', attributes };
}
