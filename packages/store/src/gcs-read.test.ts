import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createGcsStore } from './gcs-store.ts';

test('ends the download of an answer that never comes to its end, and its connection', async () => {
  const closed = Promise.withResolvers<string>();
  const server = createServer((_, response) => {
    // Never silent for as long as the limit.
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => {
      clearInterval(timer);
      closed.resolve('closed');
    });
    response.writeHead(200, { 'x-goog-generation': '1' }).flushHeaders();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const store = createGcsStore({
    bucket: 'some-bucket',
    apiEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    timeoutMs: 200,
    retry: { attempts: 1 },
  });
  await expect(store.get('v1/records/a')).rejects.toMatchObject({ code: 'unavailable' });
  expect(await closed.promise).toBe('closed');
  await new Promise((resolve) => server.close(resolve));
});
