import type { Lines } from './lines';

/** The lines of one check; `answered` is told, in words, what the peer answers to calls. */
export const watchedLines = (lines: Lines, answered: (what: string) => void): Lines => ({
  open: (...args) => lines.open(...args),
  reach: (...args) => lines.reach(...args),
  ping: async (...args) => {
    const failure = await lines.ping(...args);
    answered(`Ping: ${failure ?? 'OK'}`);
    return failure;
  },
  pinger: (...args) => lines.pinger(...args),
  call: async (endpoint, tls, path, timeoutMs) => {
    const code = await lines.call(endpoint, tls, path, timeoutMs);
    answered(`${path}: status ${code}`);
    return code;
  },
  halfClose: (stream) => {
    lines.halfClose(stream);
  },
  close: (stream) => {
    lines.close(stream);
  },
  listen: (...args) => lines.listen(...args),
});
