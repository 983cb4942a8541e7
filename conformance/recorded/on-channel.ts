import type { Envelope, GossipMessage } from '../../src/wire';
import { sameBytes } from '../steps/bytes';
import type { Demand } from './recorded-check';
import type { Scene } from './scene';

/** Demands that a message has this tag and names a channel of the recording. */
export const onChannel = (message: GossipMessage, tag: number, scene: Scene, demand: Demand): void => {
  demand(message.tag === tag, `tag ${tag}`, () => `tag ${message.tag}`);
  demand(
    scene.channels.length === 0
      ? message.channel.length > 0
      : scene.channels.some((channel) => sameBytes(channel, message.channel)),
    'the name of a channel',
    () => Buffer.from(message.channel).toString('utf8'),
  );
};

/** Demands that nobody signed it. */
export const unsigned = ({ signature, secretEnvelope }: Envelope, demand: Demand): void => {
  demand(signature.length === 0 && secretEnvelope === undefined, 'an unsigned envelope', 'a signed one');
};
