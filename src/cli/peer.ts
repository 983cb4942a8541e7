/** `gossipspec peer`: our gossip peer alone, set up as a Fabric peer is. */
import { createRequire } from 'node:module';
import { Command, InvalidArgumentError } from 'commander';
import { createColors } from 'picocolors';
import type * as node from '../node';
import type { GossipPeer, MemberInfo, RunningPeer, SettingKey } from '../node';
import { oneLine } from '../report/text';
import type { CommandFactory, Io, Session } from './session';
import { terminalOptions } from './terminal-options';
import { exitCodes } from './exit-codes';

interface PeerFlags {
  readonly config?: string;
  readonly org?: ReadonlyMap<string, string>;
  readonly anchor?: readonly Anchor[];
  readonly settings?: true;
  readonly verbose?: true;
}

interface Anchor {
  readonly mspId: string;
  readonly endpoint: string;
}

const help = `
A peer needs an identity, a place to listen and somebody to call:

  CORE_PEER_LOCALMSPID=Org1MSP \\
  CORE_PEER_MSPCONFIGPATH=crypto/peers/peer9.org1.example.com/msp \\
  CORE_PEER_LISTENADDRESS=127.0.0.1:7061 CORE_PEER_ADDRESS=127.0.0.1:7061 \\
  CORE_PEER_GOSSIP_BOOTSTRAP=127.0.0.1:7051 \\
  npm run peer

The same keys may stand in a core.yaml, given by --config or found in
FABRIC_CFG_PATH; a variable goes before the file. With TLS
(CORE_PEER_TLS_ENABLED=true) it needs CORE_PEER_TLS_CERT_FILE, _KEY_FILE and
_ROOTCERT_FILE too. It joins no channel: it lives in the membership of its
organisation, and of those that --org names. --settings lists every key with its
variable, value and meaning.

It prints a line for each change of membership until SIGINT or SIGTERM stops
it.

Exit codes:
  ${exitCodes.conformant}   stopped as told
  ${exitCodes.noNetwork}   it could not come up, because it cannot listen at its address
  ${exitCodes.usage}  wrong usage, or settings and key material that no peer can run
      with
  ${exitCodes.ownFault}  a fault of this program`;

