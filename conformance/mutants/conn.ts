import { X509Certificate } from 'node:crypto';
import { fabricRules, type Rules } from '../../src/node';
import { StatusCode } from '../../src/ports/transport';
import { Tag } from '../../src/wire';
import { hex } from '../steps/bytes';
import { unsigned } from '../steps/messages';
import { messageOf, mutant, saying, sending, towards, withRules, withTamper, UNDECODABLE } from './mutant';

const anyHash: Partial<Rules> = { tlsHashAccepted: () => true };

export const connMutants = [
  mutant(
    'conn-waits-to-be-greeted',
    'as responder it awaits the other’s ConnEstablish before it sends its own',
    ['CONN-01'],
    withRules({ speaksFirst: (role) => role === 'initiator' }),
  ),
  mutant(
    'conn-tag-org-only',
    'its ConnEstablish has the tag ORG_ONLY',
    ['CONN-02'],
    saying('conn', () => ({ tag: Tag.ORG_ONLY })),
  ),
  mutant(
    'conn-with-nonce',
    'its ConnEstablish has a nonce',
    ['CONN-02'],
    saying('conn', () => ({ nonce: 7n })),
  ),
  mutant(
    'conn-unsigned',
    'its ConnEstablish is not signed',
    ['CONN-02'],
    sending('conn', (envelope) => [{ envelope: { ...envelope, signature: new Uint8Array() } }]),
  ),
  mutant(
    'conn-server-hash-as-client',
    'as initiator it sends the hash of its server certificate',
    ['CONN-04'],
    {
      peer: ({ network }) => {
        if ('listen' in network || network.tls === undefined) return {};
        const server = new X509Certificate(network.tls.server.certificate).raw;
        return { rules: { ...fabricRules, ownTlsHash: (_, sha256) => sha256(server) } };
      },
    },
  ),
  mutant(
    'conn-hash-of-the-other',
    'it sends the hash of the certificate that the other side showed',
    ['CONN-04'],
    withRules({
      ownTlsHash: ({ remoteCertificate }, sha256) => sha256(remoteCertificate ?? new Uint8Array()),
    }),
  ),
  mutant(
    'conn-patient',
    'it awaits the other’s ConnEstablish for half as long again as connTimeout',
    ['CONN-05'],
    withRules({ handshakeTimeoutMs: (connTimeoutMs) => 1.5 * connTimeoutMs }),
  ),
  mutant(
    'conn-impatient',
    'it awaits the other’s ConnEstablish for half of connTimeout',
    ['CONN-05'],
    withRules({ handshakeTimeoutMs: (connTimeoutMs) => connTimeoutMs / 2 }),
  ),
  mutant(
    'conn-speaks-to-anybody',
    'it shakes hands with one who shows no TLS certificate',
    ['CONN-06'],
    withRules({ requiresTlsCertificate: () => false }),
  ),
  mutant(
    'conn-nameless',
    'it accepts a ConnEstablish without pki_id',
    ['CONN-06'],
    withRules({
      requiresPkiId: () => false,
      pkiIdMatches: (claimed, computed) =>
        claimed.length === 0 || fabricRules.pkiIdMatches(claimed, computed),
    }),
  ),
  mutant(
    'conn-any-hash',
    'it accepts any tls_cert_hash',
    ['CONN-07'],
    withRules({ tlsHashAccepted: () => true }),
  ),
  mutant(
    'conn-empty-hash',
    'it accepts an empty tls_cert_hash',
    ['CONN-07'],
    withRules({
      tlsHashAccepted: (claimed, binding, sha256) =>
        claimed.length === 0 || fabricRules.tlsHashAccepted(claimed, binding, sha256),
    }),
  ),
  mutant(
    'conn-hash-of-its-own',
    'it accepts the hash of its own certificate',
    ['CONN-07'],
    withRules({
      tlsHashAccepted: (claimed, binding, sha256) =>
        fabricRules.tlsHashAccepted(claimed, binding, sha256) ||
        fabricRules.tlsHashAccepted(
          claimed,
          { ...binding, remoteCertificate: binding.localCertificate },
          sha256,
        ),
    }),
  ),
  mutant(
    'conn-refuses-with-ok',
    'it ends a stream that it refuses with OK',
    ['CONN-08'],
    withRules({ refusal: () => ({ code: StatusCode.OK, details: '' }) }),
  ),
  mutant(
    'conn-any-hash-of-strangers',
    'it accepts any tls_cert_hash of another organisation',
    ['CONN-07'],
    towards(({ isForeign }) => isForeign, anyHash),
  ),
  mutant(
    'conn-any-hash-of-strange-responders',
    'as initiator it accepts any tls_cert_hash of another organisation',
    ['CONN-07'],
    towards(({ isForeign, isResponder }) => isForeign && isResponder, anyHash),
  ),
  mutant(
    'conn-any-signature-of-strange-responders',
    'as initiator it does not verify the signature of a ConnEstablish of another organisation',
    ['CONN-06'],
    towards(({ isForeign, isResponder }) => isForeign && isResponder, { signatureFault: () => undefined }),
  ),
  mutant(
    'conn-refusal-cuts-off',
    'it ends the connection of whom a refused stream claims to be',
    ['CONN-08'],
    {
      peer: () => {
        const owners = new Map<string, string>();
        const cut = new Set<string>();
        return {
          rules: {
            ...fabricRules,
            signatureFault: (envelope, author) => {
              const fault = fabricRules.signatureFault(envelope, author);
              if (fault === undefined) return undefined;
              for (const [link, owner] of owners) if (owner === hex(author.pkiId)) cut.add(link);
              return fault;
            },
          },
          tamper: {
            incoming: (bytes, { link, peer }) => {
              if (peer !== undefined) owners.set(link, hex(peer));
              return [cut.has(link) ? UNDECODABLE : bytes];
            },
          },
        };
      },
    },
  ),
  mutant('conn-bears-a-grudge', 'it refuses everybody once it has refused somebody', ['CONN-08'], {
    peer: () => {
      let angry = false;
      return {
        rules: {
          ...fabricRules,
          refusal: (reason) => {
            angry = true;
            return fabricRules.refusal(reason);
          },
          tlsHashAccepted: (...seen) => !angry && fabricRules.tlsHashAccepted(...seen),
        },
      };
    },
  }),
  mutant(
    'conn-any-signature',
    'it does not verify the signature of a ConnEstablish',
    ['CONN-08', 'CONN-09'],
    withRules({
      signatureFault: (envelope, author) =>
        fabricRules.signatureFault(envelope, author)?.reason === 'unsigned'
          ? fabricRules.signatureFault(envelope, author)
          : undefined,
    }),
  ),
  mutant(
    'conn-probe-stays',
    'it keeps the stream of a probe as a connection',
    ['CONN-10'],
    withRules({ dismissesProbe: () => false }),
  ),
  mutant(
    'conn-probe-of-strangers-stays',
    'it keeps the stream of a probe of another organisation as a connection',
    ['CONN-10'],
    towards(({ isForeign }) => isForeign, { dismissesProbe: () => false }),
  ),
  mutant('conn-probe-unchecked', 'it ends a probe with OK without looking at it', ['CONN-10'], {
    peer: () => ({
      rules: { ...fabricRules, refusal: () => fabricRules.dismissal() },
    }),
  }),
  mutant(
    'conn-probe-any-hash',
    'it accepts any tls_cert_hash in a probe',
    ['CONN-10'],
    towards(({ probe }) => probe, anyHash),
  ),
  mutant(
    'conn-copies-probe',
    'it answers with the probe flag of the other side',
    ['CONN-11'],
    withRules({ answeredProbeFlag: () => true }),
  ),
  mutant(
    'conn-joins-prober',
    'as initiator it does not mind probe = true',
    ['CONN-11'],
    withRules({ refusesProbeFromResponder: () => false }),
  ),
  mutant(
    'conn-loses-what-follows',
    'it drops what comes right behind a ConnEstablish',
    ['CONN-12'],
    withTamper(() => {
      const greeted = new Map<string, number>();
      return {
        incoming: (bytes, { link }) => {
          const kind = messageOf(bytes)?.content?.kind;
          const before = greeted.get(link) ?? 0;
          greeted.set(link, before + 1);
          return before === 1 && kind === 'memReq' ? [] : [bytes];
        },
      };
    }),
  ),
  mutant(
    'conn-confirms',
    'it confirms a handshake with an empty message',
    ['CONN-12'],
    sending('conn', (envelope) => [
      { envelope },
      {
        envelope: unsigned({
          nonce: 0n,
          channel: new Uint8Array(),
          tag: Tag.EMPTY,
          content: { kind: 'empty', value: {} },
        }),
        delayMs: 20,
      },
    ]),
  ),
  mutant(
    'conn-drops-other-peer',
    'it closes a connection to another peer than expected, also of the same organisation',
    ['CONN-15'],
    withRules({ keepsOtherPeer: () => false }),
  ),
  mutant(
    'conn-keeps-any-peer',
    'it keeps a connection to another peer than expected, of whatever organisation',
    ['CONN-15'],
    withRules({ keepsOtherPeer: () => true }),
  ),
  mutant(
    'conn-remembers',
    'it refuses a ConnEstablish that it has had before',
    ['CONN-20'],
    withTamper(() => {
      const had = new Set<string>();
      return {
        incoming: (bytes) => {
          if (messageOf(bytes)?.content?.kind !== 'conn') return [bytes];
          const key = hex(bytes);
          if (had.has(key)) return [UNDECODABLE];
          had.add(key);
          return [bytes];
        },
      };
    }),
    { tls: false },
  ),
];
