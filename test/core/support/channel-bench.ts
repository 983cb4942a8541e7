/** A channel on the machine bench: a ledger in memory, blocks that anybody can make, and messages of a channel. */
import { seal, type ChannelOptions, type Opened } from '../../../src/core';
import type { BlockVerdict, BlockVerifier, Ledger } from '../../../src/ports/ledger';
import { cheapHash } from '../../../src/sim/keyed-identity';
import { PullMsgType, Tag, type Content, type Envelope, type Payload } from '../../../src/wire';
import { contentOf } from './contents';
import { MachineBench, type BenchOptions, type BenchStream } from './machine-bench';
import { Remote } from './remote';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NO_BYTES = new Uint8Array();

export const channelName = 'ch';
export const bytesOf = (text: string): Uint8Array => encoder.encode(text);
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** A block as the verifier of the bench accepts it. */
export const blockOf = (number: bigint, channel = channelName): Uint8Array =>
  bytesOf(`block ${number} of ${channel}`);
export const forged = bytesOf('forged');

export class MemoryLedger implements Ledger {
  readonly blocks: Uint8Array[];
  /** What the next append throws. */
  failure: Error | undefined;

  constructor(height = 1) {
    this.blocks = Array.from({ length: height }, (_, number) => blockOf(BigInt(number)));
  }

  height(): bigint {
    return BigInt(this.blocks.length);
  }

  blockAt(number: bigint): Uint8Array | undefined {
    return this.blocks[Number(number)];
  }

  append(block: Uint8Array): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) {
      throw failure;
    }
    this.blocks.push(block);
  }
}

/** Accepts the blocks of {@link blockOf}, and remembers which it was asked about. */
export class PlainVerifier implements BlockVerifier {
  readonly asked: bigint[] = [];

  verify(block: Uint8Array, number: bigint): BlockVerdict {
    this.asked.push(number);
    return textOf(block) === textOf(blockOf(number))
      ? { ok: true }
      : { ok: false, reason: 'not-signed', detail: textOf(block) };
  }
}

export interface ChannelBenchOptions extends BenchOptions {
  readonly height?: number;
  readonly channel?: Partial<ChannelOptions>;
}

/** A machine that has joined the channel `ch` of Org1MSP and Org2MSP 20 ms ago, and told nobody so. */
export class ChannelBench extends MachineBench {
  readonly ledger: MemoryLedger;
  readonly verifier = new PlainVerifier();
  /** Of all that {@link onChannel} has let in. */
  readonly #members: BenchStream[] = [];

  constructor(options: ChannelBenchOptions = {}) {
    super(options);
    this.ledger = new MemoryLedger(options.height ?? 1);
    this.configure(options.channel);
    this.clock.advance(20);
  }

  /** Joins, or takes over another configuration. */
  configure(change: Partial<ChannelOptions> = {}): void {
    const { ledger, verifier } = this;
    const orgs = ['Org1MSP', 'Org2MSP'];
    this.input({ kind: 'join-channel', channel: { name: channelName, orgs, ledger, verifier, ...change } });
  }

  /** Endpoints of the members in the channel view, sorted. */
  view(): string[] {
    const members = this.machine.channel(channelName)?.members() ?? [];
    return members.map(({ member }) => member.endpoint).sort();
  }

  /** A new remote that joins, and its stream. */
  newcomer(mspId: string, name: string, endpoint?: string): [Remote, BenchStream] {
    const remote = new Remote(mspId, name);
    return [remote, this.join(remote, remote.alive(endpoint === undefined ? {} : { endpoint }))];
  }

