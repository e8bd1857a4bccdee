/** The kubelet's probes, made for it: exactly the declared request, nothing else (`contracts.md`, In the pod). */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { PodProbe, ProbeTable } from '@tachograph/protocol';
import { parseUpstream } from '../upstream/target.ts';

const dialTimeoutMs = 10_000;

/** `GET /probe/<container>/<kind>`; `count` is told of each. */
export function createProbeServer(probes: ProbeTable, count: (key: string) => void): Server {
  return createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (req, res) => {
    req.resume();
    const [, container = '', kind = ''] = /^\/probe\/([a-z0-9-]+)\/([A-Za-z]+)$/.exec(req.url ?? '') ?? [];
    const ofContainer = Object.hasOwn(probes, container) ? probes[container] : undefined;
    const probe = ofContainer !== undefined && Object.hasOwn(ofContainer, kind) ? ofContainer[kind] : undefined;
    if (req.method !== 'GET' || probe === undefined) return answer(res, 404, 'no such probe');
    count(`${container}/${kind}`);
    return make(probe, res);
  });
}

function answer(res: ServerResponse, status: number, text: string): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

function make(probe: PodProbe, res: ServerResponse): void {
  switch (probe.type) {
    case 'http':
      return makeHttp(probe, res);
    case 'tcp':
      return makeTcp(probe.port, res);
    case 'grpc':
      // Saying yes without having asked would hide a dead server.
      return answer(res, 501, 'grpc probes cannot be made by this version');
  }
}

function makeHttp({ port, path, scheme, headers }: Extract<PodProbe, { type: 'http' }>, res: ServerResponse): void {
  if (scheme === 'HTTPS') return answer(res, 501, 'https probes cannot be made by this version');
  const target = parseUpstream('http://auto', port);
  if (target === undefined) return answer(res, 502, 'no target');
  const { host, connection } = target;
  const options = {
    host,
    port,
    path,
    agent: false,
    timeout: dialTimeoutMs,
    headers: { host: `localhost:${port}`, ...headers },
  };
  const upstream = request({ ...options, ...connection }, (probed: IncomingMessage) => {
    // The kubelet reads the status alone; a page could hold what nobody masked.
    probed.resume();
    answer(res, probed.statusCode ?? 502, 'probed');
  });
  upstream.on('timeout', () => upstream.destroy());
  upstream.on('error', () => answer(res, 502, 'the application did not answer'));
  res.once('close', () => upstream.destroy());
  upstream.end();
  return undefined;
}

function makeTcp(port: number, res: ServerResponse): void {
  const target = parseUpstream('http://auto', port);
  if (target === undefined) return answer(res, 502, 'no target');
  const socket = connect({ host: target.host, port, timeout: dialTimeoutMs, ...target.connection });
  socket.once('connect', () => {
    answer(res, 200, 'connected');
    socket.destroy();
  });
  socket.once('timeout', () => socket.destroy());
  socket.once('close', () => answer(res, 502, 'the application does not listen'));
  socket.on('error', () => undefined);
  return undefined;
}
