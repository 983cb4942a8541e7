import { closeSync, openSync, writeSync } from 'node:fs';
import { decodeEnvelope, decodeMessage, describe, WireError } from '../../wire';
import type { Party, Recorded, RecordedEnvelope, RecordedStream } from '../recording';
import { writeError } from '../recording-files';
import { RecordingReader } from '../recording-reader';
import { fileHeader, names, packet } from './blocks';
import { clientOpening, grpcMessage, serverEnding, serverOpening } from './http2-frames';
import { TcpConnection } from './tcp-connection';

const PATH = '/gossip.Gossip/GossipStream';
const SERVER_PORT = 7051;
/** Client ports go round above this. */
const FIRST_PORT = 20_000;
const PORTS = 40_000;
/** Packets are written in pieces of about this size. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Writes a recording as pcapng: of each GossipStream the gRPC call without its TLS, in HTTP/2 over a TCP connection made up
 * for it. Names are those of the recording, a packet's comment tells the message. What happened to a message on its way
 * is not shown.
 * @throws RecordingError at the first fault. @throws RecordingWriteError
 */
export async function convertToPcapng(options: {
  readonly recording: string;
  readonly file: string;
}): Promise<{ readonly packets: number; readonly bytes: number }> {
  const reader = new RecordingReader(options.recording);
  const addresses = await addressesOf(reader);
  const { tool, command } = reader.manifest;
  const writer = new PacketWriter(options.file);
  const connections = new Map<number, TcpConnection>();
  writer.add([fileHeader(`${tool.name} ${tool.version}: ${command}`), names(addresses)]);
  const address = ({ name }: Party): Uint8Array => addresses.get(name) ?? Uint8Array.of(10, 255, 255, 255);
  const open = (stream: RecordedStream, wallUs: number): TcpConnection => {
    const tcp = new TcpConnection(
      { address: address(stream.initiator), port: FIRST_PORT + (stream.number % PORTS) },
      { address: address(stream.responder), port: SERVER_PORT },
    );
    connections.set(stream.number, tcp);
    writer.packets(wallUs, tcp.open());
    writer.packets(wallUs, tcp.send('client', clientOpening(PATH, stream.responder.name)));
    writer.packets(wallUs, tcp.send('server', serverOpening()));
    return tcp;
  };
  const write = (recorded: Recorded): void => {
    switch (recorded.type) {
      case 'opened':
        open(recorded.stream, recorded.wallUs);
        break;
      case 'envelope': {
        const { stream, wallUs, by, bytes } = recorded;
        const tcp = connections.get(stream.number) ?? open(stream, wallUs);
        const frames = grpcMessage(bytes);
        writer.packets(
          wallUs,
          tcp.send(by === 'initiator' ? 'client' : 'server', frames),
          commentOf(recorded),
        );
        break;
      }
      case 'ended': {
        const { stream, wallUs, code, details } = recorded;
        const tcp = connections.get(stream.number);
        connections.delete(stream.number);
        if (tcp === undefined) break;
        if (code !== undefined) {
          writer.packets(wallUs, tcp.send('server', serverEnding(code, details)));
        }
        writer.packets(wallUs, tcp.close());
        break;
      }
      case 'mark':
    }
  };
  try {
    for await (const recorded of reader) write(recorded);
  } finally {
    writer.close();
  }
  return { packets: writer.count, bytes: writer.bytes };
}

/** An address for everybody: 10.0.0.1 and on. A first pass, since names come before packets. */
async function addressesOf(reader: RecordingReader): Promise<ReadonlyMap<string, Uint8Array>> {
  const addresses = new Map<string, Uint8Array>();
  for await (const recorded of reader) {
    if (recorded.type !== 'opened') continue;
    for (const { name } of [recorded.stream.initiator, recorded.stream.responder]) {
      const n = addresses.size + 1;
      if (!addresses.has(name))
        addresses.set(name, Uint8Array.of(10, (n >> 16) & 255, (n >> 8) & 255, n & 255));
    }
  }
  return addresses;
}

function commentOf({ from, to, bytes }: RecordedEnvelope): string {
  try {
    return `${from.name} to ${to.name}: ${describe(decodeMessage(decodeEnvelope(bytes).payload))}`;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return `${from.name} to ${to.name}: ${error.message}`;
  }
}

class PacketWriter {
  count = 0;
  bytes = 0;
  readonly #path: string;
  readonly #file: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** @throws RecordingWriteError */
  constructor(path: string) {
    this.#path = path;
    this.#file = this.#guarded(() => openSync(path, 'w'));
  }

  add(blocks: readonly Buffer[]): void {
    for (const block of blocks) {
      this.#pending.push(block);
      this.#pendingBytes += block.length;
    }
    if (this.#pendingBytes > PIECE_BYTES) this.#flush();
  }

  /** Packets of one instant; the comment goes to the first. */
  packets(wallUs: number, packets: readonly Buffer[], comment?: string): void {
    this.count += packets.length;
    this.add(packets.map((bytes, i) => packet(wallUs, bytes, i === 0 ? comment : undefined)));
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    const piece = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.bytes += piece.length;
    this.#guarded(() => {
      for (let start = 0; start < piece.length;) start += writeSync(this.#file, piece, start);
    });
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }
}
