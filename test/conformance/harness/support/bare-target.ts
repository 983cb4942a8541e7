import type { Lines } from '../../../../conformance/harness/lines';
import type { PeerUnderTest, Target } from '../../../../conformance/harness/target';
import { embeddedTiming } from '../../../../conformance/harness/targets/embedded-timing';

/** In the place of what is not to be called. */
export const never = (): never => {
  throw new Error('this must not be called');
};

/** Of testers that send nothing. */
export const noLines: Lines = {
  open: never,
  reach: never,
  ping: never,
  pinger: never,
  call: never,
  halfClose: never,
  close: never,
  listen: never,
};

/** The only one of its target. */
export const barePeer: PeerUnderTest = {
  name: 'peer0',
  endpoint: '127.0.0.1:1',
  mspId: 'Org1MSP',
  pkiId: new Uint8Array(32),
  identity: new Uint8Array(),
  externalEndpoint: '',
};

/** A network of one peer that nobody ever meets. */
export const bareTarget: Target = {
  info: { kind: 'none', real: false, description: '', fabricVersion: undefined, peers: [barePeer.name] },
  tls: false,
  timing: embeddedTiming,
  peers: [barePeer],
  organisations: [],
  offers: () => new Set(),
  own: never,
  foreign: never,
  lanes: { all: 1, view: 1 },
  close: () => Promise.resolve(),
};
