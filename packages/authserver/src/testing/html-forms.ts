/** Forms of the few pages that the tests meet: enough HTML to fill them in, no more. */
export interface Form {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** Names and values of inputs. */
  readonly fields: Readonly<Record<string, string>>;
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
}

/** Every form of a page, in order. */
export function parseForms(html: string): readonly Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', body = '']) => ({
    action: attribute(head, 'action'),
    method: attribute(head, 'method').toUpperCase() === 'POST' ? 'POST' : 'GET',
    fields: Object.fromEntries(
      [...body.matchAll(/<input\b([^>]*)>/gi)].map(([, input = '']) => [
        attribute(input, 'name'),
        attribute(input, 'value'),
      ]),
    ),
    buttons: [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(([, button = '', text = '']) => ({
      name: attribute(button, 'name'),
      value: attribute(button, 'value'),
      text: unescape(text.trim()),
    })),
  }));
}

/** Where `<meta http-equiv="refresh">` leads. */
export function refreshTarget(html: string): string | undefined {
  const meta = /<meta\b[^>]*http-equiv="refresh"[^>]*>/i.exec(html)?.[0];
  return meta === undefined ? undefined : /url=(.*)$/i.exec(attribute(meta, 'content'))?.[1];
}

function attribute(tag: string, name: string): string {
  return unescape(new RegExp(`(?:^|\\s)${name}="([^"]*)"`, 'i').exec(tag)?.[1] ?? '');
}

function unescape(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#(\d+);/g, (_whole, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&amp;/g, '&');
}
