import { NANOS_PER_MILLI } from '../../src/ports/clock';
import { channelMac } from '../../src/identity';
import { fabricRules } from '../../src/node';
import { encodeEnvelope, type Envelope, type StateInfo } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hex, sameBytes } from '../steps/bytes';
import { arriving, messageOf, mutant, saying, withRules, UNDECODABLE, withTamper, hearing } from './mutant';
import { ownStateInfos, ownStateInfoValues } from './own-state-info';

/** Does not read StateInfo of this kind. */
const droppingStateInfo = (drops: (value: StateInfo) => boolean): Deviation =>
  withTamper(() => ({
    incoming: (bytes) => {
      const content = messageOf(bytes)?.content;
      return content?.kind === 'stateInfo' && drops(content.value) ? [] : [bytes];
    },
  }));

/** Whether a state info is newer than what was read before of its author; what is none is for others to judge. */
function isNews(newest: Map<string, bigint>, element: Envelope): boolean {
  const content = messageOf(encodeEnvelope(element))?.content;
  if (content?.kind !== 'stateInfo') return true;
  const { pkiId, timestamp } = content.value;
  const [author, time] = [hex(pkiId), timestamp?.seqNum ?? 0n];
  if (time <= (newest.get(author) ?? -1n)) return false;
  newest.set(author, time);
  return true;
}

