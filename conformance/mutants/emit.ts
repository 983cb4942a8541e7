import { fabricRules } from '../../src/node';
import { decodeEnvelope } from '../../src/wire';
import { messageOf, mutant, withRules, withSettings, withTamper } from './mutant';

export const emitMutants = [
  mutant(
    'emit-late',
    'what it relays waits for a second',
    ['EMIT-01'],
    withSettings({ maxPropagationBurstLatencyMs: 1_000, maxPropagationBurstSize: 1_000 }),
  ),
  mutant(
    'emit-hardly-late',
    'what it relays waits for a quarter of a second',
    ['EMIT-01'],
    withSettings({ maxPropagationBurstLatencyMs: 250, maxPropagationBurstSize: 1_000 }),
  ),
  mutant(
    'emit-echoes',
    'it sends alive messages back to where they came from',
    ['EMIT-04'],
    withRules({ sparesSender: () => false }),
  ),
  mutant(
    'emit-passes-updates-on',
    'it passes identity updates on, behind the next alive message to each',
    ['EMIT-05'],
    withTamper(() => {
      const updates: Uint8Array[] = [];
      const passedOn = new Map<string, number>();
      return {
        incoming: (bytes) => {
          if (messageOf(bytes)?.content?.kind === 'dataUpdate') updates.push(bytes);
          return [bytes];
        },
        outgoing: ({ envelope, message }, { link }) => {
          if (message.content?.kind !== 'aliveMsg') return [{ envelope }];
          const news = updates.slice(passedOn.get(link) ?? 0);
          passedOn.set(link, updates.length);
          return [{ envelope }, ...news.map((bytes) => ({ envelope: decodeEnvelope(bytes) }))];
        },
      };
    }),
  ),
  mutant(
    'emit-hidden-abroad',
    'it relays alive messages without external endpoint to other organisations',
    ['EMIT-06'],
    withRules({ mayRelayAlive: (route) => fabricRules.mayRelayAlive({ ...route, authorEndpoint: 'x' }) }),
  ),
  mutant(
    'emit-own-stay-inside',
    'it relays alive messages of its organisation inside it alone',
    ['EMIT-06'],
    withRules({
      mayRelayAlive: (route) =>
        fabricRules.mayRelayAlive(route) &&
        (route.authorOrg !== route.selfOrg || route.memberOrg === route.selfOrg),
    }),
  ),
  mutant(
    'emit-foreign-to-the-hidden',
    'it relays foreign alive messages to members without external endpoint',
    ['EMIT-06'],
    withRules({ mayRelayAlive: (route) => fabricRules.mayRelayAlive({ ...route, memberEndpoint: 'x' }) }),
  ),
  mutant(
    'emit-foreign-not-to-their-own',
    'it relays foreign alive messages inside its organisation alone',
    ['EMIT-06'],
    withRules({
      mayRelayAlive: (route) =>
        fabricRules.mayRelayAlive(route) &&
        (route.authorOrg === route.selfOrg || route.memberOrg === route.selfOrg),
    }),
  ),
  mutant(
    'emit-twice',
    'it passes each message on twice',
    ['EMIT-02'],
    withSettings({ propagateIterations: 2 }),
  ),
  mutant(
    'emit-to-all',
    'it passes each message on to all members',
    ['EMIT-03'],
    withRules({ fanOut: () => Infinity }),
  ),
  mutant(
    'emit-to-one-fewer',
    'it passes each message on to one member fewer than propagatePeerNum',
    ['EMIT-03'],
    withRules({ fanOut: (kind, propagatePeerNum) => fabricRules.fanOut(kind, propagatePeerNum) - 1 }),
  ),
];
