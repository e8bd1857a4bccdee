/** The verification of an export in a browser: the archive's own code, with WebCrypto. */
import {
  type ArchiveSource,
  type Crypto,
  equalBytes,
  type Finding,
  type Gunzip,
  parseLogPolicy,
  toHex,
  utf8,
  verifyExport,
  type VerifyReport,
} from '@tachograph/archive';
import { inflate, readZip, type ZipReader } from './read-zip.ts';
import { sha256 } from './sha256.ts';

/** What came of it; `stopped`: it could not be judged, and why. */
export type PageResult =
  | {
      readonly kind: 'judged';
      readonly report: VerifyReport;
      readonly findings: readonly Finding[];
      readonly files: ReadonlyMap<string, ZipReader>;
    }
  | { readonly kind: 'stopped'; readonly reason: string };

const maxFindings = 1000;

/** A signature may depend on what the one before showed: at most so often anew. */
const maxRounds = 8;

/** Verifies a zip's bytes by a policy's text. */
export async function verifyZip(bytes: Uint8Array, policyText: string): Promise<PageResult> {
  const policy = parseLogPolicy({ sha256, ed25519Verify: () => false }, policyText);
  if (policy.kind !== 'ok') return { kind: 'stopped', reason: `the policy, line ${policy.line}: ${policy.reason}` };
  try {
    if (!(await hasEd25519())) return { kind: 'stopped', reason: 'this browser has no Ed25519: use tacho verify' };
    const files = readZip(bytes);
    await assertDigests(files);
    const signatures = createSignatures();
    for (let round = 0; round < maxRounds; round += 1) {
      const findings: Finding[] = [];
      const report = await verifyExport({
        source: toSource(files),
        policy: policy.policy,
        crypto: { sha256, ed25519Verify: signatures.verify },
        gunzip,
        onFinding: (finding) => void (findings.length < maxFindings && findings.push(finding)),
      });
      if (!(await signatures.settle())) return { kind: 'judged', report, findings, files };
    }
    return { kind: 'stopped', reason: 'the signatures of this export do not come to an end' };
  } catch (error) {
    return { kind: 'stopped', reason: error instanceof Error ? error.message : String(error) };
  }
}

const gunzip: Gunzip = async (bytes, limitBytes) => {
  const lines = await inflate(bytes, 'gzip', limitBytes);
  // The last four bytes of a whole gzip stream state its length.
  const stated =
    bytes.length < 18 ? -1 : new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
  return { bytes: lines.subarray(0, limitBytes), complete: lines.length <= limitBytes && lines.length === stated };
};

function toSource(files: ReadonlyMap<string, ZipReader>): ArchiveSource {
  return {
    authoritative: false,
    async *list(prefix) {
      await Promise.resolve();
      for (const name of files.keys()) if (name.startsWith(prefix)) yield { name, size: 0, generation: '1' };
    },
    get: async (name) => files.get(name)?.(),
  };
}

/** The page's own SHA-256 against the browser's, for every file. */
async function assertDigests(files: ReadonlyMap<string, ZipReader>): Promise<void> {
  for (const [name, read] of files) {
    const bytes = await read();
    const theirs = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes)));
    if (!equalBytes(theirs, sha256(bytes)))
      throw new Error(`SHA-256 of ${name} differs from the browser's: nothing is judged`);
  }
}

async function hasEd25519(): Promise<boolean> {
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(32), 'Ed25519', false, ['verify']);
    return true;
  } catch {
    return false;
  }
}

interface Signatures {
  readonly verify: Crypto['ed25519Verify'];
  /** Asks the browser about what was not known; false when there was nothing. */
  settle(): Promise<boolean>;
}

interface Question {
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * WebCrypto answers later, and the verification asks now: an unknown signature counts as one that holds, is then asked
 * of the browser, and the verification is run again, until every answer was known.
 */
function createSignatures(): Signatures {
  const known = new Map<string, boolean>();
  const open = new Map<string, Question>();
  return {
    verify(key, message, signature) {
      const id = [key, message, signature].map((part) => toHex(sha256(part))).join(' ');
      const answer = known.get(id);
      if (answer === undefined) open.set(id, { key, message, signature });
      return answer ?? true;
    },
    async settle() {
      const asked = [...open];
      open.clear();
      for (const [id, question] of asked) known.set(id, await holds(question));
      return asked.length > 0;
    },
  };
}

async function holds({ key, message, signature }: Question): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey('spki', Uint8Array.from(key), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, Uint8Array.from(signature), Uint8Array.from(message));
  } catch {
    return false;
  }
}

/** SHA-256 of a text, in hex: what the page shows of the policy. */
export function digestOf(text: string): string {
  return toHex(sha256(utf8(text)));
}
