import { expect } from 'chai';
import { once } from 'node:events';
import { MspRegistry, type Organisation } from '../../../src/identity';
import { startGossipPeer, type RunningPeer } from '../../../src/node';
import { sha256 } from '../../transport/certificates';
import { decodeEnvelope, decodeMessage } from '../../../src/wire';
import { addFront, HOST, issueOrganisations, issuePeer, KeepingProxy, tlsOf } from './support/fronted';
import { quickTiming } from '../../node/support/quick-timing';

/** Resolves when every peer holds so many others as alive. */
const aliveAre = async (count: number, peers: readonly RunningPeer[]): Promise<void> => {
  await Promise.all(
    peers.map(async (peer) => {
      while (peer.membership().alive.length !== count)
        await Promise.race([once(peer.events, 'memberAlive'), once(peer.events, 'memberDead')]);
    }),
  );
};

describe('a network of our peers through the recording proxy', function () {
  this.timeout(30_000);
  let organisations: Organisation[];
  before(async () => {
    organisations = await issueOrganisations();
  });

  for (const tls of [true, false]) {
    describe(`TLS ${tls ? 'on' : 'off'}`, () => {
      const peers: RunningPeer[] = [];
      let proxy: KeepingProxy;
      beforeEach(async () => {
        proxy = new KeepingProxy();
        const validator = new MspRegistry(organisations.map(({ msp }) => msp));
        const fronts: string[] = [];
        for (const [index, organisation] of [0, 0, 1].map((org) => organisations[org]).entries()) {
          if (organisation === undefined) throw new Error('no such organisation');
          const papers = await issuePeer(organisation, `peer${index}`);
          const service = (): string => peers[index]?.address ?? `${HOST}:1`;
          const front = await addFront(proxy, `peer${index}`, papers, { tls, service });
          fronts.push(front);
          peers.push(
            await startGossipPeer({
              identity: papers.identity,
              validator,
              network: {
                listenAddress: `${HOST}:0`,
                tls: tls ? tlsOf(papers, organisations) : undefined,
                grpc: { closeGraceMs: 100 },
              },
              settings: {
                ...quickTiming,
                internalEndpoint: front,
                externalEndpoint: front,
                bootstrap: fronts.slice(0, 1),
              },
            }),
          );
        }
        peers[0]?.joinAnchor(fronts[2] ?? '', 'Org2MSP');
        await aliveAre(2, peers);
      });
      afterEach(async () => {
        await Promise.all(peers.splice(0).map((peer) => peer.stop()));
        await proxy[Symbol.asyncDispose]();
      });

      it('forms, and what ConnEstablish says of certificates holds at both ends', () => {
        const handshakes = proxy.envelopes.flatMap(({ envelope, binding, link }) => {
          const { content } = decodeMessage(decodeEnvelope(envelope).payload);
          return content?.kind === 'conn' ? [{ ...content.value, binding, link }] : [];
        });
        expect(handshakes.length).to.be.at.least(4);
        for (const { tlsCertHash, binding, link } of handshakes) {
          expect(link.initiator?.name).to.match(/^peer\d$/);
          const { localCertificate } = binding;
          expect(Buffer.from(tlsCertHash).toString('hex')).to.equal(
            localCertificate === undefined ? '' : sha256(localCertificate),
          );
        }
      });

      it('loses a peer that is cut off, and finds it again when that ends', async () => {
        const died = Promise.all(peers.map((peer) => once(peer.events, 'memberDead')));
        const cut = await proxy.disconnect('peer1');
        await died;
        await cut[Symbol.asyncDispose]();
        await aliveAre(2, peers);
      });
    });
  }
});