const collectOrg = (
  text: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> => {
  const [, mspId, folder] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (mspId === undefined || folder === undefined) {
    throw new InvalidArgumentError('It must be MSPID=FOLDER.');
  }
  return new Map([...before, [mspId, folder]]);
};

const collectAnchor = (text: string, before: readonly Anchor[] = []): readonly Anchor[] => {
  const [, mspId, endpoint] = /^([^=]+)=([^=]+:\d+)$/.exec(text) ?? [];
  if (mspId === undefined || endpoint === undefined) {
    throw new InvalidArgumentError('It must be MSPID=HOST:PORT.');
  }
  return [...before, { mspId, endpoint }];
};

/** Loading the peer takes a while, and `--help` has no need of it. ts-node hooks require(), and not import(). */
const loadNode = (): typeof node => createRequire(__filename)('../node') as typeof node;

export const peerCommand: CommandFactory = (session) =>
  new Command('peer')
    .description(
      'Runs our own gossip peer alone, set up by core.yaml and CORE_PEER_* variables as a Fabric peer is.',
    )
    .option('--config <core.yaml>', 'its core.yaml; core.yaml in FABRIC_CFG_PATH if not given')
    .option('--org <MSPID=FOLDER>', 'MSP folder of another organisation to accept; repeatable', collectOrg)
    .option('--anchor <MSPID=HOST:PORT>', 'anchor peer to join; repeatable', collectAnchor)
    .option('--settings', 'print the settings it would run with, and stop')
    .option('--verbose', 'print connections, identities and refusals too')
    .addHelpText('after', help)
    .action(async (flags: PeerFlags) => {
      session.exitCode = await run(flags, session);
    });

async function run(flags: PeerFlags, { io }: Session): Promise<number> {
  const { GossipPeer: Peer, loadSettings, peerOptionsFrom, readSettings } = loadNode();
  const sources = { coreYaml: flags.config ?? defaultConfig(io), env: io.env };
  try {
    if (flags.settings === true) {
      printSettings(io, readSettings(sources).values);
      return exitCodes.conformant;
    }
    const settings = loadSettings(sources);
    for (const name of settings.unknown) {
      io.err.write(`gossipspec: ${name} is no setting of gossip; ignored\n`);
    }
    const peer = new Peer(
      peerOptionsFrom(settings, flags.org === undefined ? {} : { organisations: flags.org }),
    );
    tellEvents(peer, io, flags.verbose === true);
    await untilStopped(io, async () => {
      const running = await peer.start();
      for (const { endpoint, mspId } of flags.anchor ?? []) {
        running.joinAnchor(endpoint, mspId);
      }
      return running;
    });
    return exitCodes.conformant;
  } catch (error) {
    return refusal(error, io);
  }
}

/** FABRIC_CFG_PATH is where a Fabric peer looks for its core.yaml. */
const defaultConfig = ({ env }: Io): string | undefined => {
  const folder = env['FABRIC_CFG_PATH'];
  return folder === undefined || folder === '' ? undefined : `${folder}/core.yaml`;
};

/** Errors of the user's and of the machine's that a peer cannot start with; others are ours and go on. */
function refusal(error: unknown, io: Io): number {
  const codes: Readonly<Record<string, number>> = {
    SettingsError: exitCodes.usage,
    IdentityError: exitCodes.usage,
    TransportError: exitCodes.noNetwork,
  };
  const code = error instanceof Error ? codes[error.name] : undefined;
  if (code === undefined || !(error instanceof Error)) {
    throw error;
  }
  io.err.write(`gossipspec: ${error.message}\n`);
  return code;
}

/** Starts a peer and stops it when a signal comes, also one that comes while it starts. */
async function untilStopped(io: Io, start: () => Promise<RunningPeer>): Promise<void> {
  let forget = (): void => undefined;
  const stopSignal = new Promise<void>((resolve) => {
    forget = io.onStopSignal(() => {
      resolve();
    });
  });
  try {
    const running = await start();
    await stopSignal;
    await running.stop();
  } finally {
    forget();
  }
}

/** One line an event: time, what, who. */
function tellEvents(peer: GossipPeer, io: Io, verbose: boolean): void {
  const { systemClock } = loadNode();
  const colors = createColors(terminalOptions(io).color);
  const say = (paint: (text: string) => string, what: string, who: string): void => {
    const time = colors.dim(timeOfDay(systemClock.wallNanos()));
    io.out.write(`${time} ${paint(what.padEnd(10))} ${oneLine(who)}`.trimEnd() + '\n');
  };
  peer.on('listening', ({ address }) => {
    say(colors.bold, 'listening', address);
  });
  peer.on('memberAlive', ({ member, resurrected }) => {
    say(colors.green, resurrected ? 'back' : 'alive', describe(member));
  });
  peer.on('memberDead', ({ member, why }) => {
    say(colors.red, 'dead', `${describe(member)} (${why})`);
  });
  peer.on('memberForgotten', ({ member }) => {
    say(colors.yellow, 'forgotten', describe(member));
  });
  peer.on('joined', ({ endpoint }) => {
    say(colors.green, 'joined', endpoint);
  });
  peer.on('joinAbandoned', ({ endpoint }) => {
    say(colors.red, 'given up', endpoint);
  });
  peer.on('stopped', () => {
    say(colors.bold, 'stopped', '');
  });
  if (!verbose) {
    return;
  }
  peer.on('connected', ({ address, mspId, pkiId, role }) => {
    say(colors.dim, 'connected', `${mspId} ${short(pkiId)} ${address} as ${role}`);
  });
  peer.on('disconnected', ({ ending, pkiId }) => {
    say(colors.dim, 'lost', `${short(pkiId)} status ${ending.code} ${ending.details}`.trimEnd());
  });
  peer.on('unreachable', ({ endpoint, failure }) => {
    say(colors.yellow, 'no answer', `${endpoint} ${failure.details}`);
  });
  peer.on('identityLearned', ({ mspId, pkiId }) => {
    say(colors.dim, 'identity', `${mspId} ${short(pkiId)}`);
  });
  peer.on('rejected', ({ from, rejection }) => {
    const who = from.pkiId === undefined ? from.address : short(from.pkiId);
    say(
      colors.yellow,
      'refused',
      `${who} ${rejection.reason} (${rejection.clause}) ${rejection.detail}`.trimEnd(),
    );
  });
}

/** UTC, as the logs of Fabric peers have it: 14:03:59.123. */
function timeOfDay(wallNanos: bigint): string {
  const ms = Number((wallNanos / 1_000_000n) % 86_400_000n);
  const part = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
  return `${part(ms / 3_600_000, 2)}:${part((ms / 60_000) % 60, 2)}:${part((ms / 1000) % 60, 2)}.${part(ms % 1000, 3)}`;
}

const short = (pkiId: Uint8Array): string => Buffer.from(pkiId).toString('hex').slice(0, 8);

const describe = ({ endpoint, internalEndpoint, mspId, pkiId }: MemberInfo): string => {
  const inside =
    internalEndpoint !== '' && internalEndpoint !== endpoint ? ` inside ${internalEndpoint}` : '';
  return `${mspId ?? 'unknown'} ${short(pkiId)} ${endpoint === '' ? 'hidden' : endpoint}${inside}`;
};

/** Every key: its variable, value and meaning. */
function printSettings(io: Io, values: Readonly<Record<SettingKey, unknown>>): void {
  const { formatGoDuration, settingsTable, variableOf } = loadNode();
  for (const [key, { doc, kind }] of Object.entries(settingsTable)) {
    const value = values[key as SettingKey];
    const said = kind === 'duration' && typeof value === 'number' ? formatGoDuration(value) : plain(value);
    io.out.write(`${key} = ${said}\n    ${variableOf(key)}: ${doc}\n`);
  }
}

const plain = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : String(value));
