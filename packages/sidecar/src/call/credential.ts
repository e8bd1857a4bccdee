/** What a request carries towards the server that its caller did not send. */
import type { OutgoingCredential } from '../upstream/forwarder.ts';
import type { Exchange } from './exchange.ts';
import type { CallContext } from './ports.ts';

/** Why nothing can be sent to the server now; `undefined` where the policy asks for no credential, or it is there. */
export function missingCredential({ credentials }: CallContext, { upstream }: Exchange): string | undefined {
  const credential = upstream === undefined ? undefined : credentials.of(upstream);
  return credential?.kind === 'missing' ? credential.reason : undefined;
}

/** The header to send, or only to drop where `isAdded` is false; a text says why it cannot be sent. */
export function credentialFor(
  { credentials }: CallContext,
  { upstream }: Exchange,
  isAdded: boolean,
): OutgoingCredential | string | undefined {
  if (upstream === undefined) return undefined;
  const hidden = credentials.values();
  if (!isAdded) return { header: upstream.header, hidden };
  const credential = credentials.of(upstream);
  return credential.kind === 'missing' ? credential.reason : { ...credential, hidden };
}
