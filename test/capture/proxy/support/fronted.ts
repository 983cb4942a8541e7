import { issueOrganisation, type IssuedIdentity, type Organisation } from '../../../../src/identity';
import { RecordingProxy, type RelayedEnvelope, type RelayEvent } from '../../../../src/capture/proxy';
import { systemClock, systemRandom } from '../../../../src/node';
import { wallMs } from '../../../../src/ports/clock';
import type { Random } from '../../../../src/ports/random';
import type { PeerTls } from '../../../../src/transport';

export const HOST = '127.0.0.1';
const nowMs = wallMs(systemClock);

/** Two organisations, made once for a file of tests. */
export const issueOrganisations = (): Promise<Organisation[]> =>
  Promise.all(
    [1, 2].map((n) => issueOrganisation({ mspId: `Org${n}MSP`, domain: `org${n}.example.com`, nowMs })),
  );

/** A proxy that keeps what it is told. */
export class KeepingProxy extends RecordingProxy {
  readonly envelopes: RelayedEnvelope[];
  readonly happenings: RelayEvent[];

  constructor(random: Random = systemRandom) {
    const envelopes: RelayedEnvelope[] = [];
    const happenings: RelayEvent[] = [];
    super({
      clock: systemClock,
      random,
      observer: {
        onEnvelope: (envelope) => envelopes.push(envelope),
        onEvent: (event) => happenings.push(event),
      },
    });
    this.envelopes = envelopes;
    this.happenings = happenings;
  }
}

/** An identity with a certificate for each role, as a peer has it. */
export const issuePeer = (organisation: Organisation, name: string): Promise<IssuedIdentity> =>
  organisation.issue({ name, role: 'peer', sans: [HOST], separateClientTls: true });

/** The TLS of a peer with these papers. */
export function tlsOf(
  { tls, clientTls = tls }: IssuedIdentity,
  organisations: readonly Organisation[],
): PeerTls {
  const pair = ({
    certificateChainPem: certificate,
    privateKeyPem: key,
  }: typeof tls): { certificate: string; key: string } => ({ certificate, key });
  return {
    server: pair(tls),
    client: pair(clientTls),
    serverRoots: organisations.map(({ tlsCa }) => tlsCa.certificatePem),
  };
}

/** Puts a front before a peer that is still to listen; resolves to its address. */
export const addFront = (
  proxy: RecordingProxy,
  name: string,
  { identity, tls: server, clientTls: client = server }: IssuedIdentity,
  options: { readonly tls: boolean; readonly service: () => string },
): Promise<string> =>
  proxy.add({
    name,
    mspId: identity.mspId,
    pkiId: identity.pkiId,
    identity: identity.serialized,
    front: `${HOST}:0`,
    service: options.service,
    tls: options.tls ? { server, client } : undefined,
  });
