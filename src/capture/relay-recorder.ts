import type { Ending } from '../ports/transport';
import type { RelayedEnvelope, RelayedLink, RelayEvent, RelayObserver } from './proxy';
import type { PartyInfo, RecordingSink } from './recording-sink';

const PROXY = 'proxy';

/** A sink that knows its own time. */
export type TimedSink = RecordingSink & {
  instant(nowMs: number, wallNanos: bigint): Parameters<RecordingSink['mark']>[2];
};

/** Records what passes through a proxy between peers. */
export class RelayRecorder implements RelayObserver {
  readonly #sink: TimedSink;
  /** Recorded streams by connection and HTTP/2 stream; their statuses are told when the connection is over. */
  readonly #streams = new Map<number, Map<number, { readonly number: number; status: Ending | undefined }>>();

  constructor(sink: TimedSink) {
    this.#sink = sink;
  }

  readonly onEnvelope = (relayed: RelayedEnvelope): void => {
    const { link, stream, sender, envelope, fate, atMs, wallNanos } = relayed;
    const at = this.#sink.instant(atMs, wallNanos);
    const known =
      this.#streams.get(link.connection) ?? new Map<number, { number: number; status: undefined }>();
    this.#streams.set(link.connection, known);
    let entry = known.get(stream);
    if (entry === undefined) {
      entry = {
        number: this.#sink.open({ tap: PROXY, ...partiesOf(relayed), tls: relayed.binding.tls }, at),
        status: undefined,
      };
      known.set(stream, entry);
    }
    this.#sink.envelope(entry.number, sender, envelope, fate === 'passed' ? {} : { fault: fate }, at);
  };

  readonly onEvent = (event: RelayEvent): void => {
    const at = this.#sink.instant(event.atMs, event.wallNanos);
    const { link } = event;
    const streams = this.#streams.get(link.connection);
    if (event.kind === 'ended') {
      const entry = streams?.get(event.stream);
      if (entry !== undefined) entry.status = event.status;
    }
    if (event.kind === 'closed') {
      this.#streams.delete(link.connection);
      for (const { number, status } of streams?.values() ?? []) this.#sink.end(number, status, at);
    }
    const [name, details] = markOf(event);
    this.#sink.mark(
      name,
      { conn: link.connection, from: nameOf(link), to: link.responder.name, ...details },
      at,
    );
  };
}

const nameOf = ({ initiator }: RelayedLink): string => initiator?.name ?? 'somebody';

function partiesOf({ link, sender, binding }: RelayedEnvelope): {
  initiator: PartyInfo;
  responder: PartyInfo;
} {
  const { localCertificate, remoteCertificate } = binding;
  const [ofInitiator, ofResponder] =
    sender === 'initiator' ? [localCertificate, remoteCertificate] : [remoteCertificate, localCertificate];
  const { initiator, responder } = link;
  return {
    initiator: { name: nameOf(link), pkiId: initiator?.pkiId, certificate: ofInitiator },
    responder: { name: responder.name, pkiId: responder.pkiId, certificate: ofResponder },
  };
}

function markOf(event: RelayEvent): readonly [string, Readonly<Record<string, unknown>>] {
  switch (event.kind) {
    case 'connected':
      return ['connection', { tls: event.tlsVersion ?? null, remote: event.remoteAddress }];
    case 'closed':
      return ['connection-closed', { why: event.reason }];
    case 'called':
      return ['call', { stream: event.stream, path: event.path }];
    case 'ended':
      return ['call-end', { stream: event.stream, path: event.path, status: event.status?.code ?? null }];
    case 'half-closed':
      return ['half-close', { stream: event.stream }];
    case 'going-away':
      return ['goaway', { by: event.sender, code: event.code, text: event.text }];
    case 'unreadable':
      return ['unreadable', { stream: event.stream, bytes: event.bytes }];
  }
}
