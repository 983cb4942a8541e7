export * from './messages';
export * from './errors';
export type { Fields, MessageType, Shape, UnknownField } from './schema';
