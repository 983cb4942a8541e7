import { decodeMessage, type Content, type ContentKind, type Envelope } from '../../../src/wire';

export const isKind = <K extends ContentKind>(
  content: Content | undefined,
  kind: K,
): content is Extract<Content, { kind: K }> => content?.kind === kind;

/** The content of an envelope, which must be of this kind. */
export function contentOf<K extends ContentKind>(envelope: Envelope, kind: K): Extract<Content, { kind: K }> {
  const { content } = decodeMessage(envelope.payload);
  if (!isKind(content, kind)) throw new Error(`expected ${kind}, got ${content?.kind ?? 'no content'}`);
  return content;
}
