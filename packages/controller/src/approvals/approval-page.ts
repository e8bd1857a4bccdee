/** Where a link to a held call leads until there is a console: it says how to decide, and nothing of the call. */

/** `policy`: the page's Content-Security-Policy. */
export interface Page {
  readonly html: string;
  readonly policy: string;
}

/** `id` has been checked to be a UUID. */
export function approvalPage(id: string): Page {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Held call ${id}</title>
<h1>A call waits for approval</h1>
<p>Its arguments are shown to those who may decide on it, and nobody decides on their own call.</p>
<pre>
tacho approvals show ${id}
tacho approvals approve ${id} --reason "why"
tacho approvals deny ${id} --reason "why"
</pre>
</html>
`;
  return { html, policy: "default-src 'none'; frame-ancestors 'none'" };
}
