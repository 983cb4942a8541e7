import { expect } from 'chai';
import type { Opened } from '../../src/core';
import { wallMs } from '../../src/ports/clock';
import { hex, PullMsgType, Tag, type Envelope } from '../../src/wire';
import { MachineBench, type BenchStream } from './support/machine-bench';
import { Remote, unsigned } from './support/remote';

const msgType = PullMsgType.IDENTITY_MSG;
const hexes = (many: readonly Uint8Array[]): string[] => many.map(hex).sort();

const hello = (nonce: bigint, tag: number = Tag.EMPTY, type: number = msgType): Opened =>
  unsigned({ kind: 'hello', value: { nonce, metadata: Uint8Array.of(1), msgType: type } }, 0n, tag);
const digest = (nonce: bigint, digests: readonly Uint8Array[]): Opened =>
  unsigned({ kind: 'dataDig', value: { nonce, digests, msgType } });
const request = (nonce: bigint, digests: readonly Uint8Array[]): Opened =>
  unsigned({ kind: 'dataReq', value: { nonce, digests, msgType } });
const update = (nonce: bigint, items: readonly Opened[]): Opened => {
  const data: Envelope[] = items.map(({ envelope }) => envelope);
  return unsigned({ kind: 'dataUpdate', value: { nonce, data, msgType } });
};

