import { fabricRules } from '../../src/node';
import { encodeMessage } from '../../src/wire';
import { hearing, mutant, saying, withRules, withSettings, withTamper } from './mutant';
import type { Deviation } from '../harness/targets/embedded';

/** Fabric's settings, but for whom it calls when it starts. */
const calling = (change: (bootstrap: readonly string[]) => readonly string[]): Deviation => ({
  peer: ({ settings = {} }) => ({
    settings: (address) => {
      const honest = typeof settings === 'function' ? settings(address) : settings;
      return { ...honest, bootstrap: change(honest.bootstrap ?? []) };
    },
  }),
});

export const bootMutants = [
  mutant(
    'boot-last-alone',
    'it calls the last of its bootstrap peers alone',
    ['BOOT-01'],
    calling((all) => all.slice(-1)),
  ),
  mutant(
    'boot-no-probe',
    'it says that its probes are connections to stay',
    ['BOOT-01', 'CONN-13'],
    saying('conn', (_message, value) => ({ content: { kind: 'conn', value: { ...value, probe: false } } })),
  ),
  mutant(
    'boot-probes-only',
    'it says that connections to stay are probes',
    ['BOOT-01', 'CONN-14'],
    saying('conn', (_message, value) => ({ content: { kind: 'conn', value: { ...value, probe: true } } })),
  ),
  mutant(
    'boot-of-any-organisation',
    'it joins bootstrap peers of other organisations',
    ['BOOT-02'],
    withRules({ acceptsBootstrap: () => true }),
  ),
  mutant(
    'boot-restless',
    'it calls a bootstrap peer again at once',
    ['BOOT-03'],
    withSettings({ reconnectIntervalMs: 20 }),
  ),
  mutant(
    'boot-never-gives-up',
    'it never gives a bootstrap peer up',
    ['BOOT-03', 'MEMB-13'],
    withSettings({ maxConnectionAttempts: 1_000 }),
  ),
  mutant(
    'boot-calls-itself',
    'it calls itself by its external endpoint',
    ['BOOT-04'],
    withRules({
      isOwnEndpoint: (endpoint, self) =>
        fabricRules.isOwnEndpoint(endpoint, { ...self, externalEndpoint: '' }),
    }),
  ),
  mutant(
    'boot-calls-localhost',
    'it calls its own port on the local host',
    ['BOOT-04'],
    withRules({
      isOwnEndpoint: (endpoint, { internalEndpoint, externalEndpoint }) =>
        [internalEndpoint, externalEndpoint].includes(endpoint),
    }),
  ),
  mutant(
    'boot-own-anchors-alone',
    'it calls the anchor peers of its own organisation alone',
    ['BOOT-05'],
    withRules({ callsAnchor: (_endpoint, listedOrg, selfOrg) => listedOrg === selfOrg }),
  ),
  mutant(
    'boot-hidden-calls-abroad',
    'it calls foreign anchor peers though it has no external endpoint',
    ['BOOT-06'],
    withRules({
      callsAnchor: (endpoint, listedOrg, selfOrg) =>
        fabricRules.callsAnchor(endpoint, listedOrg, selfOrg, endpoint),
    }),
  ),
  mutant(
    'boot-anchors-as-listed',
    'it joins an anchor peer only if it is of the organisation that lists it',
    ['BOOT-07'],
    withRules({ acceptsAnchor: (_selfOrg, listedOrg, actualOrg) => listedOrg === actualOrg }),
  ),
  mutant(
    'boot-any-anchor',
    'it joins whoever is behind an anchor entry',
    ['BOOT-07'],
    withRules({ acceptsAnchor: () => true }),
  ),
  mutant(
    'boot-secret-abroad',
    'it tells foreign peers that it joins its internal endpoint',
    ['BOOT-08'],
    withRules({ keepsSecretFor: () => true }),
  ),
  mutant(
    'boot-secret-kept',
    'it tells own peers that it joins no internal endpoint',
    ['BOOT-08'],
    withRules({ keepsSecretFor: () => false }),
  ),
  mutant('boot-once-each', 'it joins a peer once, on how many lists it may be', ['BOOT-10'], {
    peer: () => {
      const called = new Set<string>();
      return {
        rules: {
          ...fabricRules,
          isOwnEndpoint: (endpoint, self) => {
            if (fabricRules.isOwnEndpoint(endpoint, self) || called.has(endpoint)) return true;
            called.add(endpoint);
            return false;
          },
        },
      };
    },
  }),
  mutant(
    'boot-hurried',
    'it waits for a tenth of connTimeout for the other’s ConnEstablish',
    ['CONN-13', 'CONN-14', 'CONN-18'],
    withRules({ handshakeTimeoutMs: (connTimeoutMs) => connTimeoutMs / 10 }),
  ),
  mutant(
    'boot-asks-anew',
    'it sends another join request in place of the same',
    ['MEMB-13'],
    withTamper(() => {
      let more = 0n;
      return {
        outgoing: ({ envelope, message }) => {
          if (message.content?.kind !== 'memReq' || message.nonce === 0n) return [{ envelope }];
          more += 1n;
          return [{ envelope: { ...envelope, payload: encodeMessage({ ...message, nonce: more }) } }];
        },
      };
    }),
  ),
  mutant(
    'boot-wants-members',
    'it takes a response without members for no answer to its join request',
    ['MEMB-14'],
    hearing(
      'memRes',
      () =>
        ({ alive }, bytes) =>
          alive.length === 0 ? [] : [bytes],
    ),
  ),
  mutant(
    'boot-dials-patiently',
    'it dials for half as long again as dialTimeout',
    ['CONN-14'],
    withSettings({ dialTimeoutMs: 1_200 }),
  ),
];
