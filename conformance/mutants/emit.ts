import { deserializeIdentity } from '../../src/identity';
import { fabricRules } from '../../src/node';
import type { Millis } from '../../src/ports/clock';
import { decodeEnvelope, type ContentKind } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hex } from '../steps/bytes';
import { messageOf, mutant, sending, withRules, withSettings, withTamper } from './mutant';

/** Sends what came of one kind back behind the next message to where it came from. */
const echoing = (kind: ContentKind): Deviation =>
  withTamper(() => {
    const came = new Map<string, Uint8Array[]>();
    return {
      incoming: (bytes, { link }) => {
        if (messageOf(bytes)?.content?.kind === kind) came.set(link, [...(came.get(link) ?? []), bytes]);
        return [bytes];
      },
      outgoing: ({ envelope }, { link }) => {
        const back = came.get(link) ?? [];
        came.delete(link);
        return [{ envelope }, ...back.map((bytes) => ({ envelope: decodeEnvelope(bytes) }))];
      },
    };
  });

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
  mutant(
    'emit-echoes-state-info',
    'it sends StateInfo back to where it came from',
    ['EMIT-04'],
    echoing('stateInfo'),
  ),
  mutant(
    'emit-state-info-twice',
    'it passes StateInfo on twice',
    ['EMIT-02'],
    sending('stateInfo', (envelope) => [{ envelope }, { envelope }]),
  ),
  mutant(
    'emit-blocks-to-all',
    'it passes blocks on to all members',
    ['EMIT-03'],
    withRules({ fanOut: (kind, most) => (kind === 'dataMsg' ? Infinity : fabricRules.fanOut(kind, most)) }),
  ),
  mutant(
    'emit-state-info-to-all',
    'it passes StateInfo on to all members',
    ['EMIT-03'],
    withRules({ fanOut: (kind, most) => (kind === 'stateInfo' ? Infinity : fabricRules.fanOut(kind, most)) }),
  ),
  mutant('emit-half-of-bursts', 'of what it relays at once it loses all but five', ['EMIT-01'], {
    peer: ({ clock }) => {
      const sentMs = new Map<string, Millis[]>();
      return {
        tamper: {
          outgoing: ({ envelope, message }, { link }) => {
            if (message.content?.kind !== 'aliveMsg') return [{ envelope }];
            const nowMs = clock?.now() ?? 0;
            const lately = (sentMs.get(link) ?? []).filter((atMs) => nowMs - atMs < 50);
            sentMs.set(link, [...lately, nowMs]);
            return lately.length < 5 ? [{ envelope }] : [];
          },
        },
      };
    },
  }),
  mutant(
    'emit-own-authors',
    'it relays state info of unknown channels of its own organisation alone',
    ['TAG-07'],
    {
      peer: ({ identity: { mspId } }) => {
        const strangers = new Set<string>();
        return {
          tamper: {
            incoming: (bytes) => {
              const content = messageOf(bytes)?.content;
              if (content?.kind === 'conn' && deserializeIdentity(content.value.identity)?.mspId !== mspId) {
                strangers.add(hex(content.value.pkiId));
              }
              return content?.kind === 'stateInfo' && strangers.has(hex(content.value.pkiId)) ? [] : [bytes];
            },
          },
        };
      },
    },
  ),
];
