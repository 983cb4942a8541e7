/** What a channel's blocks say, and whether they are its own. */
export { ChannelBlockVerifier } from './block-verifier';
export {
  isConfigBlock,
  readChannelConfig,
  type ChannelConfig,
  type ChannelOrganisation,
} from './channel-config';
export { collectionReaders, type MayReadCollection } from './collection-policy';
export { ChannelConfigError, type ChannelConfigErrorCode } from './channel-config-error';
export { type PolicyCheck } from './policies';
