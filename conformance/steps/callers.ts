/** What a peer that was told of a tester does with it: the streams that it opens, probes and real ones. */
import type { Millis } from '../../src/ports/clock';
import {
  decodeEnvelope,
  decodeMessage,
  WireError,
  type ContentKind,
  type ContentOf,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import type { Visit, VisitCall } from '../harness/bare/visit';
import type { CheckContext } from '../harness/context';
import { GOSSIP_STREAM, type BareHost } from './bare-host';

/** A message on a stream, as the caller sent it. */
export interface Said<K extends ContentKind = ContentKind> {
  readonly envelope: Envelope;
  readonly message: GossipMessage;
  readonly value: ContentOf<K>;
  readonly atMs: Millis;
}

/** A GossipStream that somebody opened to a tester, and began with a ConnEstablish. */
export interface Approach {
  readonly visit: Visit;
  readonly call: VisitCall;
  readonly conn: ContentOf<'conn'>;
}

/** All of one kind that was said on a stream so far, in order. */
export function saidOn<K extends ContentKind>({ frames }: VisitCall, kind: K): readonly Said<K>[] {
  return frames.flatMap(({ message: bytes, atMs }) => {
    try {
      const envelope = decodeEnvelope(bytes);
      const message = decodeMessage(envelope.payload);
      const { content } = message;
      return content?.kind === kind
        ? [{ envelope, message, value: content.value as ContentOf<K>, atMs }]
        : [];
    } catch (error) {
      if (error instanceof WireError) return [];
      throw error;
    }
  });
}

/** The streams opened to a tester so far, in order. */
export const approachesTo = ({ server }: BareHost): readonly Approach[] =>
  server.visits.flatMap((visit) =>
    visit.calls.flatMap((call) => {
      const [first] = call.path === GOSSIP_STREAM ? saidOn(call, 'conn') : [];
      return first === undefined ? [] : [{ visit, call, conn: first.value }];
    }),
  );

export const probesOf = (host: BareHost): readonly Approach[] =>
  approachesTo(host).filter(({ conn }) => conn.probe);

/** All MembershipRequests to a tester so far, on whatever streams. */
export const requestsTo = (host: BareHost): readonly Said<'memReq'>[] =>
  approachesTo(host).flatMap(({ call }) => saidOn(call, 'memReq'));

/** How long a peer may take to turn to those whom it was told of when it started. */
export const callsWithinMs = ({ waits }: CheckContext): Millis =>
  waits.answerMs + waits.settings.connTimeoutMs;

/** The first MembershipRequest that a peer sends to a tester; a Violation if there is none in time. */
export const expectRequest = (t: CheckContext, host: BareHost, what: string): Promise<Said<'memReq'>> =>
  host.server.expect(what, callsWithinMs(t), () => requestsTo(host)[0]);

/** As many probes of a tester, or a request that comes before; a Violation if there is neither in time. */
export const expectProbes = (
  t: CheckContext,
  host: BareHost,
  count: number,
  what: string,
): Promise<readonly Approach[]> => {
  const { reconnectIntervalMs } = t.waits.settings;
  return host.server.expect(what, callsWithinMs(t) + 2 * count * reconnectIntervalMs, () => {
    const probes = probesOf(host);
    return probes.length >= count || requestsTo(host).length > 0 ? probes : undefined;
  });
};
