import type { Manifest, RecordingReader } from '../../src/capture';
import { Msp, MspRegistry, readIdentity, serializeIdentity, type X509Identity } from '../../src/identity';
import { hex } from '../steps/bytes';
import type { GossipTiming } from '../harness/timing';

/** Identities remembered; a recording of more peers than this is judged without the rest. */
const MAX_IDENTITIES = 10_000;

/** Whom to judge. */
export type Judged = 'peers' | 'everybody';

/** What a recording says of its network, and what its messages add. */
export class Scene {
  readonly manifest: Manifest;
  /** Undefined where the manifest has no settings: then no interval can be judged. */
  readonly timing: GossipTiming | undefined;
  readonly registry: MspRegistry;
  readonly channels: readonly Uint8Array[];
  readonly #identities = new Map<string, X509Identity>();
  readonly #testers: ReadonlySet<string>;
  /** PKI-IDs (hex) of those who are not judged. */
  readonly #ours: ReadonlySet<string>;
  readonly #withOwnTimers: ReadonlySet<string>;
  /** Endpoints that members tell everybody, by PKI-ID (hex). */
  readonly #endpoints = new Map<string, string>();
  readonly #peers = new Set<string>();

  constructor(reader: RecordingReader, timing: GossipTiming | undefined, judged: Judged) {
    const { manifest } = reader;
    this.manifest = manifest;
    this.timing = timing;
    this.channels = manifest.channels.map((name) => Buffer.from(name));
    const texts = (paths: readonly string[]): string[] =>
      paths.flatMap((path) => reader.certificate(path) ?? []);
    this.registry = new MspRegistry(
      manifest.organisations.flatMap(({ mspId, rootCerts, intermediateCerts }) => {
        const [roots, intermediates] = [texts(rootCerts), texts(intermediateCerts)];
        const isWhole =
          roots.length === rootCerts.length && intermediates.length === intermediateCerts.length;
        return isWhole && roots.length > 0
          ? [new Msp({ mspId, rootCerts: roots, intermediateCerts: intermediates })]
          : [];
      }),
    );
    for (const { mspId, certificate } of manifest.identities) {
      const pem = reader.certificate(certificate);
      if (pem !== undefined) this.learn(serializeIdentity({ mspId, idBytes: Buffer.from(pem, 'latin1') }));
    }
    const testers = judged === 'peers' ? manifest.identities.filter(({ role }) => role === 'tester') : [];
    this.#testers = new Set(testers.map(({ name }) => name));
    this.#ours = new Set(testers.map(({ pkiId }) => pkiId));
    this.#withOwnTimers = new Set(
      manifest.identities.filter(({ timers }) => timers === 'own').map(({ name }) => name),
    );
  }

  /** Whether what `name` says is judged; notes it if so. */
  judges(name: string): boolean {
    if (this.#testers.has(name)) return false;
    this.#peers.add(name);
    return true;
  }

  /**
   * Whether the holder of a PKI-ID is a tester that is not judged. Testers say what no peer may, and a peer that passes on
   * what one of them signed answers for its passing it on, not for what is in it.
   */
  isOurs(pkiId: Uint8Array | string | undefined): boolean {
    if (this.#ours.size === 0 || pkiId === undefined) return false;
    return this.#ours.has(typeof pkiId === 'string' ? pkiId : hex(pkiId));
  }

  /** The timers of a peer; undefined where they are not those that the manifest tells. */
  timersOf(name: string): GossipTiming | undefined {
    return this.#withOwnTimers.has(name) ? undefined : this.timing;
  }

  /** Everybody who was judged, in the order in which they spoke. */
  get peers(): readonly string[] {
    return [...this.#peers];
  }

  /** Remembers an identity, whoever issued it; undefined for what is none. */
  learn(serialized: Uint8Array): X509Identity | undefined {
    const identity = readIdentity(Uint8Array.from(serialized));
    if (identity !== undefined && this.#identities.size < MAX_IDENTITIES) {
      this.#identities.set(hex(identity.pkiId), identity);
    }
    return identity;
  }

  /** By PKI-ID, in hex or not. */
  identity(pkiId: Uint8Array | string): X509Identity | undefined {
    return this.#identities.get(typeof pkiId === 'string' ? pkiId : hex(pkiId));
  }

  /** The MSP-ID of a PKI-ID (hex); undefined where nobody knows. */
  orgOf(pkiId: string | undefined): string | undefined {
    return pkiId === undefined ? undefined : this.#identities.get(pkiId)?.mspId;
  }

  setEndpoint(pkiId: string, endpoint: string): void {
    this.#endpoints.set(pkiId, endpoint);
  }

  /** What a member tells everybody as its endpoint; undefined where it was not heard of. */
  endpointOf(pkiId: Uint8Array): string | undefined {
    return this.#endpoints.get(hex(pkiId));
  }
}
