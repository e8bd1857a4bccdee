/** `verify.html`: choose a zip and a policy, and see what they prove. No network: the page's own policy forbids it. */
import type { PageDocument, PageElement } from './dom.ts';
import { render } from './render.ts';
import { digestOf, verifyZip } from './verify-zip.ts';

declare global {
  // oxlint-disable-next-line no-var -- a global is declared so
  var document: PageDocument | undefined;
  // oxlint-disable-next-line no-var -- a global is declared so
  var tachographVerify: typeof verifyZip;
}

globalThis.tachographVerify = verifyZip;
if (globalThis.document !== undefined) start(globalThis.document);

function start(page: PageDocument): void {
  const find = (id: string): PageElement => {
    const found = page.getElementById(id);
    if (found === null) throw new Error(`the page lacks ${id}`);
    return found;
  };
  const [zip, file, policy, digest, button, result] = [
    'zip',
    'policy-file',
    'policy',
    'digest',
    'verify',
    'result',
  ].map(find);
  if (!zip || !file || !policy || !digest || !button || !result) return;
  const showDigest = (): void => {
    digest.textContent = `SHA-256 of the policy: ${digestOf(policy.value ?? '')}`;
  };
  policy.addEventListener('input', showDigest);
  file.addEventListener('change', () => {
    void file.files?.[0]?.text().then((text) => {
      policy.value = text;
      return showDigest();
    });
  });
  button.addEventListener('click', () => void verify(page, { zip, policy, result }));
}

async function verify(
  page: PageDocument,
  { zip, policy, result }: Readonly<Record<'zip' | 'policy' | 'result', PageElement>>,
): Promise<void> {
  const chosen = zip.files?.[0];
  if (chosen === undefined) {
    result.textContent = 'Choose the exported zip first.';
    return;
  }
  result.textContent = 'Verifying …';
  const bytes = new Uint8Array(await chosen.arrayBuffer());
  await render(page, result, await verifyZip(bytes, policy.value ?? ''));
}