  /** The stream of a remote that joins and tells that it is on the channel; what that caused is taken already. */
  onChannel(remote: Remote, change: StateInfoChange = {}): BenchStream {
    const stream = this.join(remote);
    stream.send(stateInfoOf(remote, 1n, change));
    this.clock.advance(20);
    this.#members.push(stream);
    for (const each of this.#members) each.take();
    this.takeRejections();
    return stream;
  }

  /** Endpoints of the authors in the snapshot that a remote is given, sorted; ours is `self`, unknown ones `?`. */
  snapshotFor(remote: Remote, to: BenchStream, others: readonly Remote[]): string[] {
    to.take();
    to.send(stateInfoRequestOf(remote));
    const known = new Map([remote, ...others].map(({ pkiId, endpoint }) => [macOf(pkiId).join(), endpoint]));
    known.set(macOf(this.self.pkiId).join(), 'self');
    const { elements } = to.takeOnly('stateSnapshot').content.value;
    return elements
      .map((element) => known.get(contentOf(element, 'stateInfo').value.channelMac.join()) ?? '?')
      .sort();
  }
}

export const macOf = (pkiId: Uint8Array, channel = channelName): Uint8Array =>
  cheapHash(Uint8Array.of(...pkiId, ...bytesOf(channel)));

export interface StateInfoChange {
  readonly channel?: string;
  readonly height?: bigint;
  readonly leftChannel?: boolean;
  readonly incNum?: bigint;
  readonly mac?: Uint8Array;
  readonly noTimestamp?: boolean;
  readonly noProperties?: boolean;
  readonly chaincodes?: readonly string[];
  readonly signer?: Remote;
  readonly tag?: number;
}

/** A remote's state info. */
export function stateInfoOf(author: Remote, seqNum: bigint, change: StateInfoChange = {}): Opened {
  const chaincodes = (change.chaincodes ?? []).map((name) => ({ name, version: '1', metadata: NO_BYTES }));
  const value = {
    timestamp: change.noTimestamp === true ? undefined : { incNum: change.incNum ?? 1n, seqNum },
    pkiId: author.pkiId,
    channelMac: change.mac ?? macOf(author.pkiId, change.channel),
    properties:
      change.noProperties === true
        ? undefined
        : { ledgerHeight: change.height ?? 1n, leftChannel: change.leftChannel ?? false, chaincodes },
  };
  const { identity } = change.signer ?? author;
  return seal({ tag: change.tag ?? Tag.CHAN_OR_ORG, content: { kind: 'stateInfo', value } }, identity);
}

/** A remote's request for state info. */
export const stateInfoRequestOf = (author: Remote, mac = macOf(author.pkiId)): Opened =>
  seal({ tag: Tag.CHAN_OR_ORG, content: { kind: 'stateInfoPullReq', value: { channelMac: mac } } });

/** A message that names the channel, with the tag of its kind unless said otherwise. */
export const channelMessage = (
  content: Content,
  { tag = tagOf(content), nonce = 0n, channel = channelName, signer }: MessageChange = {},
): Opened => seal({ tag, nonce, channel: bytesOf(channel), content }, signer?.identity);

export interface MessageChange {
  readonly tag?: number;
  readonly nonce?: bigint;
  readonly channel?: string;
  readonly signer?: Remote;
}

function tagOf(content: Content): number {
  switch (content.kind) {
    case 'stateSnapshot':
    case 'stateRequest':
    case 'stateResponse':
      return Tag.CHAN_OR_ORG;
    case 'privateData':
    case 'privateReq':
    case 'privateRes':
      return Tag.CHAN_ONLY;
    default:
      return Tag.CHAN_AND_ORG;
  }
}

export const snapshotOf = (elements: readonly (Opened | Envelope)[]): Opened =>
  channelMessage({
    kind: 'stateSnapshot',
    value: { elements: elements.map((each) => ('envelope' in each ? each.envelope : each)) },
  });

export const payloadOf = (number: bigint, data = blockOf(number)): Payload => ({
  seqNum: number,
  data,
  privateData: [],
});

/** Those of a range, both ends included. */
export const payloadsOf = (from: bigint, to: bigint): Payload[] =>
  Array.from({ length: Number(to - from) + 1 }, (_, i) => payloadOf(from + BigInt(i)));

/** A block as it is pushed, or as an item of an update. */
export const dataMessage = (number: bigint, data = blockOf(number), change: MessageChange = {}): Opened =>
  channelMessage({ kind: 'dataMsg', value: { payload: payloadOf(number, data) } }, change);

const msgType = PullMsgType.BLOCK_MSG;
export const blockHello = (nonce: bigint): Opened =>
  channelMessage({ kind: 'hello', value: { nonce, metadata: NO_BYTES, msgType } });
export const blockDigest = (nonce: bigint, digests: readonly string[]): Opened =>
  channelMessage({ kind: 'dataDig', value: { nonce, digests: digests.map(bytesOf), msgType } });
export const blockRequest = (nonce: bigint, digests: readonly string[]): Opened =>
  channelMessage({ kind: 'dataReq', value: { nonce, digests: digests.map(bytesOf), msgType } });
export const blockUpdate = (nonce: bigint, items: readonly (Opened | Envelope)[]): Opened =>
  channelMessage({
    kind: 'dataUpdate',
    value: { nonce, data: items.map((each) => ('envelope' in each ? each.envelope : each)), msgType },
  });
