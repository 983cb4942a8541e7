import { X509Certificate } from 'node:crypto';
import type { BareServerTls } from '../harness/bare/server';
import type { Visit } from '../harness/bare/visit';
import { check, type Check, type CheckOptions } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { tlsHash } from '../harness/tester';
import { demand, Inconclusive } from '../harness/verdict';
import { BareHost, unnamedHost, type HostOptions } from '../steps/bare-host';
import { sameBytes } from '../steps/bytes';
import { dialledBy } from '../steps/dial-back';
import { Observer } from '../steps/membership';
import { unknownAuthority } from '../steps/strangers';

/** How often a tester lets itself be dialled until somebody does. */
const ATTEMPTS = 5;

const dialled: CheckOptions = { lane: 'view', needs: ['tls', 'dial-back'] };

/** The certificate with which the peer dials, as it shows it to a tester that does nothing wrong. */
async function clientCertificateOf(t: CheckContext): Promise<Uint8Array> {
  await using host = await BareHost.open(t, t.tester);
  await host.provoke();
  const { tls } = await t.control('the peer opens a stream to a tester whose TLS is right', () =>
    host.expectVisit('a GossipStream opened by the peer'),
  );
  const shown = tls?.clientCertificate;
  if (shown === undefined)
    throw new Inconclusive('the peer dials without a certificate, and cannot be told apart');
  return shown;
}

/** The certificate with which the peer serves. */
async function servedCertificate(t: CheckContext): Promise<Uint8Array | undefined> {
  const inbound = await t.tester.connect();
  const served = inbound.stream.binding.remoteCertificate;
  await t.tester.leave(inbound);
  return served;
}

/**
 * The peer tries to dial the tester and goes no further than TLS: it says nothing on top. Others dial as well, so only
 * a visit counts that shows the peer's own certificate, or says that it is the peer's.
 */
async function demandNothingSaid(
  t: CheckContext,
  { observer, certificate }: { readonly observer: Observer; readonly certificate: Uint8Array },
  options: HostOptions,
  what: string,
): Promise<void> {
  await using host = await BareHost.open(t, t.tester, options);
  const isPeer = (visit: Visit): boolean =>
    (visit.tls !== undefined &&
      visit.spokeAtMs !== undefined &&
      sameBytes(visit.tls.clientCertificate, certificate)) ||
    host.visits().includes(visit);
  // A dial to where the tester was before may fail only now, and make it dead before anybody dials it here.
  for (let left = ATTEMPTS; left > 0 && host.server.visits.length === 0; left--) {
    await host.provoke();
    await host.expectInVain(observer, () => host.server.visits.some(isPeer));
  }
  if (host.server.visits.length === 0) throw new Inconclusive(`nobody tried to dial ${what}`);
  const spoken = host.server.visits.find(isPeer);
  demand(spoken === undefined, `nothing said to ${what}`, () =>
    [
      `HTTP/2 over ${spoken?.tls?.version ?? 'plaintext'}`,
      ...(spoken?.calls ?? []).map(({ path }) => path),
    ].join(', '),
  );
}

/** The peer as the one who calls. */
export const tlsInitiatorChecks: readonly Check[] = [
  check('TLS-01', 'says nothing to a responder without TLS', { ...dialled, own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    const certificate = await clientCertificateOf(t);
    await demandNothingSaid(t, { observer, certificate }, { tls: 'plaintext' }, 'a responder without TLS');
  }),

  check(
    'TLS-04',
    'says nothing to a responder whose certificate is of an unknown CA, or names another address',
    { ...dialled, own: 2 },
    async (t) => {
      const { tls, listenHost } = t.tester.papers;
      if (tls === undefined || listenHost === undefined) throw new Error('a tester without TLS or address');
      const observer = await Observer.join(t, t.witness);
      const certificate = await clientCertificateOf(t);
      const probe = { observer, certificate };
      const unknown = await unknownAuthority(t, { sans: [listenHost] });
      await demandNothingSaid(
        t,
        probe,
        { tls: { certificate: unknown.tls } },
        'a responder whose certificate is of an unknown CA',
      );
      await demandNothingSaid(
        t,
        probe,
        { host: unnamedHost(t, tls, listenHost) },
        'a responder whose certificate names another address',
      );
    },
  ),

  check(
    'TLS-04',
    'trusts the TLS CAs of the other organisations of its channels',
    { ...dialled, needs: ['tls', 'dial-back', 'external-endpoint'], foreign: 1 },
    async (t) => {
      const { tls, listenHost } = t.stranger.papers;
      if (tls === undefined || listenHost === undefined) {
        throw new Inconclusive('the foreign tester has no address that its certificate names');
      }
      await using host = await BareHost.open(t, t.stranger);
      await host.provoke();
      await host.expectVisit('a GossipStream to a member of another organisation');
    },
  ),

  check(
    'TLS-05',
    'dials responders of TLS 1.2 and of TLS 1.3 and offers ALPN h2; says nothing to older ones, or without ALPN',
    { ...dialled, own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const certificate = await clientCertificateOf(t);
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        await using host = await BareHost.open(t, t.tester, {
          tls: { minVersion: version, maxVersion: version },
        });
        await host.provoke();
        const visit = await host.expectVisit(`a GossipStream to a responder of ${version}`);
        demand(visit.tls?.version === version, version, visit.tls?.version ?? 'no TLS');
        demand(visit.tls.alpn === 'h2', 'ALPN h2', visit.tls.alpn ?? 'none');
      }
      const faulty: readonly [string, Partial<BareServerTls>][] = [
        ['a responder without ALPN', { alpn: false }],
        ['a responder of TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }],
      ];
      for (const [what, tls] of faulty) await demandNothingSaid(t, { observer, certificate }, { tls }, what);
    },
  ),

  check(
    'TLS-06',
    'shows a certificate when it dials: its server’s, or one of its own for that',
    dialled,
    async (t) => {
      const served = await servedCertificate(t);
      const { stream } = await dialledBy(t, t.tester);
      const { value } = await stream.expect('conn');
      const shown = stream.stream.binding.remoteCertificate;
      demand(shown !== undefined, 'a TLS certificate of the peer that dials', 'none');
      demand(
        sameBytes(value.tlsCertHash, tlsHash(shown)),
        'the hash of the certificate that it shows in its ConnEstablish',
        'another',
      );
      if (sameBytes(shown, served)) return;
      // peer.tls.clientCert may be anything, but who set it did not set it to one that means nothing.
      const { subject, issuer } = new X509Certificate(shown);
      demand(subject !== issuer, 'the server’s certificate, or one that a CA issued', 'a self-signed one');
    },
  ),

  check(
    'TLS-06',
    'shows the certificate that it has for dialling, not its server’s',
    { lane: 'view', needs: ['tls', 'dial-back', 'separate-client-certificate'] },
    async (t) => {
      const served = await servedCertificate(t);
      const { stream } = await dialledBy(t, t.tester);
      const shown = stream.stream.binding.remoteCertificate;
      demand(shown !== undefined, 'a TLS certificate of the peer that dials', 'none');
      demand(!sameBytes(shown, served), 'another certificate than its server’s', 'the same');
    },
  ),
];
