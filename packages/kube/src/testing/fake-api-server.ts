/** An API server on loopback for this package's tests: collections with versions, watches, and faults on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { createTransport, isObject, type Transport } from '../transport.ts';

export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

export interface FakeApiServer {
  readonly transport: Transport;
  readonly requests: readonly FakeRequest[];
  /** Answers this path (without query) instead of the collections; `undefined` falls through. */
  respond(handler: (request: FakeRequest) => { readonly status: number; readonly body: unknown } | undefined): void;
  put(collection: string, object: FakeObject): void;
  remove(collection: string, name: string): void;
  /** Forgets versions below the newest: a watch from them gets 410. */
  compact(): void;
  /** Ends open watches: politely, or with a reset. */
  endWatches(how: 'close' | 'reset'): void;
  openWatches(): number;
  close(): Promise<void>;
}

interface OpenWatch {
  readonly collection: string;
  readonly response: ServerResponse;
}

interface Change {
  readonly collection: string;
  readonly version: number;
  readonly type: string;
  readonly object: FakeObject;
}

class Fake {
  readonly requests: FakeRequest[] = [];
  readonly collections = new Map<string, Map<string, FakeObject>>();
  readonly watches = new Set<OpenWatch>();
  readonly changes: Change[] = [];
  version = 100;
  compactedBelow = 0;
  handler: (request: FakeRequest) => { readonly status: number; readonly body: unknown } | undefined = () => undefined;

