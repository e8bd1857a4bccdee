/** Opens a listening socket. */
import type { Server } from 'node:http';

/** `::` takes both families; where the kernel has no IPv6, all IPv4 addresses are meant. Rejects with Node's error. */
export async function openServer(server: Server, host: string, port: number): Promise<void> {
  try {
    await listen(server, host, port);
  } catch (error) {
    if (host !== '::' || !lacksIpv6(error)) throw error;
    await listen(server, '0.0.0.0', port);
  }
}

function lacksIpv6(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: false }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
