import type { GossipStream } from '../../src/ports/transport';
import type { GossipMessage } from '../../src/wire';
import { hex, sameBytes } from '../steps/bytes';
import type { PeerUnderTest } from './peer-under-test';

/** Whom a tester speaks with on a stream: whoever dialled it is known by its ConnEstablish. */
export class OtherSide {
  readonly #put: Pick<PeerUnderTest, 'name' | 'pkiId'>;
  #name: string;
  #isKnown: boolean;

  constructor(
    { role, remoteAddress }: Pick<GossipStream, 'role' | 'remoteAddress'>,
    put: Pick<PeerUnderTest, 'name' | 'pkiId'>,
  ) {
    this.#put = put;
    this.#isKnown = role === 'initiator';
    this.#name = this.#isKnown ? put.name : `somebody at ${remoteAddress}`;
  }

  get name(): string {
    return this.#name;
  }

  /** Whether no message can tell more. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** It says something: who it is, perhaps. */
  says(message: GossipMessage | undefined): void {
    if (this.#isKnown || message?.content?.kind !== 'conn') return;
    const { pkiId } = message.content.value;
    this.#name = sameBytes(pkiId, this.#put.pkiId)
      ? this.#put.name
      : `another peer ${hex(pkiId).slice(0, 8)}`;
    this.#isKnown = true;
  }
}
