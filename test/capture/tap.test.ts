import { expect } from 'chai';
import { allTaps, RecordingReader, recordingTap, RecordingWriter, tapped, type Tap } from '../../src/capture';
import type { Connection, GossipStream, StreamEvents, Transport } from '../../src/ports/transport';
import { header, temporaryFolder, tickingClock } from './support';

const silent: StreamEvents = { onEnvelope: () => undefined, onEnd: () => undefined };
const binding = { tls: false, localCertificate: undefined, remoteCertificate: undefined };

/** A transport whose one stream is in the test's hand. */
function handTransport(): { transport: Transport; events: () => StreamEvents; sent: Uint8Array[] } {
  const sent: Uint8Array[] = [];
  let events = silent;
  const stream: GossipStream = {
    role: 'initiator',
    remoteAddress: 'there:1',
    binding,
    send: (envelope) => sent.push(envelope) < 3,
    end: () => undefined,
  };
  const connection: Connection = {
    endpoint: 'there:1',
    binding,
    ping: () => undefined,
    open: (given) => {
      events = given;
      return stream;
    },
    close: () => undefined,
  };
  const transport: Transport = {
    listen: () => Promise.reject(new Error('nobody listens')),
    dial: (_endpoint, _timeoutMs, done) => {
      done({ ok: true, connection });
      return { cancel: () => undefined };
    },
  };
  return { transport, events: () => events, sent };
}

function open(transport: Transport): GossipStream {
  let opened: GossipStream | undefined;
  transport.dial('there:1', 1, (result) => {
    if (result.ok) opened = result.connection.open(silent);
  });
  if (opened === undefined) throw new Error('no stream');
  return opened;
}

describe('a tap', () => {
  it('sees the very bytes both ways, and nothing that the transport did not take', () => {
    const seen: string[] = [];
    const tap: Tap = {
      opened: ({ remoteAddress }) => ({
        sent: (bytes) => seen.push(`> ${remoteAddress} ${String(bytes)}`),
        received: (bytes) => seen.push(`< ${String(bytes)}`),
        ended: ({ code }) => seen.push(`ended ${code}`),
      }),
    };
    const { transport, events } = handTransport();
    const stream = open(tapped(transport, allTaps([tap, tap])));
    for (const byte of [1, 2, 3]) stream.send(Uint8Array.of(byte));
    events().onEnvelope(Uint8Array.of(9));
    events().onEnd({ code: 0, details: '' });
    const wanted = ['> there:1 1', '> there:1 2', '< 9', 'ended 0'];
    expect(seen).to.deep.equal(wanted.flatMap((line) => [line, line]));
  });

  it('can be a recording', async () => {
    using folder = temporaryFolder();
    const writer = new RecordingWriter({ folder: folder.path, header, clock: tickingClock() });
    const { transport, events } = handTransport();
    const stream = open(tapped(transport, recordingTap(writer, { name: 'us', pkiId: Uint8Array.of(7) })));
    stream.send(Uint8Array.of(255));
    events().onEnvelope(Uint8Array.of());
    events().onEnd({ code: 2, details: 'no' });
    await writer.close();
    const recorded: string[] = [];
    for await (const one of new RecordingReader(folder.path)) {
      recorded.push(one.type === 'envelope' ? `${one.from.name} ${one.kind}` : one.type);
    }
    expect(recorded).to.deep.equal(['opened', 'us undecodable', 'there:1 none', 'ended']);
  });
});
