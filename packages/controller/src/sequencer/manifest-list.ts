/** A stream's logged session manifests, 90 bytes each: a session may be closed again as long as its stream is open. */
import type { ManifestRef } from './log-port.ts';
import type { Place } from './stream-entry.ts';

/** A manifest with its place in the log. */
export type LoggedManifest = ManifestRef & Place;

const at = { session: 0, sha256: 16, leafHash: 48, index: 80, rev: 86 } as const;
const rowBytes = 90;
const fewestRows = 2;
const growth = 1.25;
const noRows = Buffer.alloc(0);

export class ManifestList {
  #rows = noRows;
  #used = 0;
  /** What no row can hold: nothing that a controller writes. */
  #odd: (LoggedManifest & { readonly session: string })[] = [];

  push(session: string, manifest: LoggedManifest): void {
    const row = packManifest(session, manifest);
    if (row === undefined) {
      this.#odd.push({ ...manifest, session });
      return;
    }
    if (this.#used === this.#rows.length) {
      const rows = Math.max(fewestRows, Math.ceil((this.#used / rowBytes) * growth));
      const grown = Buffer.allocUnsafeSlow(rows * rowBytes);
      this.#rows.copy(grown);
      this.#rows = grown;
    }
    row.copy(this.#rows, this.#used);
    this.#used += rowBytes;
  }

  /** The session's manifests in the order of the log. */
  of(session: string): readonly LoggedManifest[] {
    const found: LoggedManifest[] = this.#odd.filter((one) => one.session === session).map(toManifest);
    const rows = this.#rows.subarray(0, this.#used);
    const key = keyOf(session);
    if (key === undefined) return found;
    for (let offset = rows.indexOf(key); offset >= 0; offset = rows.indexOf(key, offset + 1)) {
      if (offset % rowBytes === at.session) found.push(unpackManifest(rows.subarray(offset, offset + rowBytes)));
    }
    return found.toSorted((one, other) => one.index - other.index);
  }

  clear(): void {
    this.#rows = noRows;
    this.#used = 0;
    this.#odd = [];
  }
}

/** The row; `undefined` for a manifest that would not come back the same. */
function packManifest(session: string, manifest: LoggedManifest): Buffer | undefined {
  const { rev, sha256, index, leafHash } = manifest;
  const key = keyOf(session);
  if (key === undefined || rev >= 2 ** 32 || index >= 2 ** 48) return undefined;
  const row = Buffer.alloc(rowBytes);
  key.copy(row, at.session);
  row.write(sha256, at.sha256, 32, 'hex');
  row.write(leafHash, at.leafHash, 32, 'hex');
  row.writeUIntBE(index, at.index, 6);
  row.writeUInt32BE(rev, at.rev);
  const back = unpackManifest(row);
  return back.sha256 === sha256 && back.leafHash === leafHash ? row : undefined;
}

function unpackManifest(row: Buffer): LoggedManifest {
  return {
    rev: row.readUInt32BE(at.rev),
    sha256: row.toString('hex', at.sha256, at.sha256 + 32),
    index: row.readUIntBE(at.index, 6),
    leafHash: row.toString('hex', at.leafHash, at.leafHash + 32),
  };
}

/** The 16 bytes of a UUID in lower case. */
function keyOf(session: string): Buffer | undefined {
  const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(session);
  return isUuid ? Buffer.from(session.replaceAll('-', ''), 'hex') : undefined;
}

function toManifest({ rev, sha256, index, leafHash }: LoggedManifest): LoggedManifest {
  return { rev, sha256, index, leafHash };
}
