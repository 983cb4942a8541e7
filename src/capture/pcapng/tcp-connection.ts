/** IPv4 and TCP packets (RFC 791, RFC 9293) of a connection on which nothing is lost. */

export interface TcpEnd {
  /** Four bytes. */
  readonly address: Uint8Array;
  readonly port: number;
}

const TcpFlag = { FIN: 0x01, SYN: 0x02, PSH: 0x08, ACK: 0x10 } as const;
const TCP_PROTOCOL = 6;
const IP_HEADER_BYTES = 20;
const TCP_HEADER_BYTES = 20;
/** Far below what an IPv4 packet can hold. */
const MAX_SEGMENT_BYTES = 32_768;

interface EndState extends TcpEnd {
  /** What it sends next. */
  seq: number;
}

/** Makes the packets of one connection. */
export class TcpConnection {
  readonly #client: EndState;
  readonly #server: EndState;

  constructor(client: TcpEnd, server: TcpEnd) {
    this.#client = { ...client, seq: 1000 };
    this.#server = { ...server, seq: 2000 };
  }

  open(): Buffer[] {
    const packets = [this.#packet('client', TcpFlag.SYN)];
    this.#client.seq += 1;
    packets.push(this.#packet('server', TcpFlag.SYN | TcpFlag.ACK));
    this.#server.seq += 1;
    packets.push(this.#packet('client', TcpFlag.ACK));
    return packets;
  }

  send(from: 'client' | 'server', bytes: Uint8Array): Buffer[] {
    const packets: Buffer[] = [];
    for (let start = 0; start < bytes.length; start += MAX_SEGMENT_BYTES) {
      const segment = bytes.subarray(start, start + MAX_SEGMENT_BYTES);
      packets.push(this.#packet(from, TcpFlag.PSH | TcpFlag.ACK, segment));
      this.#end(from).seq = (this.#end(from).seq + segment.length) >>> 0;
    }
    return packets;
  }

  close(): Buffer[] {
    const packets = [this.#packet('client', TcpFlag.FIN | TcpFlag.ACK)];
    this.#client.seq = (this.#client.seq + 1) >>> 0;
    packets.push(this.#packet('server', TcpFlag.FIN | TcpFlag.ACK));
    this.#server.seq = (this.#server.seq + 1) >>> 0;
    packets.push(this.#packet('client', TcpFlag.ACK));
    return packets;
  }

  #end(name: 'client' | 'server'): EndState {
    return name === 'client' ? this.#client : this.#server;
  }

  #packet(from: 'client' | 'server', flags: number, payload: Uint8Array = new Uint8Array()): Buffer {
    const [source, target] = [this.#end(from), this.#end(from === 'client' ? 'server' : 'client')];
    const tcp = Buffer.alloc(TCP_HEADER_BYTES + payload.length);
    tcp.writeUInt16BE(source.port, 0);
    tcp.writeUInt16BE(target.port, 2);
    tcp.writeUInt32BE(source.seq, 4);
    tcp.writeUInt32BE((flags & TcpFlag.ACK) === 0 ? 0 : target.seq, 8);
    tcp[12] = (TCP_HEADER_BYTES / 4) << 4;
    tcp[13] = flags;
    tcp.writeUInt16BE(0xffff, 14);
    tcp.set(payload, TCP_HEADER_BYTES);
    const length = Uint8Array.of(0, TCP_PROTOCOL, tcp.length >> 8, tcp.length & 0xff);
    tcp.writeUInt16BE(checksum(Buffer.concat([source.address, target.address, length, tcp])), 16);
    return Buffer.concat([ipHeader(source.address, target.address, tcp.length), tcp]);
  }
}

function ipHeader(source: Uint8Array, target: Uint8Array, payloadBytes: number): Buffer {
  const ip = Buffer.alloc(IP_HEADER_BYTES);
  ip[0] = 0x45;
  ip.writeUInt16BE(IP_HEADER_BYTES + payloadBytes, 2);
  ip[8] = 64;
  ip[9] = TCP_PROTOCOL;
  ip.set(source, 12);
  ip.set(target, 16);
  ip.writeUInt16BE(checksum(ip), 10);
  return ip;
}

/** The Internet checksum (RFC 1071). */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
