import type { AttachOptions, ConformanceOptions } from '../../run-types';

/** What a folder or a file says of a network that is up; paths are absolute or from where this program runs. */
export interface DescribedNetwork {
  readonly peers: readonly string[];
  readonly testers: AttachOptions['testers'];
  readonly issuers: readonly string[];
  readonly channel: string | undefined;
  readonly listen: string | undefined;
  readonly tls: boolean;
  readonly timing: ConformanceOptions['timing'];
  readonly fabricVersion: string | undefined;
}
