import type { GossipStream } from '../ports/transport';
import type { PartyInfo, RecordingSink } from './recording-sink';
import { otherSide } from './recording';
import type { StreamTap, Tap } from './tap';

/** Who records: the member whose streams are tapped. */
export interface Recorder {
  readonly name: string;
  readonly pkiId: Uint8Array;
}

/** A tap that records what one member sends and receives. */
export const recordingTap = (sink: RecordingSink, recorder: Recorder): Tap => ({
  opened: (stream) => recordStream(sink, recorder, stream),
});

function recordStream(sink: RecordingSink, recorder: Recorder, stream: GossipStream): StreamTap {
  const { role, remoteAddress, binding } = stream;
  const own: PartyInfo = { ...recorder, certificate: binding.localCertificate };
  const remote: PartyInfo = { name: remoteAddress, certificate: binding.remoteCertificate };
  const number = sink.open({
    tap: recorder.name,
    initiator: role === 'initiator' ? own : remote,
    responder: role === 'initiator' ? remote : own,
    tls: binding.tls,
  });
  return {
    sent: (envelope) => {
      sink.envelope(number, role, envelope);
    },
    received: (envelope) => {
      sink.envelope(number, otherSide(role), envelope);
    },
    ended: (ending) => {
      sink.end(number, ending);
    },
  };
}
