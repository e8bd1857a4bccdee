/** Dotted decimal (RFC 791), each number 0–255 without leading zeros, as RFC 6943 §3.1.1 has it strict. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** RFC 4291 §2.2, all three forms: full, with one `::`, and with a dotted IPv4 tail. No zone, no prefix length. */
export function isIpv6(text: string): boolean {
  if (text.length > 45) return false;
  const mixed = /^(.*:)([0-9.]+\.[0-9.]+)$/.exec(text);
  if (mixed === null) return hasGroups(text, 8);
  if (!isIpv4(mixed[2] ?? '')) return false;
  const before = mixed[1] ?? '';
  return hasGroups(before.endsWith('::') ? before : before.slice(0, -1), 6);
}

/** So many groups, or fewer with one `::` in them. */
function hasGroups(text: string, count: number): boolean {
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length < count : halves.length === 1 && groups.length === count;
}

interface Block {
  readonly prefix: number;
  readonly bits: number;
}

/** This host, loopback, multicast, reserved, broadcast (RFC 6890), and the masks that begin with 255 or 128.0. */
const unassigned = ['0.0.0.0/8', '127.0.0.0/8', '128.0.0.0/16', '224.0.0.0/3'].map(toBlock);
/** RFC 1918, RFC 6598, RFC 3927 and the documentation's blocks of RFC 5737. */
const local =
  '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24'
    .split(' ')
    .map(toBlock);

/** Nobody's address. The text is a valid address. */
export function isUnassignedAddress(text: string): boolean {
  if (text.includes(':')) return /^[0:]*:[01]?$/.test(text) || /^ff/i.test(text);
  return text.endsWith('.0.0.0') || isIn(text, unassigned);
}

/** An address that leads to nobody outside of one network (RFC 4193, RFC 4291 link-local), or an example (RFC 3849). */
export function isLocalAddress(text: string): boolean {
  return text.includes(':') ? /^(?:f[cd]|fe[89ab]|2001:0?db8:)/i.test(text) : isIn(text, local);
}

function isIn(text: string, blocks: readonly Block[]): boolean {
  const number = toNumber(text);
  return blocks.some(({ prefix, bits }) => number >>> (32 - bits) === prefix);
}

function toBlock(text: string): Block {
  const [address = '', length = ''] = text.split('/');
  const bits = Number(length);
  return { prefix: toNumber(address) >>> (32 - bits), bits };
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}
