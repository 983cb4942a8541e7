/**
 * Joining a channel by what its configuration block says, and following its later configurations.
 *
 *     configuration block ──► organisations, readers, anchor peers, block verifier ──► joinChannel
 *             ▲                                                                            │
 *             └── a committed block that is a configuration ◄── blockCommitted ◄───────────┘
 */
import type { EventEmitter } from 'node:events';
import {
  ChannelBlockVerifier,
  ChannelConfigError,
  isConfigBlock,
  readChannelConfig,
  type ChannelConfig,
} from '../channel';
import type { Msp } from '../identity';
import type { GossipPeerEvents } from './peer-events';
import type { AnchorPeer, JoinChannelOptions, RunningChannel } from './running-channel';
import type { RunningPeer } from './running-peer';

export interface ConfiguredChannelOptions extends Pick<
  JoinChannelOptions,
  'chaincodes' | 'ledger' | 'privateData'
> {
  /** What the newest configuration block of the ledger says, which may be its first block: `readChannelConfig`. */
  readonly config: ChannelConfig;
  /**
   * Is given the MSPs of the channel's other organisations, as the peer's own validator of identities has to know them.
   * TLS roots are not among what can be added to a running peer: give those of all organisations at its start.
   */
  readonly validator: { put(msp: Msp): void };
}

/** What is needed of a running peer. */
export interface ChannelHost extends Pick<RunningPeer, 'identity' | 'joinChannel' | 'revalidateIdentities'> {
  readonly events: EventEmitter<GossipPeerEvents>;
}

/**
 * Joins the channel of a configuration block. Blocks are verified by the newest configuration committed; a later one
 * that cannot be understood is told as `channelConfigRefused`, and the channel goes on by the one before.
 */
export function joinConfiguredChannel(
  peer: ChannelHost,
  { config: first, validator, ...options }: ConfiguredChannelOptions,
): RunningChannel {
  const { ledger } = options;
  let config = first;
  const verifier = new ChannelBlockVerifier(config);
  const join = (anchorPeers: readonly AnchorPeer[]): RunningChannel => {
    for (const { msp } of config.organisations) {
      if (msp.mspId !== peer.identity.mspId) validator.put(msp);
    }
    const { channel: name, isReader, organisations } = config;
    const orgs = organisations.map(({ msp }) => msp.mspId);
    return peer.joinChannel({ ...options, name, orgs, isReader, verifier, anchorPeers });
  };
  const channel = join(anchorPeersOf(config));
  peer.events.on('blockCommitted', ({ channel: name, number }) => {
    const block = name === config.channel ? ledger.blockAt(number) : undefined;
    if (block === undefined || !isConfigBlock(block)) return;
    const later = readLater(peer, name, block);
    if (later === undefined) return;
    const before = anchorPeersOf(config);
    config = later;
    verifier.configure(config);
    // Anchor peers are called again only if something about them has changed (BOOT-05, BOOT-11).
    const now = anchorPeersOf(config);
    join(isSame(before, now) ? [] : now);
    peer.revalidateIdentities();
  });
  return channel;
}

function readLater(peer: ChannelHost, channel: string, block: Uint8Array): ChannelConfig | undefined {
  try {
    return readChannelConfig(block);
  } catch (error) {
    if (!(error instanceof ChannelConfigError)) throw error;
    peer.events.emit('channelConfigRefused', { channel, error });
    return undefined;
  }
}

const anchorPeersOf = ({ organisations }: ChannelConfig): AnchorPeer[] =>
  organisations.flatMap(({ anchorPeers, msp }) =>
    anchorPeers.map((endpoint) => ({ endpoint, mspId: msp.mspId })),
  );

const isSame = (some: readonly AnchorPeer[], others: readonly AnchorPeer[]): boolean => {
  const keys = (anchors: readonly AnchorPeer[]): string =>
    anchors
      .map(({ endpoint, mspId }) => `${mspId} ${endpoint}`)
      .sort()
      .join('\n');
  return keys(some) === keys(others);
};
