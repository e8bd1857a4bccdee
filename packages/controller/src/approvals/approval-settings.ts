import type { SettingsReader } from '@tachograph/service';
import { parseHttpUrl, readSignedReceiver, type SignedReceiver } from '../http/receiver-settings.ts';

/** Settings of held calls. */
export interface ApprovalSettings {
  /** `TACHO_APPROVAL_URL`: where people reach this controller, or what replaces its page; the page is `<url>/approvals/<id>`. */
  readonly url: string | undefined;
  /** `TACHO_APPROVAL_WEBHOOK_URL` and `TACHO_APPROVAL_WEBHOOK_SECRET_FILE`: only both together. */
  readonly webhook: SignedReceiver | undefined;
  /** `TACHO_APPROVAL_RETENTION`: how long an approval is kept after its end. */
  readonly retentionMs: number;
  /** `TACHO_KUBE_USER_PREFIX`, `TACHO_KUBE_GROUP_PREFIX`: what the API server puts before names of OpenID Connect. */
  readonly kubeUsers: { readonly user: string; readonly group: string };
}

const weekMs = 7 * 86_400_000;

/** Throws `SettingsError`. */
export function readApprovalSettings(reader: SettingsReader): ApprovalSettings {
  return {
    url: reader.parsed('TACHO_APPROVAL_URL', 'an http or https URL without query', parseUrl)?.replace(/\/$/, ''),
    webhook: readSignedReceiver(reader, {
      url: 'TACHO_APPROVAL_WEBHOOK_URL',
      secretFile: 'TACHO_APPROVAL_WEBHOOK_SECRET_FILE',
    }),
    retentionMs: reader.durationMs('TACHO_APPROVAL_RETENTION', weekMs),
    kubeUsers: {
      user: reader.text('TACHO_KUBE_USER_PREFIX') ?? '',
      group: reader.text('TACHO_KUBE_GROUP_PREFIX') ?? '',
    },
  };
}

function parseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  return url !== null && url.search === '' && url.hash === '' ? parseHttpUrl(text) : undefined;
}
