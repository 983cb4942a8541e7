import type { Connection, GossipStream, Listener, StreamEvents, Transport, Ending } from '../ports/transport';

/** Sees what passes on streams, as the very bytes: traces, ladders and recordings are made of it. */
export interface Tap {
  /** A stream of ours was opened, by us or by the other side; what is returned is told what passes on it. */
  opened(stream: GossipStream): StreamTap;
}

export interface StreamTap {
  /** The transport took an Envelope to be sent. */
  sent(envelope: Uint8Array): void;
  received(envelope: Uint8Array): void;
  /** We end it; `ended` follows. */
  ending?(): void;
  /** The stream is over. */
  ended(ending: Ending): void;
}

/** A transport whose streams are all seen by `tap`; it costs two calls an Envelope. */
export function tapped(transport: Transport, tap: Tap): Transport {
  return {
    listen: async (accept): Promise<Listener> =>
      transport.listen((stream) => {
        const streamTap = tap.opened(stream);
        return tappedEvents(accept(tappedStream(stream, () => streamTap)), () => streamTap);
      }),
    dial: (endpoint, timeoutMs, done) =>
      transport.dial(endpoint, timeoutMs, (result) => {
        done(result.ok ? { ok: true, connection: tappedConnection(result.connection, tap) } : result);
      }),
  };
}

function tappedConnection(connection: Connection, tap: Tap): Connection {
  return {
    endpoint: connection.endpoint,
    get binding() {
      return connection.binding;
    },
    ping: (timeoutMs, done) => {
      connection.ping(timeoutMs, done);
    },
    open: (events, deadlineMs) => {
      const told = (): StreamTap => streamTap;
      // No callback is made from inside the call that opens the stream, so the tap is there in time.
      const stream = connection.open(tappedEvents(events, told), deadlineMs);
      const streamTap = tap.opened(stream);
      return tappedStream(stream, told);
    },
    close: () => {
      connection.close();
    },
  };
}

/** Events that `tap` is told of before whoever they are for. */
export const tappedEvents = (events: StreamEvents, tap: () => StreamTap): StreamEvents => ({
  onEnvelope: (envelope) => {
    tap().received(envelope);
    events.onEnvelope(envelope);
  },
  onEnd: (ending) => {
    tap().ended(ending);
    events.onEnd(ending);
  },
});

/** A stream on which `tap` is told of what is sent. */
export const tappedStream = (stream: GossipStream, tap: () => StreamTap): GossipStream => ({
  role: stream.role,
  remoteAddress: stream.remoteAddress,
  get binding() {
    return stream.binding;
  },
  send: (envelope) => {
    const isTaken = stream.send(envelope);
    if (isTaken) tap().sent(envelope);
    return isTaken;
  },
  end: (ending) => {
    tap().ending?.();
    stream.end(ending);
  },
});

/** Several taps in one. */
export function allTaps(taps: readonly Tap[]): Tap {
  return {
    opened: (stream) => {
      const streamTaps = taps.map((tap) => tap.opened(stream));
      return {
        sent: (envelope) => {
          for (const tap of streamTaps) tap.sent(envelope);
        },
        received: (envelope) => {
          for (const tap of streamTaps) tap.received(envelope);
        },
        ending: () => {
          for (const tap of streamTaps) tap.ending?.();
        },
        ended: (ending) => {
          for (const tap of streamTaps) tap.ended(ending);
        },
      };
    },
  };
}

/** Sees nothing. */
export const noTap: Tap = allTaps([]);
