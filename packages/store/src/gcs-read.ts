import { EventEmitter } from 'node:events';

import type { File } from '@google-cloud/storage';

const libraryListeners = 32;

/** Bytes and the generation that they belong to, from one answer. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly generation: string;
}

/** Reads the stored bytes as they are; rejects with the library's error. */
export async function readStored(file: File): Promise<StoredObject> {
  const chunks: Buffer[] = [];
  let generation = '';
  // Not validated here: damage at rest must reach the verifier, which names the object and the line.
  const stream = file.createReadStream({ decompress: false, validation: false });
  stream.on('response', (response: unknown) => {
    generation = generationOf(response);
    // The library joins a dozen streams for one download, which Node would report as a leak each time.
    if (response instanceof EventEmitter) response.setMaxListeners(libraryListeners);
  });
  const bytes: AsyncIterable<Buffer> = stream;
  for await (const chunk of bytes) chunks.push(chunk);
  if (generation === '') throw new Error('the answer names no generation');
  return { bytes: Buffer.concat(chunks), generation };
}

function generationOf(response: unknown): string {
  const headers: unknown = field(response, 'headers');
  const value = headers instanceof Headers ? headers.get('x-goog-generation') : field(headers, 'x-goog-generation');
  return typeof value === 'string' ? value : '';
}

function field(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
}