describe('identity pull', () => {
  let bench: MachineBench;
  let op: Remote;
  let op3: Remote;
  let stream: BenchStream;
  beforeEach(() => {
    bench = new MachineBench();
    op = new Remote('Org1MSP', 'op');
    op3 = new Remote('Org1MSP', 'op3');
    stream = bench.join(op);
  });

  /** The digest that a Hello brings. */
  function offered(to: BenchStream = stream): string[] {
    to.take();
    to.send(hello(7n));
    const kinds = to.take();
    const [first] = kinds;
    return first?.message.content?.kind === 'dataDig' ? hexes(first.message.content.value.digests) : [];
  }

  /** Serves identities in a full round of the peer's own. */
  function serve(items: readonly { id: Uint8Array; item: Opened }[], updateAfterMs = 10): void {
    stream.take();
    bench.clock.advance(4000);
    const { nonce } = stream.takeOnly('hello').content.value;
    stream.send(
      digest(
        nonce,
        items.map(({ id }) => id),
      ),
    );
    bench.clock.advance(1000);
    const wanted = stream.take().some(({ message }) => message.content?.kind === 'dataReq');
    bench.clock.advance(updateAfterMs);
    if (wanted) {
      stream.send(
        update(
          nonce,
          items.map(({ item }) => item),
        ),
      );
    }
  }

  describe('as responder', () => {
    it('PULL-02, PULL-15, CERT-02, TAG-09: answers a Hello on its stream with its nonce and the PKI-IDs it offers', () => {
      stream.send(hello(0n));
      const { content, envelope, message } = stream.takeOnly('dataDig');
      expect(content.value).to.deep.include({ nonce: 0n, msgType });
      expect(hexes(content.value.digests)).to.deep.equal([hex(bench.self.pkiId)]);
      expect(message).to.include({ nonce: 0n, tag: Tag.EMPTY });
      expect(message.channel).to.have.length(0);
      expect(envelope.signature).to.have.length(0);
    });

    it('TAG-01, TAG-02, BAD-63: silence for a wrong tag, and for no type', () => {
      stream.send(hello(1n, Tag.ORG_ONLY), hello(2n, Tag.EMPTY, PullMsgType.UNDEFINED), hello(3n));
      expect(stream.takeOnly('dataDig').content.value.nonce).to.equal(3n);
    });

    it('SIGN-08: does not look at a signature on it', () => {
      const signed = hello(4n);
      const { payload } = signed.envelope;
      const connection = bench.connect(op3);
      connection.send(Uint8Array.of(0x0a, payload.length, ...payload, 0x12, 2, 9, 9));
      expect(connection.takeOnly('dataDig').content.value.nonce).to.equal(4n);
    });

    it('CERT-01, PULL-06, PULL-08: serves its own item: tag EMPTY, signed by itself, the same bytes each time', () => {
      stream.send(hello(5n), request(5n, [bench.self.pkiId]), request(5n, [bench.self.pkiId, op3.pkiId]));
      const updates = stream
        .take()
        .flatMap(({ message }) => (message.content?.kind === 'dataUpdate' ? [message.content.value] : []));
      expect(updates.map(({ nonce, data }) => [nonce, data.length])).to.deep.equal([
        [5n, 1],
        [5n, 1],
      ]);
      const [first, second] = updates.map(({ data }) => data[0]);
      expect(first).to.deep.equal(second);
      expect(first !== undefined && bench.self.verify(first.payload, first.signature)).to.be.true;
    });

    it('PULL-07: returns an item twice that is asked for twice', () => {
      stream.send(hello(5n), request(5n, [bench.self.pkiId, bench.self.pkiId]));
      expect(stream.take().at(-1)?.message.content?.value).to.have.property('data').with.length(2);
    });

    it('PULL-06, BAD-65: silence for items not held', () => {
      stream.send(hello(5n), request(5n, [op3.pkiId]));
      expect(stream.takeKinds()).to.deep.equal(['dataDig']);
    });

    it('PULL-04, BAD-64: a request is heeded within requestWaitTime of its Hello, with its nonce', () => {
      stream.send(hello(5n));
      bench.clock.advance(1500);
      stream.take();
      stream.send(request(6n, [bench.self.pkiId]));
      expect(stream.take()).to.deep.equal([]);
      stream.send(request(5n, [bench.self.pkiId]));
      expect(stream.takeKinds()).to.deep.equal(['dataUpdate']);
      bench.clock.advance(1);
      stream.send(request(5n, [bench.self.pkiId]));
      expect(stream.take()).to.deep.equal([]);
    });

    it('PULL-05: any peer may use the nonce', () => {
      const other = bench.connect(op3);
      stream.send(hello(5n));
      other.send(request(5n, [bench.self.pkiId]));
      expect(other.takeKinds()).to.deep.equal(['dataUpdate']);
    });

    it('CERT-03: does not offer what it learned by handshake', () => {
      bench.join(op3);
      expect(offered()).to.deep.equal([hex(bench.self.pkiId)]);
    });

    describe('CERT-05, PULL-03: to a foreign requester', () => {
      const foreign = new Remote('Org2MSP', 'foreign');

      it('offers own-org identities of members with an external endpoint, and itself', () => {
        bench.join(op3, op3.alive({ endpoint: '' }));
        serve([
          { id: op.pkiId, item: op.identityItem() },
          { id: op3.pkiId, item: op3.identityItem() },
        ]);
        expect(offered()).to.have.length(3);
        expect(offered(bench.connect(foreign))).to.deep.equal(hexes([bench.self.pkiId, op.pkiId]));
      });

      it('says nothing if the peer has no external endpoint and knows nobody else', () => {
        bench = new MachineBench({ settings: { externalEndpoint: '' } });
        const connection = bench.connect(foreign);
        connection.send(hello(1n), request(1n, [bench.self.pkiId]));
        expect(connection.take()).to.deep.equal([]);
      });
    });
  });

  describe('as initiator', () => {
    it('PULL-01, PULL-09, CERT-04: a Hello to members of any organisation every pullInterval, a fresh nonce each', () => {
      const other = bench.join(new Remote('Org2MSP', 'foreign'));
      const nonces = [1, 2, 3].flatMap(() => {
        bench.clock.advance(4000);
        return [stream, other].map((each) => each.takeOnly('hello').content.value.nonce);
      });
      expect(new Set(nonces).size).to.equal(6);
    });

    it('PULL-11: asks for what it lacks digestWaitTime after the Hello, with the nonce', () => {
      bench.clock.advance(4000);
      const { nonce } = stream.takeOnly('hello').content.value;
      stream.send(digest(nonce, [op3.pkiId, bench.self.pkiId]));
      bench.clock.advance(999);
      expect(stream.takeKinds()).to.not.include('dataReq');
      bench.clock.advance(1);
      const { value } = stream.takeOnly('dataReq').content;
      expect(value.nonce).to.equal(nonce);
      expect(hexes(value.digests)).to.deep.equal([hex(op3.pkiId)]);
    });

    it('PULL-11: asks for each item of one advertiser only', () => {
      const other = bench.join(op3);
      bench.clock.advance(4000);
      const wanted = new Remote('Org1MSP', 'wanted');
      for (const each of [stream, other]) {
        each.send(digest(each.takeOnly('hello').content.value.nonce, [wanted.pkiId]));
      }
      bench.clock.advance(1000);
      const kinds = [...stream.takeKinds(), ...other.takeKinds()];
      expect(kinds.filter((kind) => kind === 'dataReq')).to.have.length(1);
    });

    it('PULL-10, BAD-66: ignores a digest with an unknown nonce, and a late one', () => {
      bench.clock.advance(4000);
      const { nonce } = stream.takeOnly('hello').content.value;
      stream.send(digest(nonce + 1n, [op3.pkiId]));
      bench.clock.advance(1001);
      stream.send(digest(nonce, [op3.pkiId]));
      bench.clock.advance(2000);
      expect(stream.takeKinds()).to.not.include('dataReq');
    });

    it('CERT-07: offers what it has pulled, and knows it from then on', () => {
      serve([{ id: op3.pkiId, item: op3.identityItem() }]);
      expect(offered()).to.deep.equal(hexes([bench.self.pkiId, op3.pkiId]));
      stream.send(op3.alive({ identity: new Uint8Array() }));
      expect(bench.aliveEndpoints()).to.include('op3:7051');
    });

    it('PULL-12, PULL-13: learns from an update after the round, but does not offer it and asks again', () => {
      serve([{ id: op3.pkiId, item: op3.identityItem() }], 2001);
      expect(offered()).to.deep.equal([hex(bench.self.pkiId)]);
      expect(bench.machine.mspIdOf(op3.pkiId)).to.equal('Org1MSP');
      bench.clock.advance(999);
      stream.send(digest(stream.takeOnly('hello').content.value.nonce, [op3.pkiId]));
      bench.clock.advance(1000);
      expect(stream.takeKinds()).to.include('dataReq');
    });

    it('CERT-08, BAD-69: learns from an update nobody asked for, but does not offer it', () => {
      stream.send(update(99n, [op3.identityItem()]));
      expect(bench.machine.mspIdOf(op3.pkiId)).to.equal('Org1MSP');
      expect(offered()).to.deep.equal([hex(bench.self.pkiId)]);
    });

    const other = new Remote('Org1MSP', 'other');
    const badItems: Record<string, () => Opened> = {
      'BAD-35: whose pki_id is another’s': () =>
        other.identityItem({ pkiId: new Remote('Org1MSP', 'x').pkiId }),
      'signed by another': () => other.identityItem({ signer: new Remote('Org1MSP', 'x').identity }),
      'of an unknown MSP': () => new Remote('OrgXMSP', 'x').identityItem(),
      'that is no identity': () => other.alive(),
      'without payload': () => ({
        ...other.alive(),
        envelope: { payload: new Uint8Array(), signature: new Uint8Array(), secretEnvelope: undefined },
      }),
      'that does not parse': () => ({
        ...other.alive(),
        envelope: { payload: Uint8Array.of(0xff), signature: new Uint8Array(), secretEnvelope: undefined },
      }),
    };
    for (const [title, item] of Object.entries(badItems)) {
      it(`CERT-06, BAD-67, BAD-68: an item ${title} voids the whole update; the stream stays`, () => {
        stream.send(update(99n, [op3.identityItem(), item()]));
        expect(bench.machine.mspIdOf(op3.pkiId)).to.equal(undefined);
        expect(stream.ending).to.equal(undefined);
        expect(bench.takeRejections()).to.include('bad-update-item');
      });
    }
  });

  it('CERT-09, BAD-50: a top-level identity is ignored, with its tag as with another', () => {
    const { content } = op3.identityItem().message;
    if (content === undefined) throw new Error('no content');
    stream.send(unsigned(content, 0n, Tag.ORG_ONLY), op3.identityItem());
    stream.send(op3.alive({ identity: new Uint8Array() }));
    expect(bench.aliveEndpoints()).to.deep.equal(['op:7051']);
  });

  it('CERT-10: an identity that expired leaves the digests', () => {
    const nowMs = wallMs(bench.clock);
    const mortal = new Remote('Org1MSP', 'mortal', 'mortal:1', nowMs + 6000);
    serve([{ id: mortal.pkiId, item: mortal.identityItem() }]);
    expect(offered()).to.have.length(2);
    bench.clock.advance(1500);
    expect(offered()).to.deep.equal([hex(bench.self.pkiId)]);
  });
});
