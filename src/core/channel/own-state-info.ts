/**
 * What the peer tells about itself on a channel.
 *
 *     height or chaincodes change, leave ──► new properties, newer seq_num ──publication──► sealed, signed
 *
 * Source: gossip/gossip/channel/channel.go, `updateProperties`, `setupSignedStateInfoMessage`.
 */
import { Tag, type Properties } from '../../wire';
import { seal } from '../envelopes';
import { wallNanos, type Instant } from '../instant';
import type { ChaincodeInfo } from './channel-options';
import type { ChannelScope } from './channel-scope';
import type { HeldStateInfo } from './state-info-store';

export class OwnStateInfo {
  readonly #scope: ChannelScope;
  readonly #incNum: bigint;
  #seqNum = 0n;
  #properties: Properties = { ledgerHeight: 0n, leftChannel: false, chaincodes: [] };

  constructor(scope: ChannelScope, at: Instant) {
    this.#scope = scope;
    this.#incNum = wallNanos(at);
  }

  get hasLeft(): boolean {
    return this.#properties.leftChannel;
  }

  /** `blocks`: how many the ledger has (SINF-04). */
  heightIs(blocks: bigint, at: Instant): void {
    this.#change({ ledgerHeight: this.#scope.context.rules.toldHeight(blocks) }, at);
  }

  chaincodesAre(chaincodes: readonly ChaincodeInfo[], at: Instant): void {
    this.#change(
      { chaincodes: chaincodes.map(({ name, version }) => ({ name, version, metadata: NO_BYTES })) },
      at,
    );
  }

  leave(at: Instant): void {
    this.#change({ leftChannel: true }, at);
  }

  #change(properties: Partial<Properties>, at: Instant): void {
    const nowNanos = wallNanos(at);
    this.#seqNum = nowNanos > this.#seqNum ? nowNanos : this.#seqNum + 1n;
    this.#properties = { ...this.#properties, ...properties };
  }

  /** As it is to be published now (SINF-01). */
  build(): HeldStateInfo {
    const { self } = this.#scope.context;
    const time = { incNum: this.#incNum, seqNum: this.#seqNum };
    const properties = this.#properties;
    const value = { timestamp: time, pkiId: self.pkiId, channelMac: this.#scope.mac(self.pkiId), properties };
    const opened = seal({ tag: Tag.CHAN_OR_ORG, content: { kind: 'stateInfo', value } }, self);
    return { pkiId: self.pkiId, time, properties, opened };
  }
}

const NO_BYTES = new Uint8Array();
