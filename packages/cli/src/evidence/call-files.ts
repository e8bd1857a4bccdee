/** The call log: each call as a line of OCSF and of CEF, after a line that says what the file is. */
import { join } from 'node:path';
import { type ApiActivity, ocsfVersion } from '@tachograph/protocol';
import type { Call } from './call-log.ts';
import { cefLine, toCef } from './cef.ts';
import { type EvidenceHeader, headerLines } from './evidence-header.ts';
import { createLineSpool } from './line-spool.ts';
import { toOcsf } from './ocsf.ts';

/** Lines kept on disk until the header is known. */
export interface CallFiles {
  readonly count: number;
  add(call: Call): void;
  ocsf(header: EvidenceHeader): AsyncGenerator<string>;
  cef(header: EvidenceHeader): AsyncGenerator<string>;
  close(): void;
}

export function createCallFiles(dir: string, version: string): CallFiles {
  const ocsf = createLineSpool(join(dir, 'ocsf.lines'));
  const cef = createLineSpool(join(dir, 'cef.lines'));
  return {
    get count() {
      return ocsf.count;
    },
    add(call) {
      ocsf.add(JSON.stringify(toOcsf(call, version)));
      cef.add(toCef(call, version));
    },
    async *ocsf(header) {
      yield `${JSON.stringify(toExportEvent(header, version))}\n`;
      for await (const line of ocsf.lines()) yield `${line}\n`;
    },
    async *cef(header) {
      yield `${toExportLine(header, version)}\n`;
      for await (const line of cef.lines()) yield `${line}\n`;
    },
    close() {
      ocsf.close();
      cef.close();
    },
  };
}

/** The export is itself an API activity: its event carries what every file names. */
function toExportEvent(header: EvidenceHeader, version: string): ApiActivity {
  const operation = `tacho evidence ${header.framework.id}`;
  return {
    class_uid: 6003,
    class_name: 'API Activity',
    category_uid: 6,
    category_name: 'Application Activity',
    activity_id: 99,
    activity_name: 'export',
    type_uid: 600399,
    severity_id: 1,
    severity: 'Informational',
    status_id: header.mark.startsWith('UNVERIFIED') ? 2 : 1,
    status: header.mark.startsWith('UNVERIFIED') ? 'Failure' : 'Success',
    status_detail: header.mark,
    time: Date.parse(header.madeAt),
    message: `${operation}: what this file holds`,
    actor: { user: { uid: 'tacho', name: 'tacho', type: 'Service', type_id: 4 } },
    api: { operation, service: { name: 'tacho', uid: header.log }, request: { uid: header.checkpoint.root } },
    src_endpoint: { name: 'tacho' },
    dst_endpoint: { name: header.archive, svc_name: header.log },
    message_context: { ai_role_id: 3, application: { name: 'tacho' }, service: { name: 'tacho' } },
    metadata: {
      version: ocsfVersion,
      profiles: ['ai_operation'],
      product: { name: 'Tachograph', vendor_name: 'Tachograph', version },
      uid: `export:${header.checkpoint.root}:${header.madeAt}`,
      original_time: header.madeAt,
      log_name: header.log,
    },
    unmapped: { export: header },
  };
}

function toExportLine(header: EvidenceHeader, version: string): string {
  const text = headerLines(header).map(([name, value]) => `${name}: ${value}`);
  return cefLine(
    { version, id: 'evidence.export', name: 'What this file holds', severity: 1 },
    {
      rt: Date.parse(header.madeAt),
      start: Date.parse(header.period.from),
      end: Date.parse(header.period.to),
      outcome: header.mark,
      cs1Label: 'checkpointRoot',
      cs1: header.checkpoint.root,
      cn1Label: 'checkpointSize',
      cn1: header.checkpoint.size,
      cnt: header.counts['rows'],
      msg: text.join('; '),
    },
  );
}