export const sinfMutants = [
  mutant(
    'sinf-names-channel',
    'its StateInfo names the channel',
    ['SINF-01', 'TAG-05'],
    ownStateInfos(() => ({ channel: Buffer.from('gossip') })),
  ),
  mutant(
    'sinf-with-nonce',
    'its StateInfo has a nonce',
    ['SINF-01'],
    ownStateInfos(() => ({ nonce: 7n })),
  ),
  mutant(
    'sinf-milliseconds',
    'it counts time in milliseconds in its StateInfo',
    ['SINF-01'],
    ownStateInfoValues(({ timestamp }) => ({
      timestamp: timestamp && {
        incNum: timestamp.incNum / NANOS_PER_MILLI,
        seqNum: timestamp.seqNum / NANOS_PER_MILLI,
      },
    })),
  ),
  mutant(
    'sinf-new-incarnation',
    'its inc_num grows with each change',
    ['SINF-01'],
    ownStateInfoValues(({ timestamp }) => ({
      timestamp: timestamp && { incNum: timestamp.seqNum, seqNum: timestamp.seqNum },
    })),
  ),
  mutant(
    'sinf-verifies-nothing',
    'it does not verify the signatures of StateInfo',
    ['SINF-02', 'SINF-12'],
    withRules({
      signatureFault: (envelope, author) =>
        messageOf(encodeEnvelope(envelope))?.content?.kind === 'stateInfo'
          ? undefined
          : fabricRules.signatureFault(envelope, author),
    }),
  ),
  mutant(
    'sinf-verifies-by-sender',
    'it verifies a message with the key of who brings it',
    ['SINF-02'],
    withRules({ verifyingIdentity: (author, sender) => sender ?? author }),
  ),
  mutant(
    'sinf-any-member',
    'it keeps StateInfo of members of an organisation who are no readers',
    ['SINF-03'],
    withRules({ acceptsAuthor: (orgInChannel) => orgInChannel }),
  ),
  mutant(
    'sinf-unjoined-unverified',
    'it does not verify StateInfo of channels that it does not know',
    ['SINF-02'],
    withRules({
      signatureFault: (envelope, author) => {
        const content = messageOf(encodeEnvelope(envelope))?.content;
        const mac = channelMac(author.pkiId, 'gossip');
        const isOther = content?.kind === 'stateInfo' && !sameBytes(content.value.channelMac, mac);
        return isOther ? undefined : fabricRules.signatureFault(envelope, author);
      },
    }),
  ),
  mutant(
    'sinf-any-organisation',
    'it keeps StateInfo of members of organisations that are not on the channel',
    ['SINF-03', 'SINF-12'],
    withRules({ acceptsAuthor: () => true }),
  ),
  mutant(
    'sinf-any-mac',
    'it does not look at MACs',
    ['SINF-03', 'SINF-10', 'TAG-04'],
    withRules({ macMatches: () => true }),
  ),
  mutant(
    'sinf-short-mac',
    'it takes the beginning of a MAC for the whole',
    ['SINF-10'],
    withRules({
      macMatches: (claimed, computed) =>
        claimed.length > 16 && sameBytes(claimed, computed.subarray(0, claimed.length)),
    }),
  ),
  mutant(
    'sinf-last-block',
    'it tells the number of its last block for its height',
    ['SINF-04'],
    withRules({ toldHeight: (blocks) => blocks - 1n }),
  ),
  mutant(
    'sinf-no-lifecycle',
    'it tells of no chaincode',
    ['SINF-04'],
    ownStateInfoValues(({ properties }) => ({ properties: properties && { ...properties, chaincodes: [] } })),
  ),
  mutant(
    'sinf-publishes-always',
    'it publishes its StateInfo at every tick',
    ['SINF-05'],
    withRules({ publishesStateInfo: (_, viewSize) => viewSize > 0 }),
  ),
  mutant(
    'sinf-publishes-never',
    'it publishes no changes of its StateInfo',
    ['SINF-05'],
    withRules({ publishesStateInfo: () => false }),
  ),
  mutant(
    'sinf-publishes-to-nobody',
    'it takes its StateInfo for published though there is nobody to hear of it',
    ['SINF-06'],
    withRules({ publishesStateInfo: (hasChanged) => hasChanged }),
  ),
  mutant(
    'sinf-not-relayed',
    'it relays no StateInfo',
    ['SINF-07'],
    withRules({ relays: (kind) => kind !== 'stateInfo' && fabricRules.relays(kind) }),
  ),
  mutant(
    'sinf-any-time',
    'it takes every StateInfo for news',
    ['SINF-07'],
    withRules({ isFresher: () => true }),
  ),
  mutant(
    'sinf-relayed-anew',
    'it encodes relayed StateInfo anew, under another nonce',
    ['SINF-07'],
    saying('stateInfo', () => ({ nonce: 1n })),
  ),
  mutant(
    'sinf-asks-everybody',
    'it asks members for StateInfo whose organisation is not on the channel',
    ['SINF-08'],
    withRules({ asksForStateInfo: () => true }),
  ),
  mutant(
    'sinf-asks-by-name',
    'it names the channel when it asks for StateInfo',
    ['SINF-08', 'TAG-05'],
    saying('stateInfoPullReq', () => ({ channel: Buffer.from('gossip') })),
  ),
  mutant(
    'sinf-snapshot-without-channel',
    'its snapshots name no channel',
    ['SINF-09', 'TAG-05'],
    saying('stateSnapshot', () => ({ channel: new Uint8Array() })),
  ),
  mutant(
    'sinf-snapshot-with-nonce',
    'its snapshots have a nonce',
    ['SINF-09'],
    saying('stateSnapshot', () => ({ nonce: 1n })),
  ),
  mutant(
    'sinf-snapshot-empty',
    'its snapshots are empty',
    ['SINF-09', 'SINF-11'],
    saying('stateSnapshot', () => ({ content: { kind: 'stateSnapshot', value: { elements: [] } } })),
  ),
  mutant(
    'sinf-tells-hidden',
    'it tells other organisations of members without an external endpoint',
    ['SINF-11'],
    withRules({ mayDiscloseStateInfo: () => true }),
  ),
  mutant(
    'sinf-tells-no-foreigners',
    'it tells other organisations of its own alone',
    ['SINF-11'],
    withRules({
      mayDiscloseStateInfo: (entry) =>
        entry.authorOrg === entry.selfOrg && fabricRules.mayDiscloseStateInfo(entry),
    }),
  ),
  mutant(
    'sinf-hides-from-own',
    'it keeps members without an external endpoint from its own organisation',
    ['SINF-11'],
    withRules({ mayDiscloseStateInfo: ({ authorHasExternalEndpoint }) => authorHasExternalEndpoint }),
  ),
  mutant(
    'sinf-reads-on',
    'it reads a snapshot to its end, whatever is in it',
    ['SINF-12'],
    withRules({ badElementEndsReading: () => false }),
  ),
  mutant(
    'sinf-passes-over-old',
    'it passes over what is no news in a snapshot, whoever signed it',
    ['SINF-12'],
    hearing('stateSnapshot', () => {
      const newest = new Map<string, bigint>();
      return (value, _, message) => {
        const elements = value.elements.filter((element) => isNews(newest, element));
        return [arriving({ ...message, content: { kind: 'stateSnapshot', value: { elements } } })];
      };
    }),
  ),
  mutant(
    'sinf-reads-none',
    'it reads no snapshots',
    ['SINF-12'],
    withTamper(() => ({
      incoming: (bytes) => (messageOf(bytes)?.content?.kind === 'stateSnapshot' ? [] : [bytes]),
    })),
  ),
  mutant(
    'sinf-keeps-strangers',
    'it keeps StateInfo of peers that are no members',
    ['SINF-12', 'SINF-14'],
    withRules({ keepsStateInfo: () => true }),
  ),
  mutant(
    'sinf-keeps-removed',
    'it keeps StateInfo of members of an organisation that is taken off the channel',
    ['SINF-15'],
    withRules({ reverifiesStateInfo: () => false }),
  ),
  mutant(
    'sinf-wants-properties',
    'it drops StateInfo without properties',
    ['SINF-13'],
    droppingStateInfo(({ properties }) => properties === undefined),
  ),
  mutant(
    'sinf-wants-timestamp',
    'it ends the stream on StateInfo without timestamp',
    ['SINF-16'],
    withTamper(() => ({
      incoming: (bytes) => {
        const content = messageOf(bytes)?.content;
        const isBad = content?.kind === 'stateInfo' && content.value.timestamp === undefined;
        return [isBad ? UNDECODABLE : bytes];
      },
    })),
  ),
  mutant(
    'sinf-relays-to-all',
    'it relays StateInfo of hidden members to other organisations',
    ['EMIT-06'],
    withRules({ mayRelayStateInfo: ({ memberOrgInChannel }) => memberOrgInChannel }),
  ),
  mutant(
    'sinf-relays-to-others',
    'it relays StateInfo to members whose organisation is not on the channel',
    ['EMIT-06'],
    withRules({ mayRelayStateInfo: () => true }),
  ),
  mutant(
    'sinf-relays-at-home',
    'it relays StateInfo to its own organisation alone',
    ['EMIT-06'],
    withRules({ mayRelayStateInfo: ({ memberOrg, selfOrg }) => memberOrg === selfOrg }),
  ),
];
