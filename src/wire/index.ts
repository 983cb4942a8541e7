export * from './messages';
export * from './errors';
export * from './limits';
export { WireType, type Fields, type MessageType, type Shape, type UnknownField } from './schema';
export { decode, encode } from './codec';
export { create, type Init } from './create';
export {
  decodeEnvelope,
  decodeMessage,
  decodeSecret,
  encodeEnvelope,
  encodeMessage,
  encodeSecret,
  envelope,
  gossipMessage,
} from './envelope';
export { describe } from './describe';
export { messageToJson, toJson, type Json, type JsonObject } from './json';
export { hex } from './text';
export { hasUnknownFields, unknownFieldsOf, type UnknownFieldReport } from './unknown-fields';
export { usualTag } from './usual-tag';
