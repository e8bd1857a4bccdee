import type { SettingsReader } from '@tachograph/service';
import { readHttpUrl, readSignedReceiver, type SignedReceiver } from '../http/receiver-settings.ts';

/** Where records and leaves are copied to while the archive grows. */
export interface SinkSettings {
  /** `TACHO_SINK_OTLP_URL` (the collector's base or its `…/v1/logs`), `TACHO_SINK_OTLP_HEADERS_FILE`. */
  readonly otlp: { readonly url: string; readonly headersFile: string | undefined } | undefined;
  /** `TACHO_SINK_WEBHOOK_URL` and `TACHO_SINK_WEBHOOK_SECRET_FILE`: only both together. */
  readonly webhook: SignedReceiver | undefined;
  /** `TACHO_SINK_BODIES`: masked bodies too. */
  readonly bodies: boolean;
  /** `TACHO_SINK_FROM`: where a sink without a cursor begins. */
  readonly from: 'start' | 'now';
  /** `TACHO_SINK_POLL`: how often the log is looked at. */
  readonly pollMs: number;
}

/** Throws `SettingsError`. */
export function readSinkSettings(reader: SettingsReader): SinkSettings {
  const otlp = readHttpUrl(reader, 'TACHO_SINK_OTLP_URL');
  return {
    otlp:
      otlp === undefined
        ? undefined
        : { url: toLogsUrl(otlp), headersFile: reader.text('TACHO_SINK_OTLP_HEADERS_FILE') },
    webhook: readSignedReceiver(reader, {
      url: 'TACHO_SINK_WEBHOOK_URL',
      secretFile: 'TACHO_SINK_WEBHOOK_SECRET_FILE',
    }),
    bodies: reader.flag('TACHO_SINK_BODIES', false),
    from: reader.oneOf('TACHO_SINK_FROM', ['start', 'now'], 'start'),
    pollMs: reader.durationMs('TACHO_SINK_POLL', 2000),
  };
}

/** As OpenTelemetry's exporters read `OTEL_EXPORTER_OTLP_ENDPOINT`: a base gets the path of logs. */
function toLogsUrl(text: string): string {
  const url = new URL(text);
  if (!url.pathname.endsWith('/v1/logs')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/logs`;
  return url.href;
}
