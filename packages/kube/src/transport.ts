import { createConfiguration, HttpMethod, RequestContext, Watch, type KubeConfig } from '@kubernetes/client-node';
import { KubeError, toKubeError } from './kube-error.ts';

/** JSON objects as the API server sends them: narrowed field by field by their readers. */
export type Json = Readonly<Record<string, unknown>>;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequest {
  readonly method: Method;
  /** Path with query. */
  readonly path: string;
  readonly body?: unknown;
  /** Only for PATCH. */
  readonly contentType?: 'application/json-patch+json' | 'application/merge-patch+json';
}

export interface WatchCallbacks {
  readonly onEvent: (type: string, object: Json) => void;
  /** Once, when the connection ended: with an error or, after a clean close or an inactivity timeout, without. */
  readonly onEnd: (error: unknown) => void;
}

/** JSON calls to the API server with the configuration's credentials and roots. */
export interface Transport {
  /** Throws `KubeError` for anything but a 2xx answer that is a JSON object. */
  call(request: ApiRequest): Promise<Json>;
  /** Resolves when connected or ended; the answer aborts. */
  watch(path: string, query: Readonly<Record<string, string>>, callbacks: WatchCallbacks): Promise<() => void>;
}

/** `timeoutMs` bounds every call (default 10 s), so that a hanging API server is an error and not a stop. */
export function createTransport(config: KubeConfig, timeoutMs = 10_000): Transport {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new KubeError('configuration', 'the kubeconfig names no current cluster');
  const { httpApi } = createConfiguration();
  const watcher = new Watch(config);
  return {
    async call(request) {
      const label = `${request.method} ${request.path}`;
      const context = await prepare(config, server, request, timeoutMs);
      const [status, text] = await httpApi
        .send(context)
        .toPromise()
        .then(async (response): Promise<[number, string]> => [response.httpStatusCode, await response.body.text()])
        .catch((cause: unknown) => {
          throw new KubeError('unavailable', `${label}: no answer`, { cause });
        });
      if (status < 200 || status > 299) throw toKubeError(label, status, messageOf(text));
      return parseObject(label, text);
    },
    async watch(path, query, { onEvent, onEnd }) {
      const ended = (error: unknown): void => onEnd(isInactivity(error) ? undefined : error);
      try {
        const controller = await watcher.watch(path, query, onEvent, ended);
        return () => controller.abort();
      } catch (error) {
        ended(error);
        return () => undefined;
      }
    },
  };
}

async function prepare(
  config: KubeConfig,
  server: string,
  request: ApiRequest,
  timeoutMs: number,
): Promise<RequestContext> {
  const context = new RequestContext(server.replace(/\/$/, '') + request.path, HttpMethod[request.method]);
  // The key set of ServiceAccount tokens is served under its own type only.
  context.setHeaderParam('Accept', 'application/json, application/jwk-set+json');
  if (request.body !== undefined) {
    context.setHeaderParam('Content-Type', request.contentType ?? 'application/json');
    context.setBody(JSON.stringify(request.body));
  }
  context.setSignal(AbortSignal.timeout(timeoutMs));
  await config.applySecurityAuthentication(context);
  return context;
}

/** The `message` of a Status answer, else a short note: bodies of unknown servers are not repeated. */
function messageOf(text: string): string {
  try {
    const status: unknown = JSON.parse(text);
    return isObject(status) && typeof status['message'] === 'string' ? status['message'].slice(0, 500) : 'no message';
  } catch {
    return 'not a Status object';
  }
}

function parseObject(label: string, text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new KubeError('protocol', `${label}: expected JSON`, { cause });
  }
  throw new KubeError('protocol', `${label}: expected a JSON object`);
}

/** True for JSON objects, false for arrays, null and scalars. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isInactivity(error: unknown): boolean {
  return error === null || error === undefined || (error instanceof Error && error.name === 'TimeoutError');
}
