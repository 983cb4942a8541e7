import type { Received } from '../harness/tester-stream';
import { demand } from '../harness/verdict';

/** The channel that a message names in GossipMessage.channel; empty if none. */
export const channelIn = ({ message }: Pick<Received, 'message'>): string =>
  Buffer.from(message.channel).toString();

/** Whether a message names this channel. Testers who were on other channels are told of those, too. */
export const isOn =
  (channel: string) =>
  (one: Received): boolean =>
    channelIn(one) === channel;

/** A Violation unless a message names this channel. */
export function demandChannel(one: Pick<Received, 'message'>, channel: string): void {
  const name = channelIn(one);
  demand(name === channel, `channel ${channel}`, name === '' ? 'no channel' : `channel ${name}`);
}
