import type { Millis } from '../../src/ports/clock';
import { fabricRules, type Rules } from '../../src/node';
import { encodeEnvelope } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hearing, mutant, saying, sendingStrangers, withRules, withSettings } from './mutant';
import { like, withTransport } from './wrong-transport';

/** Keeps other rules where it has just raised a member from the dead; `raised`: whether it has, since it was asked last. */
const raising = (change: (raised: () => boolean) => Partial<Rules>): Deviation => ({
  peer: () => {
    let hasRaised = false;
    const raised = (): boolean => {
      const was = hasRaised;
      hasRaised = false;
      return was;
    };
    const resurrects = (): boolean => {
      hasRaised = true;
      return true;
    };
    return { rules: { ...fabricRules, ...change(raised), resurrects } };
  },
});

export const deadMutants = [
  mutant(
    'dead-patient',
    'it takes a member for dead after twice aliveExpirationTimeout',
    ['DEAD-01'],
    withRules({ isSilent: (silenceMs, timeoutMs) => silenceMs > 2 * timeoutMs }),
  ),
  mutant(
    'dead-impatient',
    'it takes a member for dead after half of aliveExpirationTimeout',
    ['DEAD-01'],
    withRules({ isSilent: (silenceMs, timeoutMs) => silenceMs > timeoutMs / 2 }),
  ),
  mutant('dead-once-is-enough', 'it takes nobody for dead any more once somebody was', ['DEAD-01'], {
    peer: () => {
      let deaths = 0;
      return {
        rules: {
          ...fabricRules,
          isSilent: (...silence) => deaths === 0 && fabricRules.isSilent(...silence) && ++deaths > 0,
        },
      };
    },
  }),
  mutant(
    'dead-back-for-good',
    'whoever came back from the dead stays until there is more news',
    ['DEAD-01'],
    {
      peer: ({ clock }) => {
        const nowMs = (): Millis => clock?.now() ?? 0;
        const returnsMs: Millis[] = [];
        const isReturn = (atMs: Millis): boolean => returnsMs.some((one) => Math.abs(one - atMs) < 20);
        return {
          rules: {
            ...fabricRules,
            resurrects: () => {
              returnsMs.push(nowMs());
              return true;
            },
            isSilent: (silenceMs, timeoutMs) =>
              fabricRules.isSilent(silenceMs, timeoutMs) && !isReturn(nowMs() - silenceMs),
          },
        };
      },
    },
  ),
  mutant(
    'dead-back-in-silence',
    'it does not relay what brings a member back',
    ['DEAD-04'],
    raising((raised) => ({ relays: (kind) => !raised() && fabricRules.relays(kind) })),
  ),
  mutant(
    'dead-back-where-they-were',
    'it dials a member that is back where it was before',
    ['DEAD-04'],
    raising((raised) => ({
      internalEndpoint: (told, known) => (raised() ? (known ?? told) : (told ?? known)),
    })),
  ),
  mutant(
    'dead-tried-three-times',
    'it dials no endpoint more than three times',
    ['DEAD-05'],
    withTransport(() => {
      const dials = new Map<string, number>();
      return {
        endpoint: (endpoint) => {
          const times = (dials.get(endpoint) ?? 0) + 1;
          dials.set(endpoint, times);
          return times > 3 ? '127.78.0.3:9' : endpoint;
        },
      };
    }),
  ),
  mutant(
    'dead-stays-connected',
    'it keeps the connection of a member that died',
    ['DEAD-01'],
    withRules({ closesOnDeath: () => false }),
  ),
  mutant(
    'dead-stays-dialled',
    'it keeps the connection that it opened to a member that died',
    ['DEAD-01'],
    withRules({ closesOnDeath: (role) => role === 'responder' }),
  ),
  mutant(
    'dead-for-good',
    'it takes nobody back who was dead',
    ['DEAD-04'],
    withRules({ resurrects: () => false }),
  ),
  mutant(
    'dead-asked-with-nonce',
    'it asks with a nonce of 1',
    ['DEAD-05', 'DEAD-06', 'MEMB-12'],
    saying('memReq', () => ({ nonce: 1n })),
  ),
  mutant(
    'dead-raised-by-old-news',
    'what it knows already is a sign of life',
    ['DEAD-01', 'DEAD-04', 'STORE-03'],
    withRules({
      isFresher: (candidate, held) =>
        fabricRules.isFresher(candidate, held) ||
        (candidate.incNum === held.incNum && candidate.seqNum === held.seqNum),
    }),
  ),
  mutant(
    'dead-are-told-the-news',
    'it relays alive messages to dead members, too',
    ['DEAD-02'],
    withRules({ pushesToTheDead: (kind) => kind === 'aliveMsg' }),
  ),
  mutant(
    'dead-on-the-channel',
    'it passes on blocks to dead members, too',
    ['DEAD-10'],
    withRules({ pushesToTheDead: (kind) => kind === 'dataMsg' }),
  ),
  mutant(
    'dead-looked-for-seldom',
    'it looks for silent members twice in aliveExpirationTimeout',
    ['DEAD-01'],
    withRules({ expiryCheckMs: (aliveExpirationTimeoutMs) => aliveExpirationTimeoutMs / 2 }),
  ),
  mutant(
    'dead-tried-seldom',
    'it tries the dead at every second reconnectInterval',
    ['DEAD-05'],
    withSettings({ reconnectIntervalMs: 600 }),
  ),
  mutant(
    'dead-not-pinged',
    'it turns to the dead without a Ping before',
    ['DEAD-05', 'RPC-03'],
    withTransport(() => ({
      connection: (one) =>
        like(one, {
          ping: (_timeoutMs, done) => {
            queueMicrotask(() => {
              done(undefined);
            });
          },
        }),
    })),
  ),
  mutant(
    'dead-pinged-for-good',
    'it leaves a connection open on which it has called Ping alone',
    ['DEAD-05'],
    withTransport(() => ({
      connection: (one) => {
        let close = (): void => undefined;
        return like(one, {
          open: (events, deadlineMs) => {
            close = (): void => {
              one.close();
            };
            return one.open(events, deadlineMs);
          },
          close: () => {
            close();
          },
        });
      },
    })),
  ),
  mutant(
    'dead-pinged-one-by-one',
    'it calls Ping on one connection at a time',
    ['DEAD-05'],
    withTransport(() => {
      const waiting: (() => void)[] = [];
      return {
        connection: (one) =>
          like(one, {
            ping: (timeoutMs, done) => {
              const call = (): void => {
                one.ping(timeoutMs, (failure) => {
                  waiting.shift();
                  waiting[0]?.();
                  done(failure);
                });
              };
              waiting.push(call);
              if (waiting.length === 1) call();
            },
          }),
      };
    }),
  ),
  mutant(
    'dead-called-outside',
    'it knows nobody’s internal endpoint',
    ['DEAD-05', 'DEAD-07'],
    withRules({ internalEndpoint: () => undefined }),
  ),
  mutant(
    'dead-strangers-unasked',
    'it sends no membership requests to other organisations',
    ['DEAD-05', 'MEMB-12'],
    sendingStrangers('memReq', () => []),
  ),
  mutant(
    'dead-unforgotten',
    'it keeps dead members for long',
    ['DEAD-07'],
    withSettings({ msgExpirationFactor: 50 }),
  ),
  mutant(
    'dead-bootstrap-forgotten',
    'it forgets bootstrap peers as it forgets others',
    ['DEAD-07'],
    withRules({ forgets: () => true }),
  ),
  mutant(
    'dead-asked-is-told',
    'it takes self_information of a request for a push',
    ['DEAD-08'],
    hearing(
      'memReq',
      () =>
        ({ selfInformation: told }, bytes) =>
          told === undefined ? [bytes] : [bytes, encodeEnvelope(told)],
    ),
  ),
];
