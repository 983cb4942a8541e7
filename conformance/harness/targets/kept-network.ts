import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import type { RunningNetwork } from '../../../src/fabric/running-network';
import { writeOrganisation } from '../../../src/identity';

/** Testers of each organisation on disk: so many a check may take; where there are CA keys, more are issued. */
const TESTERS = 3;

export interface KeptOptions {
  readonly network: RunningNetwork;
  /** The peers that were judged, by name. */
  readonly nodes: readonly string[];
  /** The address that testers listen on. */
  readonly listenHost: string;
  /** Removed together with the network. */
  readonly folder: string;
}

/**
 * Writes what it takes to judge a network again: its organisations with CA keys and testers, in cryptogen's layout, and
 * a profile. Resolves to what a user must know, a line each.
 */
export async function keepPapers({
  network,
  nodes,
  listenHost,
  folder,
}: KeptOptions): Promise<readonly string[]> {
  const { plan, peers, orderer, versions } = network;
  const { tls, channel } = plan.settings;
  const root = join(folder, 'organizations');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const organisations = await Promise.all(
    [...plan.peerOrganisations, plan.ordererOrganisation].map(async ({ organisation, admin }) => {
      const testers = await Promise.all(
        organisation.kind === 'orderer'
          ? []
          : Array.from({ length: TESTERS }, (_, n) =>
              organisation.issue({ name: `tester${n}`, role: 'peer', sans: [listenHost, 'localhost'] }),
            ),
      );
      return { organisation, written: writeOrganisation(root, organisation, [admin, ...testers]) };
    }),
  );
  const ofPeers = organisations.filter(({ organisation }) => organisation.kind === 'peer');
  const profile = join(folder, 'network.yaml');
  const inFolder = (path: string): string => relative(folder, path);
  const judged = peers.filter(({ name }) => nodes.includes(name));
  const [first] = judged;
  if (first === undefined) throw new TypeError('a network none of whose peers was judged');
  writeFileSync(join(folder, 'core.yaml'), first.plan.files['core.yaml'] ?? '', { mode: 0o600 });
  writeFileSync(
    profile,
    stringify({
      peers: judged.map(({ access }) => access.endpoint),
      testers: ofPeers.flatMap(({ organisation: { mspId }, written }) =>
        written.identities
          .filter(({ name }) => name.startsWith('tester'))
          .map(({ mspFolder }) => ({ mspId, dir: inFolder(join(mspFolder, '..')) })),
      ),
      issuers: ofPeers.map(({ written }) => inFolder(written.folder)),
      channel,
      tls,
      listen: listenHost,
      coreYaml: 'core.yaml',
      versions,
    }),
    { mode: 0o600 },
  );
  return [
    ...[orderer, ...peers].map(({ name, access }) => `${name.padEnd(11)} ${access.endpoint}`),
    ...ofPeers.map(({ organisation: { mspId }, written }) => `${mspId.padEnd(11)} MSP ${written.mspFolder}`),
    ...(tls
      ? organisations.map(
          ({ organisation: { mspId, domain }, written }) =>
            `${mspId.padEnd(11)} TLS CA ${join(written.folder, 'tlsca', `tlsca.${domain}-cert.pem`)}`,
        )
      : []),
    `channel     ${channel}`,
    `judge it    npm run conformance -- --profile ${profile}`,
    'remove it   npm run clean',
  ];
}
