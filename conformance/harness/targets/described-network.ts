import { UsageError, type AttachOptions, type ConformanceOptions } from '../../run-types';
import { readProfile } from './network-profile';
import { readTestNetwork } from './test-network';

type Run = Pick<ConformanceOptions, 'timing' | 'fabricVersion'>;

/**
 * The options of an attachment together with what describes its network; single options go before the description.
 * Throws a UsageError that says what is missing or wrong, and where.
 */
export function resolveAttachment(
  options: AttachOptions,
  { timing, fabricVersion }: Run,
): { readonly attach: AttachOptions; readonly run: Run } {
  const { described } = options;
  if (described === undefined) return { attach: options, run: { timing, fabricVersion } };
  const found = described.kind === 'profile' ? readProfile(described.path) : readTestNetwork(described.path);
  const either = <T>(given: readonly T[], said: readonly T[]): readonly T[] =>
    given.length > 0 ? given : said;
  const attach: AttachOptions = {
    ...options,
    peers: either(options.peers, found.peers),
    testers: either(options.testers, found.testers),
    issuers: options.issue ? either(options.issuers, found.issuers) : [],
    channel: options.channel ?? found.channel,
    listen: options.listen ?? found.listen,
    tls: options.tls && found.tls,
  };
  if (attach.testers.length === 0 && attach.issuers.length === 0) {
    const why = options.issue ? '' : ', and --no-issue forbids to issue one';
    throw new UsageError(`${described.path} names no tester${why}: name one with --tester DIR`);
  }
  return {
    attach,
    run: {
      timing: {
        coreYaml: timing.coreYaml ?? found.timing.coreYaml,
        overrides: { ...found.timing.overrides, ...timing.overrides },
      },
      fabricVersion: fabricVersion ?? found.fabricVersion,
    },
  };
}
