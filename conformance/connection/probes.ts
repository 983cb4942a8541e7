import { StatusCode } from '../../src/ports/transport';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { tlsHash, type Tester } from '../harness/tester';
import { demand } from '../harness/verdict';
import { connected, honestHandshake, refusedConn, refusedResponder, stillServed } from '../steps/handshake';
import { flipBit } from '../steps/messages';

/** A good probe must end with OK, a bad one be refused, and the connection of the one who probes stand. */
async function dismissesProbe(t: CheckContext, tester: Tester): Promise<void> {
  const held = await connected(t, tester);
  const probe = await tester.dial();
  probe.send(tester.conn(probe, { probe: true }));
  const ending = await probe.expectEnd('the end of the probe');
  demand(ending.code === StatusCode.OK, 'status OK for a good probe', `status ${ending.code}`);
  await stillServed(t, held, 'a probe');

  const bad = await tester.dial();
  const conn = tester.conn(bad, { probe: true });
  await refusedConn(t, bad, { ...conn, signature: new Uint8Array() }, 'the probe is not signed');
}

/** Handshakes that are no more than a probe. */
export const probeChecks: readonly Check[] = [
  check('CONN-10', 'authenticates a probe, ends it with OK and leaves the peer’s connection alone', {}, (t) =>
    dismissesProbe(t, t.tester),
  ),

  check('CONN-10', 'does so with a probe of another organisation’s peer', { foreign: 1 }, (t) =>
    dismissesProbe(t, t.stranger),
  ),

  check(
    'CONN-10',
    'compares the hash in a probe with the certificate that it sees',
    { needs: ['tls'] },
    async (t) => {
      await honestHandshake(t, t.tester);
      const probe = await t.tester.dial();
      const tlsCertHash = flipBit(tlsHash(probe.stream.binding.localCertificate));
      const conn = t.tester.conn(probe, { probe: true, tlsCertHash });
      await refusedConn(t, probe, conn, 'the probe has the hash of another certificate');
    },
  ),

  check('CONN-11', 'answers probe = true with probe = false', {}, async (t) => {
    const stream = await t.tester.dial();
    stream.send(t.tester.conn(stream, { probe: true }));
    const { value } = await stream.expect('conn');
    demand(!value.probe, 'probe = false in a responder’s ConnEstablish', 'probe = true');
  }),

  check(
    'CONN-11',
    'treats a responder that says probe = true as a failed handshake',
    { lane: 'view', needs: ['dial-back'] },
    (t) =>
      refusedResponder(
        t,
        (inbound) => t.tester.conn(inbound, { probe: true }),
        'the responder said probe = true',
      ),
  ),
];
