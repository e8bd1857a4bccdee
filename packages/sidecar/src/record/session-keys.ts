import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bodyContext, sessionKeyBytes, sessionKeyRequest, type SessionKeyRequest } from '@tachograph/protocol';
import { writeDurably } from './durable-file.ts';

const suffix = '.key.json';

/**
 * Keys that seal the bodies of sessions. A key stands in the spool until the controller keeps it: it is durable before
 * the first record of its session, and it arrives before the first segment that needs it.
 */
export class SessionKeys {
  readonly #dir: string;
  readonly #waiting = new Map<string, SessionKeyRequest>();

  /** Finds the keys that earlier starts could not hand over. Throws Node's errors. */
  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const file of readdirSync(dir)) {
      const request = file.endsWith(suffix) ? readKey(join(dir, file)) : undefined;
      if (request !== undefined) this.#waiting.set(file.slice(0, -suffix.length), request);
    }
  }

  /** A new key, durable when this resolves. Rejects with Node's errors. */
  async create(session: string, stream: string): Promise<BodySealer> {
    const key = randomBytes(sessionKeyBytes);
    const request = { stream, key: key.toString('base64') };
    await writeDurably(this.#path(session), JSON.stringify(request));
    this.#waiting.set(session, request);
    return new BodySealer(key, bodyContext(stream, session));
  }

  /** What the controller does not have yet. */
  waiting(): readonly (readonly [session: string, request: SessionKeyRequest])[] {
    return [...this.#waiting];
  }

  /** The controller has it: from now on it is in memory only, while its session lasts. */
  async stored(session: string): Promise<void> {
    this.#waiting.delete(session);
    await rm(this.#path(session), { force: true });
  }

  #path(session: string): string {
    return join(this.#dir, `${session}${suffix}`);
  }
}

/** Seals the bodies of one session. */
export class BodySealer {
  readonly #key: Uint8Array;
  readonly #context: Buffer;

  constructor(key: Uint8Array, context: string) {
    this.#key = key;
    this.#context = Buffer.from(context);
  }

  /** Nonce ‖ ciphertext ‖ tag (NIST SP 800-38D; 96 random bits repeat by chance only after 2^32 bodies). */
  seal(body: Uint8Array): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(this.#context);
    return Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  }
}

function readKey(path: string): SessionKeyRequest | undefined {
  try {
    const parsed = sessionKeyRequest.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Torn: nothing that it sealed was ever recorded.
    return undefined;
  }
}
