import { Pulse, type PulseOptions } from './pulse';
import type { PeerUnderTest, Target } from './target';

/** The pulses of a target's peers. Embedded ones have none: what keeps them waiting keeps this process waiting. */
export class Pulses implements Disposable {
  readonly #pulses: ReadonlyMap<PeerUnderTest, Pulse>;

  constructor(target: Target, tools: Pick<PulseOptions, 'lines' | 'clock'>) {
    const peers = target.info.kind === 'embedded' ? [] : target.peers;
    this.#pulses = new Map(
      peers.map((peer) => [
        peer,
        new Pulse({ ...tools, endpoint: peer.endpoint, tls: certificateOf(target, peer) }),
      ]),
    );
  }

  of(peer: PeerUnderTest): Pulse | undefined {
    return this.#pulses.get(peer);
  }

  [Symbol.dispose](): void {
    for (const pulse of this.#pulses.values()) pulse[Symbol.dispose]();
  }
}

/** Any tester's: Ping asks for no identity, so they may go on using it. */
function certificateOf(target: Target, peer: PeerUnderTest): PulseOptions['tls'] {
  const source = target.own(peer);
  const papers = source.borrow();
  if (papers !== undefined) source.giveBack(papers);
  return papers?.tls;
}
