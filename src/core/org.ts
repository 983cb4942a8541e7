/** An organisation by its MSP-ID; undefined: the peer's identity is not known. */
export type Org = string | undefined;
