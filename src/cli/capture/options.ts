import type { TimingProfile } from '../../fabric/gossip-profile';
import type { Step } from './scenario';

/** What to record, where to. */
export interface CaptureOptions {
  readonly target: 'native' | 'docker' | 'attach';
  readonly out: string;
  readonly gzip: boolean;
  readonly seconds: number;
  readonly scenario: readonly Step[];
  /** Everything between the peers, by a proxy; otherwise what a member of ours sends and receives. */
  readonly betweenPeers: boolean;
  /** The peer whose place ours takes; undefined: nobody's. */
  readonly seat: string | undefined;
  /** What faults that strike by chance are drawn from; undefined: that is itself left to chance. */
  readonly seed: number | undefined;
  readonly tls: boolean;
  readonly timingProfile: TimingProfile;
  readonly command: string;
  readonly host: string;
  /** native: folders with Fabric's programs. */
  readonly binaries: readonly string[];
  /** docker. */
  readonly fabric: string;
  readonly peerImage: string | undefined;
  readonly ordererImage: string | undefined;
  /** attach: host:port each. */
  readonly peers: readonly string[];
  readonly tester: { readonly mspId: string; readonly dir: string } | undefined;
  readonly listen: string | undefined;
  readonly channel: string | undefined;
}
