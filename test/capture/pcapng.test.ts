import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertToPcapng, RecordingReader } from '../../src/capture';
import { checksum } from '../../src/capture/pcapng/tcp-connection';
import { recordingFolder } from '../wire/recordings';
import { temporaryFolder } from './support';

interface Block {
  readonly type: number;
  readonly body: Buffer;
}

function blocksOf(file: Buffer): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < file.length;) {
    const [type, total] = [file.readUInt32LE(at), file.readUInt32LE(at + 4)];
    expect(total % 4, 'a block ends on a word').to.equal(0);
    expect(file.readUInt32LE(at + total - 4), 'the length is told twice').to.equal(total);
    blocks.push({ type, body: file.subarray(at + 8, at + total - 4) });
    at += total;
  }
  return blocks;
}

const packetsOf = (blocks: readonly Block[]): Buffer[] =>
  blocks.filter(({ type }) => type === 6).map(({ body }) => body.subarray(20, 20 + body.readUInt32LE(12)));

/** What each side of each connection sent, put together. */
function flowsOf(packets: readonly Buffer[]): ReadonlyMap<string, Buffer> {
  const flows = new Map<string, Buffer[]>();
  const next = new Map<string, number>();
  for (const packet of packets) {
    const tcp = packet.subarray(20);
    const key = `${packet.readUInt32BE(12)}:${tcp.readUInt16BE(0)} > ${packet.readUInt32BE(16)}:${tcp.readUInt16BE(2)}`;
    const [seq, flags, payload] = [tcp.readUInt32BE(4), tcp[13] ?? 0, tcp.subarray(20)];
    if (payload.length > 0) expect(seq, 'nothing is lost').to.equal(next.get(key));
    next.set(key, seq + payload.length + ((flags & 0x03) !== 0 ? 1 : 0));
    flows.set(key, [...(flows.get(key) ?? []), payload]);
  }
  return new Map([...flows].map(([key, parts]) => [key, Buffer.concat(parts)]));
}

/** The gRPC messages in what one side sent. */
function messagesOf(flow: Buffer): Buffer[] {
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  let at = flow.subarray(0, preface.length).toString('latin1') === preface ? preface.length : 0;
  const data: Buffer[] = [];
  while (at < flow.length) {
    const [length, type] = [flow.readUIntBE(at, 3), flow[at + 3]];
    expect(length).to.be.at.most(16_384);
    if (type === 0) data.push(flow.subarray(at + 9, at + 9 + length));
    at += 9 + length;
  }
  const stream = Buffer.concat(data);
  const messages: Buffer[] = [];
  for (let from = 0; from < stream.length;) {
    const length = stream.readUInt32BE(from + 1);
    messages.push(stream.subarray(from + 5, from + 5 + length));
    from += 5 + length;
  }
  return messages;
}

describe('a recording as pcapng', function () {
  this.timeout(20_000);
  it('has every envelope as a gRPC message in HTTP/2 over TCP, in order', async () => {
    using folder = temporaryFolder();
    const recording = recordingFolder('v3.1.5-member');
    const file = join(folder.path, 'out.pcapng');
    const { packets, bytes } = await convertToPcapng({ recording, file });
    const written = readFileSync(file);
    expect(written.length).to.equal(bytes);
    const blocks = blocksOf(written);
    expect(blocks.slice(0, 3).map(({ type }) => type)).to.deep.equal([0x0a0d0d0a, 1, 4]);
    expect(blocks[1]?.body.readUInt16LE(0), 'packets begin with their IP header').to.equal(101);
    const all = packetsOf(blocks);
    expect(all).to.have.length(packets);
    for (const packet of all) expect(checksum(packet.subarray(0, 20)), 'of the IP header').to.equal(0);
    const messages = [...flowsOf(all).values()].flatMap(messagesOf).map((one) => one.toString('hex'));
    const recorded: string[] = [];
    for await (const one of new RecordingReader(recording)) {
      if (one.type === 'envelope') recorded.push(Buffer.from(one.bytes).toString('hex'));
    }
    expect(messages.sort()).to.deep.equal(recorded.sort());
  });
});