  change(collection: string, type: string, object: FakeObject): void {
    this.version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    const objects = this.collections.get(collection) ?? new Map<string, FakeObject>();
    this.collections.set(collection, objects);
    if (type === 'DELETED') objects.delete(object.metadata.name);
    else objects.set(object.metadata.name, stored);
    this.changes.push({ collection, version: this.version, type, object: stored });
    for (const watch of this.watches) if (watch.collection === collection) send(watch.response, type, stored);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request);
    this.requests.push(received);
    const special = this.handler(received);
    if (special !== undefined) return answer(response, special.status, special.body);
    if (received.url.searchParams.get('watch') === 'true') return this.watch(received, response);
    return this.crud(received, response);
  }

  watch({ url }: FakeRequest, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    if (from < this.compactedBelow) {
      send(response, 'ERROR', { kind: 'Status', code: 410, message: 'too old', metadata: { name: '' } });
      response.end();
      return;
    }
    for (const change of this.changes) {
      if (change.collection === url.pathname && change.version > from) send(response, change.type, change.object);
    }
    response.flushHeaders();
    const watch = { collection: url.pathname, response };
    this.watches.add(watch);
    response.on('close', () => this.watches.delete(watch));
  }

  crud(request: FakeRequest, response: ServerResponse): void {
    const { method, url, body } = request;
    if (method === 'GET' && this.objectsOf(url.pathname) !== undefined) return this.list(url, response);
    if (method === 'GET') return this.get(url.pathname, response);
    if (method === 'DELETE') return this.delete(url.pathname, body, response);
    if (!isObject(body) || !isFakeObject(body)) return refuse(response, 400);
    return this.write(method === 'POST' ? url.pathname : parentOf(url.pathname), body, response);
  }

  get(path: string, response: ServerResponse): void {
    const object = this.collections.get(parentOf(path))?.get(path.slice(parentOf(path).length + 1));
    return object === undefined ? refuse(response, 404) : answer(response, 200, object);
  }

  /** Of one collection, or of the collections of all namespaces. */
  objectsOf(path: string): readonly FakeObject[] | undefined {
    const own = this.collections.get(path);
    if (own !== undefined) return [...own.values()];
    const parts = [...this.collections].filter(([one]) => one.replace(/\/namespaces\/[^/]+\//, '/') === path);
    return parts.length === 0 ? undefined : parts.flatMap(([, objects]) => [...objects.values()]);
  }

  /** Only the version of the preconditions, where there are some. */
  delete(path: string, body: unknown, response: ServerResponse): void {
    const collection = parentOf(path);
    const stored = this.collections.get(collection)?.get(path.slice(collection.length + 1));
    if (stored === undefined) return refuse(response, 404);
    const wanted =
      isObject(body) && isObject(body['preconditions']) ? body['preconditions']['resourceVersion'] : undefined;
    if (wanted !== undefined && wanted !== stored.metadata.resourceVersion) return refuse(response, 409);
    this.change(collection, 'DELETED', stored);
    return answer(response, 200, { kind: 'Status', status: 'Success' });
  }

  /** A body without version creates; one with a version replaces exactly that one. */
  write(collection: string, body: FakeObject, response: ServerResponse): void {
    const { name, resourceVersion } = body.metadata;
    const stored = this.collections.get(collection)?.get(name);
    if (stored?.metadata.resourceVersion !== resourceVersion) return refuse(response, 409);
    this.change(collection, stored === undefined ? 'ADDED' : 'MODIFIED', body);
    return this.get(`${collection}/${name}`, response);
  }

  list(url: URL, response: ServerResponse): void {
    const items = (this.objectsOf(url.pathname) ?? []).filter((one) => isSelected(one, url.searchParams));
    const start = Number(url.searchParams.get('continue') ?? 0);
    const end = start + Math.min(2, Number(url.searchParams.get('limit') ?? items.length));
    const next = end < items.length ? { continue: String(end) } : {};
    answer(response, 200, {
      metadata: { resourceVersion: String(this.version), ...next },
      items: items.slice(start, end),
    });
  }
}

export async function startFakeApiServer(timeoutMs = 30_000): Promise<FakeApiServer> {
  const fake = new Fake();
  const server = createServer((request, response) => void fake.serve(request, response));
  // As an API server: one that ends idle connections after Node's 5 s resets what a slow test is just sending.
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    transport: createTransport(configFor(server), timeoutMs),
    requests: fake.requests,
    respond: (handler) => void (fake.handler = handler),
    put: (collection, object) => fake.change(collection, changeType(fake, collection, object), object),
    remove(collection, name) {
      const object = fake.collections.get(collection)?.get(name);
      if (object !== undefined) fake.change(collection, 'DELETED', object);
    },
    compact: () => void (fake.compactedBelow = fake.version),
    endWatches(how) {
      for (const { response } of fake.watches) {
        if (how === 'close') response.end();
        else response.socket?.resetAndDestroy();
      }
    },
    openWatches: () => fake.watches.size,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function changeType(fake: Fake, collection: string, object: FakeObject): string {
  return fake.collections.get(collection)?.has(object.metadata.name) === true ? 'MODIFIED' : 'ADDED';
}

function configFor(server: Server): KubeConfig {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  const { port } = address;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'fake', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'tester', token: 'test' },
  );
  return config;
}

async function receive(request: IncomingMessage): Promise<FakeRequest> {
  const body = await text(request);
  return {
    method: request.method ?? '',
    url: new URL(request.url ?? '/', 'http://fake'),
    contentType: request.headers['content-type'],
    body: body === '' ? undefined : JSON.parse(body),
  };
}

function pairs(selector: string | null): readonly string[] {
  return (selector ?? '').split(',').filter((one) => one.includes('='));
}

/** Equality of labels and of the name: all that the product asks for. */
function isSelected({ metadata }: FakeObject, query: URLSearchParams): boolean {
  const labels = isObject(metadata['labels']) ? metadata['labels'] : {};
  return (
    pairs(query.get('labelSelector')).every((pair) => labels[pair.split('=')[0] ?? ''] === pair.split('=')[1]) &&
    pairs(query.get('fieldSelector')).every((pair) => pair === `metadata.name=${metadata.name}`)
  );
}

function parentOf(path: string): string {
  return path.replace(/\/[^/]+$/, '');
}

function isFakeObject(value: object): value is FakeObject {
  return 'metadata' in value && isObject(value.metadata) && typeof value.metadata['name'] === 'string';
}

function send(response: ServerResponse, type: string, object: FakeObject): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number): void {
  answer(response, status, { kind: 'Status', code: status, message: `refused with ${status}` });
}
