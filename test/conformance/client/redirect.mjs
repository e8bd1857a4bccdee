// Preloaded into the client: connections to one port of loopback end at another, as the redirect in a pod makes them. The
// client types the server's own address, and reaches the sidecar. `CONFORMANCE_REDIRECT=from:to`.
import { Socket } from 'node:net';

const [from, to] = (process.env.CONFORMANCE_REDIRECT ?? '').split(':').map(Number);
const connect = Reflect.get(Socket.prototype, 'connect');

Socket.prototype.connect = function redirected(...args) {
  // `net.connect` hands its arguments on in one array.
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (options !== null && typeof options === 'object' && Number(options.port) === from) options.port = to;
  return connect.apply(this, args);
};
