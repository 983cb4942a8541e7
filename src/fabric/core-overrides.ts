/** Values of core.yaml by dotted key, such as peer.gossip.propagatePeerNum. */
export type CoreOverrides = Readonly<Record<string, string | number | boolean>>;
