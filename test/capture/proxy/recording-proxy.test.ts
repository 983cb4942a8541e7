import { expect } from 'chai';
import type { Organisation } from '../../../src/identity';
import { StatusCode, type DialResult, type Ending } from '../../../src/ports/transport';
import { SeededRandom } from '../../../src/ports/seeded-random';
import { encodeEnvelope, encodeMessage, envelope, gossipMessage } from '../../../src/wire';
import { bytes } from '../../transport/recorder';
import { HOST, issueOrganisations } from './support/fronted';
import { Pair } from './support/pair';

/** What a dialler says first, as whoever has this PKI-ID. */
const establish = (pkiId: Uint8Array): Uint8Array =>
  encodeEnvelope(envelope(encodeMessage(gossipMessage({ content: { kind: 'conn', value: { pkiId } } }))));

const LAST = bytes('the last one');

describe('recording proxy', function () {
  this.timeout(20_000);
  let organisations: Organisation[];
  before(async () => {
    organisations = await issueOrganisations();
  });

  for (const tls of [true, false]) {
    describe(`TLS ${tls ? 'on' : 'off'}`, () => {
      let pair: Pair;
      let hello: Uint8Array;
      beforeEach(async () => {
        pair = await Pair.open(organisations, tls, new SeededRandom(7));
        hello = establish(pair.papers[0].identity.pkiId);
      });
      afterEach(() => pair[Symbol.asyncDispose]());

      const ping = async (): Promise<Ending | undefined> => {
        const connection = await new Promise<DialResult>((resolve) => {
          pair.dialler.dial(pair.front, 2_000, resolve);
        });
        if (!connection.ok) return connection.failure;
        const failure = await new Promise<Ending | undefined>((resolve) => {
          connection.connection.ping(2_000, resolve);
        });
        connection.connection.close();
        return failure;
      };

      it('passes Ping', async () => {
        expect(await ping()).to.equal(undefined);
        expect(await ping()).to.equal(undefined);
      });

      it('passes messages unchanged and in order, both ways, and tells of each', async () => {
        const { here, heard, there, heardThere } = await pair.connect(hello);
        const sent = Array.from({ length: 50 }, (_, n) => bytes(`message ${n} ${'x'.repeat(n * 997)}`));
        for (const one of sent) here.send(one);
        await heardThere.received(1 + sent.length);
        expect(heardThere.envelopes).to.deep.equal([hello, ...sent]);
        for (const one of sent) there.send(one);
        await heard.received(sent.length);
        expect(heard.envelopes).to.deep.equal(sent);
        const { envelopes } = pair.proxy;
        expect(envelopes.map(({ envelope: one }) => Buffer.from(one))).to.deep.equal(
          [hello, ...sent, ...sent].map((one) => Buffer.from(one)),
        );
        expect(envelopes.map(({ sender }) => sender).lastIndexOf('initiator')).to.equal(sent.length);
        expect(envelopes.every(({ link }) => link.initiator?.name === 'a' && link.responder.name === 'b')).to
          .be.true;
        expect(envelopes.every(({ fate }) => fate === 'passed')).to.be.true;
      });

      it('keeps the certificates that both sides see', async () => {
        const { here, there } = await pair.connect(hello);
        const [a, b] = pair.papers;
        const shown = [here.binding.remoteCertificate, there.binding.remoteCertificate];
        expect(shown.map((der) => der && Buffer.from(der))).to.deep.equal(
          tls
            ? [Buffer.from(b.tls.leafDer), Buffer.from(a.clientTls?.leafDer ?? [])]
            : [undefined, undefined],
        );
        const [told] = pair.proxy.envelopes;
        expect([told?.binding.remoteCertificate, told?.binding.localCertificate]).to.deep.equal(shown);
      });

      it('passes on the status and the words that a call ends with', async () => {
        const { there, heard } = await pair.connect(hello);
        const ending = { code: StatusCode.UNKNOWN, details: 'no TLS certificate – é' };
        there.end(ending);
        expect(await heard.ended).to.deep.equal(ending);
      });

      it('tells the responder when the dialler is gone, and the dialler when the responder is', async () => {
        const first = await pair.connect(hello);
        first.connection.close();
        expect((await first.heardThere.ended).code).to.equal(StatusCode.CANCELLED);
        const second = await pair.connect(hello);
        await pair.listener?.close();
        expect([StatusCode.CANCELLED, StatusCode.UNAVAILABLE]).to.include((await second.heard.ended).code);
      });

      it('does not look alive where the peer is dead', async () => {
        await pair.listener?.close();
        expect((await ping())?.code).to.equal(StatusCode.UNAVAILABLE);
        expect(pair.proxy.happenings.at(-1)).to.deep.include({ kind: 'closed' });
      });

      it('drops, doubles and alters single messages', async () => {
        const { proxy } = pair;
        const isOne = (text: string) => ({
          where: ({ bytes: it }: { bytes: Uint8Array }) => Buffer.from(it).toString() === text,
        });
        proxy.inject({ action: { kind: 'drop' }, from: ['a'], to: ['b'], ...isOne('lost') });
        proxy.inject({ action: { kind: 'duplicate' }, ...isOne('twice') });
        proxy.inject({ action: { kind: 'alter', alter: () => bytes('new') }, ...isOne('old') });
        const { here, heardThere } = await pair.connect(hello);
        for (const text of ['lost', 'twice', 'old']) here.send(bytes(text));
        here.send(LAST);
        await heardThere.received(5);
        expect(heardThere.texts.slice(1)).to.deep.equal(['twice', 'twice', 'new', 'the last one']);
        expect(proxy.envelopes.map(({ fate }) => fate)).to.deep.equal([
          'passed',
          'dropped',
          'duplicated',
          'altered',
          'passed',
        ]);
        const altered = proxy.envelopes[3];
        expect(
          [altered?.envelope, altered?.passedOn].map((it) => Buffer.from(it ?? []).toString()),
        ).to.deep.equal(['old', 'new']);
      });

      it('cuts a pair of peers off from each other, until that is undone', async () => {
        const { heard, heardThere } = await pair.connect(hello);
        const cut = await pair.proxy.partition([['a'], ['b']]);
        await Promise.all([heard.ended, heardThere.ended]);
        const refused = pair.dialler;
        const whatComes = await new Promise<string>((resolve) => {
          refused.dial(pair.front, 2_000, (result) => {
            if (!result.ok) resolve('refused');
            // Without TLS nobody knows who dials before it says so.
            else {
              const stream = result.connection.open({
                onEnvelope: () => undefined,
                onEnd: () => {
                  resolve('ended');
                },
              });
              stream.send(hello);
            }
          });
        });
        expect(whatComes).to.equal(tls ? 'refused' : 'ended');
        await cut[Symbol.asyncDispose]();
        await pair.connect(hello);
      });

      it('breaks what stands between two peers, who may connect again', async () => {
        const { heard } = await pair.connect(hello);
        pair.proxy.breakConnections('b', 'a');
        await heard.ended;
        await pair.connect(hello);
      });

      it('closes everything', async () => {
        const { heard, heardThere } = await pair.connect(hello);
        await pair.proxy[Symbol.asyncDispose]();
        await Promise.all([heard.ended, heardThere.ended]);
        expect((await ping())?.code).to.equal(StatusCode.UNAVAILABLE);
      });
    });
  }

  it('holds a sender back where the receiver does not read', async () => {
    await using pair = await Pair.open(organisations, false);
    // Nothing arrives for a while: what waits must stay within bounds.
    pair.proxy.inject({ action: { kind: 'delay', minMs: 200, maxMs: 200 }, from: ['a'], limit: 1 });
    const { here, heardThere } = await pair.connect(establish(pair.papers[0].identity.pkiId));
    const large = new Uint8Array(500_000).fill(1);
    for (let n = 0; n < 20; n++) here.send(large);
    here.send(LAST);
    await heardThere.received(22);
    expect(heardThere.envelopes.at(-1)).to.deep.equal(LAST);
    expect(HOST).to.equal('127.0.0.1');
  });
});
