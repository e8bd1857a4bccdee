/** The strict provider's login page: a name, a button, and a button that cancels. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { IdpClaims } from './idp-users.ts';

interface IdpLogin {
  readonly provider: Provider;
  readonly users: readonly IdpClaims[];
}

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Corp login</title>
<h1>Corp login</h1>
<form method="post"><label>User name <input name="username" autocomplete="off"></label>
<button name="action" value="login">Log in</button>
<button name="action" value="cancel">Cancel</button></form></html>`;

/** Answers everything under /interaction/. */
export async function answerIdpLogin(
  { provider, users }: IdpLogin,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  try {
    await provider.interactionDetails(req, res);
    if (req.method !== 'POST') {
      show(res, 200, page);
      return;
    }
    const form = await readForm(req);
    if (form.get('action') === 'cancel') {
      await provider.interactionFinished(req, res, { error: 'access_denied', error_description: 'user cancelled' });
      return;
    }
    const user = users.find(({ sub }) => sub === form.get('username'));
    if (user === undefined) {
      show(res, 401, page);
      return;
    }
    await provider.interactionFinished(req, res, { login: { accountId: user.sub, remember: false } });
  } catch (error) {
    show(res, 400, `<!doctype html><title>Error</title><p>${error instanceof Error ? error.name : 'error'}`);
  }
}

function show(res: ServerResponse, status: number, html: string): void {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
}

async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
