import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { makeEnvelope, makeHeader, type Creator } from './envelope';
import { FabricError } from './fabric-error';

/** A configuration as it is and as it shall be, as far as they differ. */
interface Difference {
  readonly readSet: common.ConfigGroup;
  readonly writeSet: common.ConfigGroup;
  readonly changed: boolean;
}

/** A value or a policy of a group. */
interface Element {
  getVersion(): number;
  setVersion(version: number): void;
  getModPolicy(): string;
  serializeBinary(): Uint8Array;
  clone(): this;
}

interface ElementMap<T> {
  get(name: string): T | undefined;
  set(name: string, element: T): unknown;
  keys(): { next(): IteratorResult<string> };
}

const NONCE_BYTES = 24;

/**
 * What has to be written to turn `original` into `updated`, and what that relies on.
 * @throws FabricError NO_CHANGE
 * Source: internal/configtxlator/update/update.go, `Compute`.
 */
export function computeUpdate(
  channel: string,
  original: common.ConfigGroup,
  updated: common.ConfigGroup,
): common.ConfigUpdate {
  const { readSet, writeSet, changed } = difference(original, updated);
  if (!changed) {
    throw new FabricError('NO_CHANGE', `the update would change nothing in the configuration of ${channel}`);
  }
  const update = new common.ConfigUpdate();
  update.setChannelId(channel);
  update.setReadSet(readSet);
  update.setWriteSet(writeSet);
  return update;
}

/**
 * Both sets carry a group's version. Where its members or its own policy change, they carry the versions of all that
 * stays, and the version in the write set is one higher; otherwise only what changes is in the write set.
 */
function difference(original: common.ConfigGroup, updated: common.ConfigGroup): Difference {
  const readSet = new common.ConfigGroup();
  const writeSet = new common.ConfigGroup();
  const kept: (() => void)[] = [];
  const values = diffElements(
    [original.getValuesMap(), updated.getValuesMap()],
    [readSet.getValuesMap(), writeSet.getValuesMap()],
    () => new common.ConfigValue(),
    kept,
  );
  const policies = diffElements(
    [original.getPoliciesMap(), updated.getPoliciesMap()],
    [readSet.getPoliciesMap(), writeSet.getPoliciesMap()],
    () => new common.ConfigPolicy(),
    kept,
  );
  const groups = diffGroups(original, updated, readSet, writeSet, kept);
  const parts = [values, policies, groups];
  const ownChange =
    parts.some(({ members }) => members) || original.getModPolicy() !== updated.getModPolicy();

  readSet.setVersion(original.getVersion());
  writeSet.setVersion(original.getVersion() + (ownChange ? 1 : 0));
  if (ownChange) {
    writeSet.setModPolicy(updated.getModPolicy());
    for (const keep of kept) keep();
  }
  return { readSet, writeSet, changed: ownChange || parts.some(({ content }) => content) };
}

/** Whether the names of a part changed, and whether what stands under them did. */
interface PartDifference {
  readonly members: boolean;
  readonly content: boolean;
}

function diffElements<T extends Element>(
  [original, updated]: readonly [ElementMap<T>, ElementMap<T>],
  [readSet, writeSet]: readonly [ElementMap<T>, ElementMap<T>],
  make: () => T,
  kept: (() => void)[],
): PartDifference {
  let content = false;
  const names = namesOf(updated);
  for (const name of names) {
    const [before, after] = [original.get(name), updated.get(name)];
    if (after === undefined) continue;
    if (before !== undefined && isSame(before, after)) {
      const unchanged = make();
      unchanged.setVersion(before.getVersion());
      kept.push(() => {
        readSet.set(name, unchanged);
        writeSet.set(name, unchanged);
      });
      continue;
    }
    const written = after.clone();
    written.setVersion(before === undefined ? 0 : before.getVersion() + 1);
    writeSet.set(name, written);
    content = true;
  }
  return { members: !sameNames(namesOf(original), names), content };
}

function diffGroups(
  original: common.ConfigGroup,
  updated: common.ConfigGroup,
  readSet: common.ConfigGroup,
  writeSet: common.ConfigGroup,
  kept: (() => void)[],
): PartDifference {
  let content = false;
  const names = namesOf(updated.getGroupsMap());
  for (const name of names) {
    const [before, after] = [original.getGroupsMap().get(name), updated.getGroupsMap().get(name)];
    if (after === undefined) continue;
    const inner = difference(before ?? new common.ConfigGroup(), after);
    if (before === undefined) {
      // A new group starts at version 0, whatever the comparison with nothing said.
      inner.writeSet.setVersion(0);
      writeSet.getGroupsMap().set(name, inner.writeSet);
      content = true;
    } else if (inner.changed) {
      readSet.getGroupsMap().set(name, inner.readSet);
      writeSet.getGroupsMap().set(name, inner.writeSet);
      content = true;
    } else {
      kept.push(() => {
        readSet.getGroupsMap().set(name, inner.readSet);
        writeSet.getGroupsMap().set(name, inner.readSet);
      });
    }
  }
  return { members: !sameNames(namesOf(original.getGroupsMap()), names), content };
}

/** Equal in all but the version. */
function isSame<T extends Element>(before: T, after: T): boolean {
  const comparable = after.clone();
  comparable.setVersion(before.getVersion());
  return Buffer.compare(before.serializeBinary(), comparable.serializeBinary()) === 0;
}

function namesOf(map: ElementMap<unknown>): readonly string[] {
  const names: string[] = [];
  const keys = map.keys();
  for (let next = keys.next(); next.done !== true; next = keys.next()) names.push(next.value);
  return names;
}

const sameNames = (before: readonly string[], after: readonly string[]): boolean =>
  before.length === after.length && before.every((name) => after.includes(name));

/**
 * The transaction of an update, signed by `signers` as its policies ask for, and submitted by the first of them.
 * Source: internal/peer/channel/update.go, signconfigtx.go.
 */
export function configUpdateEnvelope(
  channel: string,
  update: common.ConfigUpdate,
  signers: readonly [Creator, ...Creator[]],
  wallNanos: bigint,
): common.Envelope {
  const bytes = update.serializeBinary();
  const updateEnvelope = new common.ConfigUpdateEnvelope();
  updateEnvelope.setConfigUpdate(bytes);
  for (const signer of signers) updateEnvelope.addSignatures(configSignature(bytes, signer));
  const [creator] = signers;
  const header = makeHeader({ type: 'CONFIG_UPDATE', channel, wallNanos, creator });
  return makeEnvelope(header, updateEnvelope.serializeBinary(), creator);
}

/** Over the signature's own header followed by the update. */
function configSignature(update: Uint8Array, signer: Creator): common.ConfigSignature {
  const header = new common.SignatureHeader();
  header.setCreator(signer.serialized);
  header.setNonce(randomBytes(NONCE_BYTES));
  const headerBytes = header.serializeBinary();
  const signature = new common.ConfigSignature();
  signature.setSignatureHeader(headerBytes);
  signature.setSignature(signer.sign(Buffer.concat([headerBytes, update])));
  return signature;
}
