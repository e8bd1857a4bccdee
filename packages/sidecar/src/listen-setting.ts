/** `TACHO_LISTEN`: which listeners, and what each of them means. */
import type { Origin } from '@tachograph/protocol';

export interface ListenAddress {
  readonly origin: Origin;
  readonly host: string;
  readonly port: number;
  /** The application's port behind this listener; absent: the port of `TACHO_UPSTREAM`. */
  readonly appPort?: number;
}

const origins: readonly Origin[] = ['network', 'port-forward', 'in-pod', 'loopback-root'];

/** Comma list of `origin=host:port[:appPort]`; without `origin=` it is `network`. `undefined` when it is none. */
export function parseListen(text: string): readonly ListenAddress[] | undefined {
  const addresses = text.split(',').map((item) => parseOne(item.trim()));
  const known = addresses.filter((one) => one !== undefined);
  return known.length === addresses.length ? known : undefined;
}

function parseOne(item: string): ListenAddress | undefined {
  const match = /^(?:([a-z-]+)=)?(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})(?::(\d{1,5}))?$/.exec(item);
  if (match === null) return undefined;
  const [, name = 'network', host = '', port = '', appPort] = match;
  const origin = origins.find((one) => one === name);
  if (origin === undefined || !isPort(port) || (appPort !== undefined && !isPort(appPort))) return undefined;
  const address = { origin, host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
  return appPort === undefined ? address : { ...address, appPort: Number(appPort) };
}

function isPort(text: string): boolean {
  return Number(text) <= 65_535;
}
