/** The recording proxy, and the faults that it can do. */
export type { FaultAction, FaultedMessage, FaultRule, Span } from './faults';
export type { Fate, PeerName, RelayedEnvelope, RelayedLink, RelayEvent, RelayObserver } from './observed';
export { RecordingProxy, type RecordingProxyOptions } from './recording-proxy';
