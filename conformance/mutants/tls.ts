import { createPublicKey, X509Certificate } from 'node:crypto';
import { fabricRules } from '../../src/node';
import { hex, sameBytes } from '../steps/bytes';
import { mutant, withRules } from './mutant';
import { withTransport } from './wrong-transport';

export const tlsMutants = [
  mutant(
    'tls-or-not',
    'it dials without TLS whom it cannot dial with it',
    ['TLS-01'],
    withTransport(() => ({ fallsBackToPlaintext: true })),
  ),
  mutant(
    'tls-anybody',
    'it speaks to a client that shows no certificate',
    ['TLS-02'],
    withRules({ requiresTlsCertificate: () => false }),
  ),
  mutant(
    'tls-minds-ca-of-client',
    'it refuses a client whose certificate no TLS CA that it knows has issued, though it does not verify clients',
    ['TLS-03'],
    {
      peer: ({ network }) => ({
        rules: {
          ...fabricRules,
          tlsHashAccepted: (claimed, binding, sha256) =>
            fabricRules.tlsHashAccepted(claimed, binding, sha256) &&
            'tls' in network &&
            isIssuedByOneOf(network.tls?.serverRoots ?? [], binding.remoteCertificate),
        },
      }),
    },
  ),
  mutant(
    'tls-trusts-anybody',
    'it verifies no server',
    ['TLS-04'],
    withTransport(() => ({ clientTls: { verifyServer: false } })),
  ),
  mutant('tls-trusts-its-own-alone', 'it trusts no TLS CA but its own organisation’s', ['TLS-04'], {
    network: ({ tls }) =>
      tls === undefined ? {} : { tls: { ...tls, serverRoots: tls.serverRoots.slice(0, 1) } },
  }),
  mutant(
    'tls-without-alpn',
    'its server negotiates no ALPN',
    ['TLS-05'],
    withTransport(() => ({ serverTls: { alpnProtocols: [] } })),
  ),
  mutant(
    'tls-dials-bare',
    'it dials without a certificate',
    ['TLS-06'],
    withTransport(() => ({ clientTls: { keyPair: undefined } })),
  ),
  mutant('tls-dials-as-server', 'it dials with the certificate that it serves with', ['TLS-06'], {
    network: ({ tls }) => (tls === undefined ? {} : { tls: { ...tls, client: tls.server } }),
  }),
  mutant(
    'tls-names-itself',
    'it names a CA in its CertificateRequest that issued nobody’s certificate',
    ['TLS-07'],
    withTransport(({ tls }) => ({
      serverTls: { namedCas: tls === undefined ? [] : [tls.server.certificate] },
    })),
  ),
  mutant('tls-hash-of-the-past', 'it accepts any tls_cert_hash that was right before', ['CONN-07'], {
    peer: () => {
      const right = new Set<string>();
      return {
        rules: {
          ...fabricRules,
          tlsHashAccepted: (claimed, ...seen) => {
            if (fabricRules.tlsHashAccepted(claimed, ...seen)) right.add(hex(claimed));
            return right.has(hex(claimed));
          },
        },
      };
    },
  }),
  mutant(
    'tls-hash-of-key',
    'it sends the hash of its certificate’s key',
    ['TLS-08'],
    withRules({
      ownTlsHash: ({ localCertificate }, sha256) =>
        localCertificate === undefined ? new Uint8Array() : sha256(keyOf(localCertificate)),
    }),
  ),
  mutant(
    'tls-takes-hash-of-key',
    'it takes the hash of the certificate’s key for that of the certificate',
    ['TLS-08'],
    withRules({
      tlsHashAccepted: (claimed, binding, sha256) =>
        fabricRules.tlsHashAccepted(claimed, binding, sha256) ||
        (binding.remoteCertificate !== undefined &&
          sameBytes(claimed, sha256(keyOf(binding.remoteCertificate)))),
    }),
  ),
  mutant(
    'tls-off-with-hash',
    'with TLS off it sends a tls_cert_hash',
    ['TLS-09'],
    withRules({ ownTlsHash: (_, sha256) => sha256(new Uint8Array()) }),
    { tls: false },
  ),
  mutant(
    'tls-off-minds-hash',
    'with TLS off it refuses a tls_cert_hash',
    ['TLS-09'],
    withRules({ tlsHashAccepted: (claimed) => claimed.length === 0 }),
    { tls: false },
  ),
];

const isIssuedByOneOf = (roots: readonly string[], certificate: Uint8Array | undefined): boolean =>
  certificate !== undefined &&
  roots.some((root) => new X509Certificate(certificate).checkIssued(new X509Certificate(root)));

/** The public key of a certificate, in DER. */
const keyOf = (certificate: Uint8Array): Uint8Array =>
  createPublicKey(new X509Certificate(certificate).toString()).export({ type: 'spki', format: 'der' });
