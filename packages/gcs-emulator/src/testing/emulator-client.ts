import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Fields, isFields, parseJson } from '../json-fields.ts';
import { type EmulatorServer, type EmulatorServerOptions, startEmulator } from '../server.ts';

/** What a call answered. */
export interface Answer {
  readonly status: number;
  /** The `reason` of an error answer. */
  readonly reason: string | undefined;
  /** The parsed JSON body; `{}` for other bodies. */
  readonly body: Fields;
  readonly text: string;
  readonly headers: Headers;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: string | Uint8Array | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An emulator on a free port with an hour that the test turns, and short ways to talk to it. */
export class EmulatorClient {
  readonly server: EmulatorServer;
  readonly #dataDir: string;

  private constructor(server: EmulatorServer, dataDir: string) {
    this.server = server;
    this.#dataDir = dataDir;
  }

  static async start(options: Partial<EmulatorServerOptions> = {}): Promise<EmulatorClient> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tachograph-gcs-')));
    const server = await startEmulator({ clock: () => Date.parse('2026-11-21T12:00:00Z'), ...options, dataDir });
    return new EmulatorClient(server, dataDir);
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  async stop(): Promise<void> {
    await this.server.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** `path` is relative to `/storage/v1` unless it starts with `/`. */
  async call(path: string, options: CallOptions = {}): Promise<Answer> {
    const body =
      typeof options.body === 'object' && !(options.body instanceof Uint8Array)
        ? JSON.stringify(options.body)
        : options.body;
    const address = path.startsWith('/') ? path : `/storage/v1/${path}`;
    const response = await fetch(this.server.url + address, {
      redirect: 'manual',
      method: options.method ?? 'GET',
      headers: { ...options.headers },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    const text = await response.text();
    const parsed = parseJson(text);
    const fields = isFields(parsed) ? parsed : {};
    return { status: response.status, reason: reasonOf(fields), body: fields, text, headers: response.headers };
  }

  async bucket(name: string, settings: object = {}, query = ''): Promise<Answer> {
    return await this.call(`b?project=p${query}`, { method: 'POST', body: { name, ...settings } });
  }

  async patchBucket(name: string, settings: object, query = ''): Promise<Answer> {
    return await this.call(`b/${name}?${query}`, { method: 'PATCH', body: settings });
  }

  /** A media upload. */
  async upload(bucket: string, name: string, body: string, query = ''): Promise<Answer> {
    const path = `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}${query}`;
    return await this.call(path, { method: 'POST', body });
  }

  async object(bucket: string, name: string, query = '', options: CallOptions = {}): Promise<Answer> {
    return await this.call(`b/${bucket}/o/${encodeURIComponent(name)}?${query}`, options);
  }

  async remove(bucket: string, name: string, query = ''): Promise<Answer> {
    return await this.object(bucket, name, query, { method: 'DELETE' });
  }

  async patch(bucket: string, name: string, metadata: object, query = ''): Promise<Answer> {
    return await this.object(bucket, name, query, { method: 'PATCH', body: metadata });
  }

  async media(bucket: string, name: string, query = ''): Promise<string> {
    return (await this.object(bucket, name, `alt=media${query}`)).text;
  }

  /** Generations of a name, oldest first, and whether each is noncurrent. */
  async versions(bucket: string, name: string): Promise<{ generation: string; noncurrent: boolean }[]> {
    const { body } = await this.call(`b/${bucket}/o?versions=true&prefix=${encodeURIComponent(name)}`);
    const items: unknown[] = Array.isArray(body['items']) ? body['items'] : [];
    return items.filter(isFields).map((item) => ({
      generation: String(item['generation']),
      noncurrent: item['timeDeleted'] !== undefined,
    }));
  }

  async advance(seconds: number): Promise<void> {
    await this.call('/emulator/clock', { method: 'PUT', body: { advanceMs: seconds * 1000 } });
  }

  async fault(fault: object): Promise<Answer> {
    return await this.call('/emulator/faults', { method: 'POST', body: fault });
  }
}

function reasonOf(body: Fields): string | undefined {
  const errors = isFields(body['error']) ? body['error']['errors'] : undefined;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  return isFields(first) ? String(first['reason']) : undefined;
}
