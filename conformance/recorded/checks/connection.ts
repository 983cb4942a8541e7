import type { Side } from '../../../src/capture';
import { channelMac } from '../../../src/identity';
import { Tag } from '../../../src/wire';
import { authorOf } from '../../harness/signed-content';
import { hex, sameBytes } from '../../steps/bytes';
import { each, isOf, watch, type RecordedCheck } from '../recorded-check';
import { signedItemsIn } from '../signed-items';

/** What each side of an open stream has said. */
interface Said {
  readonly spoken: Set<Side>;
  probe: boolean;
}

/** Follows streams: what each side said first, and whether it is a probe. */
class Streams {
  readonly #open = new Map<number, Said>();

  of(stream: number): Said {
    const known = this.#open.get(stream) ?? { spoken: new Set<Side>(), probe: false };
    this.#open.set(stream, known);
    return known;
  }

  end(stream: number): void {
    this.#open.delete(stream);
  }
}

export const connectionChecks: readonly RecordedCheck[] = [
  watch('CONN-01', 'the first envelope on a stream, in each direction, is a ConnEstablish', (_, docket) => {
    const streams = new Streams();
    const first = (by: Side, stream: number): boolean => {
      const { spoken } = streams.of(stream);
      const isFirst = !spoken.has(by);
      spoken.add(by);
      return isFirst;
    };
    return {
      envelope: (seen) => {
        const { by, stream } = seen.recorded;
        if (first(by, stream.number)) docket.demand(seen, seen.kind === 'conn', 'a ConnEstablish', seen.kind);
      },
      unread: ({ recorded, why }) => {
        if (first(recorded.by, recorded.stream.number))
          docket.demand(recorded, false, 'a ConnEstablish', why);
      },
      ended: ({ stream }) => {
        streams.end(stream.number);
      },
    };
  }),

  each(
    'CONN-02',
    'a ConnEstablish has the tag EMPTY, nonce 0, no channel and no secret',
    'conn',
    (seen, demand) => {
      const { tag, nonce, channel } = seen.message;
      const isPlain = tag === Tag.EMPTY && nonce === 0n && channel.length === 0;
      demand(
        isPlain,
        'tag EMPTY, nonce 0, no channel',
        () => `tag ${tag}, nonce ${nonce}, channel ${hex(channel)}`,
      );
      demand(seen.envelope.secretEnvelope === undefined, 'no secret envelope', 'one');
    },
  ),

  ...(['CONN-07', 'CONN-04', 'TLS-08'] as const).map((clause) =>
    each(
      clause,
      {
        'CONN-07': 'tls_cert_hash is that of the certificate that its sender showed on the connection',
        'CONN-04':
          'the initiator tells the hash of its client certificate, the responder that of its server certificate',
        'TLS-08': 'tls_cert_hash is the SHA-256 of the certificate’s DER',
      }[clause],
      'conn',
      ({ value, recorded }, demand) => {
        const shown = recorded.stream.tls?.[recorded.by];
        if (shown === undefined) return;
        const told = hex(value.tlsCertHash);
        demand(told === shown, shown, told === '' ? 'none' : told);
      },
      'tls',
    ),
  ),

  each('TLS-09', 'without TLS there is no tls_cert_hash', 'conn', ({ value, recorded }, demand) => {
    if (recorded.stream.tls === undefined)
      demand(value.tlsCertHash.length === 0, 'none', () => hex(value.tlsCertHash));
  }),

  each('CONN-11', 'a responder says probe = false', 'conn', ({ value, recorded }, demand) => {
    if (recorded.by === 'responder') demand(!value.probe, 'probe = false', 'probe = true');
  }),

  watch('CONN-10', 'on a probe’s stream the responder says nothing but its ConnEstablish', (_, docket) => {
    const streams = new Streams();
    return {
      envelope: (seen) => {
        const { stream, by } = seen.recorded;
        const said = streams.of(stream.number);
        // What follows its first ConnEstablish makes no probe of a stream any more.
        if (by === 'initiator' && isOf(seen, 'conn') && !said.spoken.has(by)) said.probe = seen.value.probe;
        said.spoken.add(by);
        if (by === 'responder' && said.probe) {
          docket.demand(seen, seen.kind === 'conn', 'nothing but a ConnEstablish', seen.kind);
        }
      },
      ended: ({ stream }) => {
        streams.end(stream.number);
      },
    };
  }),

  watch('CONN-13', 'who probes says nothing but its ConnEstablish', (_, docket) => {
    const streams = new Streams();
    return {
      envelope: (seen) => {
        const { stream, by } = seen.recorded;
        const said = streams.of(stream.number);
        if (by !== 'initiator') return;
        const wasProbe = said.probe;
        if (isOf(seen, 'conn') && seen.value.probe) {
          said.probe = true;
          docket.demand(seen, true, 'a probe', 'a probe');
        }
        if (wasProbe) docket.demand(seen, false, 'nothing after a probe', seen.kind);
      },
      ended: ({ stream }) => {
        streams.end(stream.number);
      },
    };
  }),

  watch('CONN-12', 'no second ConnEstablish confirms the first', (_, docket) => {
    const streams = new Streams();
    return {
      envelope: (seen) => {
        if (seen.kind !== 'conn') return;
        const { by, stream } = seen.recorded;
        const { spoken } = streams.of(stream.number);
        docket.demand(seen, !spoken.has(by), 'one ConnEstablish a stream and side', 'another');
        spoken.add(by);
      },
      ended: ({ stream }) => {
        streams.end(stream.number);
      },
    };
  }),

  watch(
    'TAG-04',
    'channel MACs are of the author of a state info, and of the requester of a pull',
    (scene, docket) => {
      const macs = new Map<string, boolean>();
      const isMac = (mac: Uint8Array, pkiId: string): boolean => {
        const key = `${hex(mac)} ${pkiId}`;
        const known = macs.get(key);
        if (known !== undefined) return known;
        const holder = Buffer.from(pkiId, 'hex');
        const found = scene.channels.some((channel) => sameBytes(channelMac(holder, channel), mac));
        if (macs.size < 10_000) macs.set(key, found);
        return found;
      };
      return {
        envelope: (seen) => {
          if (isOf(seen, 'stateInfoPullReq')) {
            const { pkiId } = seen.recorded.from;
            if (pkiId === undefined) return;
            const holds = isMac(seen.value.channelMac, pkiId);
            docket.demand(seen, holds, 'the MAC of a channel with the requester’s PKI-ID', 'another');
          }
          for (const { content, authorId, where } of signedItemsIn(seen)) {
            if (content.kind !== 'stateInfo' || scene.isOurs(authorId)) continue;
            const holds = isMac(content.value.channelMac, authorId);
            docket.demand(
              seen,
              holds,
              'the MAC of a channel with the author’s PKI-ID',
              `that of ${where} is not`,
            );
          }
        },
      };
    },
    'channel',
  ),

  watch('TAG-05', 'state info and requests for it name their channel by its MAC alone', (scene, docket) => ({
    envelope: (seen) => {
      if (seen.kind !== 'stateInfo' && seen.kind !== 'stateInfoPullReq') return;
      if (scene.isOurs(authorOf(seen))) return;
      docket.demand(seen, seen.message.channel.length === 0, 'no channel field', 'one');
    },
  })),

  watch(
    'RPC-03',
    'whoever dials calls Ping before it opens a GossipStream',
    (_, docket) => {
      const pinged = new Set<number>();
      return {
        mark: ({ event, details }) => {
          const { conn, path, from } = details;
          if (event !== 'call' || typeof conn !== 'number' || typeof from !== 'string') return;
          if (path === '/gossip.Gossip/Ping') pinged.add(conn);
          else if (path === '/gossip.Gossip/GossipStream') {
            docket.demandOf(from, pinged.delete(conn), 'a Ping first', `none on connection ${conn}`);
          }
        },
      };
    },
    'marks',
  ),

  watch(
    'RPC-08',
    'a connection has one GossipStream',
    (_, docket) => {
      const streams = new Set<number>();
      return {
        mark: ({ event, details }) => {
          const { conn, path, from } = details;
          if (typeof conn !== 'number' || typeof from !== 'string') return;
          if (event === 'connection-closed') streams.delete(conn);
          if (event !== 'call' || path !== '/gossip.Gossip/GossipStream') return;
          docket.demandOf(from, !streams.has(conn), 'one stream', `another on connection ${conn}`);
          streams.add(conn);
        },
      };
    },
    'marks',
  ),

  watch(
    'TLS-05',
    'connections are of TLS 1.2 or 1.3 with ALPN h2',
    (_, docket) => ({
      mark: ({ event, details: { from, tls, alpn } }) => {
        if (event !== 'connection' || typeof from !== 'string' || typeof tls !== 'string') return;
        const holds = (tls === 'TLSv1.2' || tls === 'TLSv1.3') && (alpn === undefined || alpn === 'h2');
        docket.demandOf(from, holds, 'TLS 1.2 or 1.3, h2', `${tls}, ${JSON.stringify(alpn)}`);
      },
    }),
    'marks',
  ),
];
