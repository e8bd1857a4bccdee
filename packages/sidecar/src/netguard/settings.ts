/** What the webhook tells netguard. */
import { SettingsError, type SettingsReader } from '@tachograph/service';
import type { RuleSettings } from './rules.ts';

export interface NetguardSettings {
  readonly rules: RuleSettings;
  /** What the sidecar must answer. */
  readonly nonce: string;
  readonly nftPath: string;
  /** How long the sidecar may take to answer. */
  readonly deadlineMs: number;
}

const maxPorts = 9;

export function readNetguardSettings(reader: SettingsReader): NetguardSettings {
  const uid = (name: string, fallback: number): number => reader.integer(name, fallback, { min: 0, max: 2 ** 31 - 1 });
  reader.required('TACHO_UID', 'the UID of the sidecar');
  const sidecarUid = uid('TACHO_UID', 0);
  const hostUid = uid('TACHO_HOST_UID', 0);
  // The sidecar must be told apart from everybody else.
  if (sidecarUid === hostUid)
    throw new SettingsError('TACHO_UID', String(sidecarUid), 'another UID than TACHO_HOST_UID');
  return {
    rules: { ports: readPorts(reader), sidecarUid, hostUid },
    nonce: reader.required('TACHO_NONCE', 'the nonce of the sidecar'),
    nftPath: reader.text('TACHO_NFT') ?? '/usr/sbin/nft',
    deadlineMs: reader.durationMs('TACHO_NETGUARD_DEADLINE', 20_000),
  };
}

function readPorts(reader: SettingsReader): readonly number[] {
  const text = reader.required('TACHO_PORTS', 'the MCP ports, comma separated');
  const ports = text.split(',').map((port) => (/^\d{1,5}$/.test(port.trim()) ? Number(port) : 0));
  const valid = ports.every((port) => port > 0 && port <= 65_535 && (port < 15_001 || port > 15_199));
  if (!valid || ports.length > maxPorts || new Set(ports).size !== ports.length) {
    throw new SettingsError('TACHO_PORTS', text, `up to ${maxPorts} different ports outside 15001-15199`);
  }
  return ports;
}
