import { connect, type Socket } from 'node:net';
import { Lateness } from '../verdict';

/** Splits host:port; an IPv6 host stands in brackets. */
export function hostAndPort(endpoint: string): { host: string; port: number } {
  const colon = endpoint.lastIndexOf(':');
  return { host: endpoint.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(endpoint.slice(colon + 1)) };
}

/** Opens a bare TCP connection. A Violation where nobody listens. */
export function connectTcp(endpoint: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...hostAndPort(endpoint), noDelay: true });
    socket.once('connect', () => {
      resolve(socket);
    });
    // An error after the connect is followed by a close, and who watches the socket sees that.
    socket.on('error', (error) => {
      reject(new Lateness(`a TCP connection to ${endpoint}`, error.message, { cause: error }));
    });
  });
}
