import { generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import {
  decodeEnvelope,
  decodeMessage,
  encodeEnvelope,
  encodeMessage,
  envelope,
  gossipMessage,
  Tag,
} from '../src/wire';
import { measure, type Rate } from './rates';

const PEERS = 8;
const MESSAGES = 2_000;
const ROUNDS = 9;

/** Half the order of P-256: a signature's s is at most this (SIGN-03). */
const HALF_ORDER = Buffer.from('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8', 'hex');

interface SignedAlive {
  readonly publicKey: KeyObject;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** The Envelope, as it comes from a stream. */
  readonly bytes: Uint8Array;
}

/**
 * What receiving a stream of distinct alive messages costs: decoding envelope and message, and verifying the
 * signature with the key of its author. It is set against the bare verification of the same signatures, which no
 * peer can do without.
 */
export function wireBench(): readonly Rate[] {
  const alives = makeAlives();
  const at = (index: number): SignedAlive => alives[index % alives.length] ?? missing();
  return measure(
    {
      'raw verify': (index) => {
        const { publicKey, payload, signature } = at(index);
        return verify('sha256', payload, publicKey, signature) || missing();
      },
      'decode + verify': (index) => {
        const { publicKey, bytes } = at(index);
        const { payload, signature } = decodeEnvelope(bytes);
        decodeMessage(payload);
        return verifyLowS(publicKey, payload, signature) || missing();
      },
      decode: (index) => decodeMessage(decodeEnvelope(at(index).bytes).payload),
    },
    MESSAGES,
    ROUNDS,
  );
}

function makeAlives(): readonly SignedAlive[] {
  const peers = Array.from({ length: PEERS }, () => ({
    ...generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    pkiId: randomBytes(32),
  }));
  return Array.from({ length: MESSAGES }, (_, index) => {
    const peer = peers[index % PEERS] ?? missing();
    const payload = encodeMessage(
      gossipMessage({
        tag: Tag.EMPTY,
        content: {
          kind: 'aliveMsg',
          value: {
            membership: { endpoint: `peer${index % PEERS}.org1.example.com:7051`, pkiId: peer.pkiId },
            timestamp: { incNum: 1_795_325_091_256_500_751n, seqNum: BigInt(index) },
          },
        },
      }),
    );
    const signature = signLowS(peer.privateKey, payload);
    return {
      publicKey: peer.publicKey,
      payload,
      signature,
      bytes: encodeEnvelope(envelope(payload, signature)),
    };
  });
}

function signLowS(key: KeyObject, payload: Uint8Array): Uint8Array {
  for (;;) {
    const signature = sign('sha256', payload, key);
    if (hasLowS(signature)) return signature;
  }
}

const verifyLowS = (key: KeyObject, payload: Uint8Array, signature: Uint8Array): boolean =>
  hasLowS(signature) && verify('sha256', payload, key, signature);

/** Of a well-formed DER signature: 30 len 02 len r 02 len s. */
function hasLowS(signature: Uint8Array): boolean {
  const s = signature.subarray(4 + (signature[3] ?? 0) + 2);
  // A leading zero byte means that the top bit is set, and s thus above half the order.
  return s.length < HALF_ORDER.length || (s.length === HALF_ORDER.length && HALF_ORDER.compare(s) >= 0);
}

function missing(): never {
  throw new Error('the benchmark is wrong: a message is missing or does not verify');
}
