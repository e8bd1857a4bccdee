import { createNoteKey, noteKeyTypes, parseVkey } from '@tachograph/archive';
import { SettingsError, type SettingsReader } from '@tachograph/service';
import { nodeCrypto } from '../keys/node-crypto.ts';
import type { WitnessAddress } from './witness-client.ts';
import type { WitnessSettings } from './witnesses.ts';

/**
 * `TACHO_WITNESSES`: `<vkey>=<url>`, comma separated; `TACHO_WITNESS_QUORUM`: how many must cosign (default: all);
 * `TACHO_WITNESS_TIMEOUT`: how long a checkpoint waits. `undefined`: no witnesses.
 */
export function readWitnessSettings(reader: SettingsReader): WitnessSettings | undefined {
  const addresses = reader.list('TACHO_WITNESSES').map(readAddress);
  if (addresses.length === 0) return undefined;
  const expected = `a number from 1 to ${addresses.length}`;
  const quorum = reader.parsed('TACHO_WITNESS_QUORUM', expected, (text) => parseQuorum(text, addresses.length));
  return {
    addresses,
    quorum: quorum ?? addresses.length,
    timeoutMs: reader.durationMs('TACHO_WITNESS_TIMEOUT', 5000),
  };
}

function readAddress(text: string): WitnessAddress {
  const [, vkey = '', url = ''] = /^([^=\s]+)=(\S+)$/.exec(text) ?? [];
  const key = parseVkey(nodeCrypto, vkey);
  const parsed = URL.parse(url);
  if (key === undefined || (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:')) {
    throw new SettingsError('TACHO_WITNESSES', text, '<vkey>=<https url>, comma separated');
  }
  // Witnesses publish either spelling of their key; their signatures carry the hash of type 0x04.
  return { key: createNoteKey(nodeCrypto, key.name, key.publicKey, noteKeyTypes.cosignature), url };
}

function parseQuorum(text: string, most: number): number | undefined {
  const value = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : most + 1;
  return value <= most ? value : undefined;
}
