/**
 * What a remote does wrong is a value with a reason: reported, counted, never thrown. Each reason names the
 * clause of the specification that refuses the input.
 */
const clauseOfRejection = {
  // Handshake
  'no-tls-certificate': 'TLS-02',
  'handshake-timeout': 'CONN-05',
  'undecodable-first-message': 'CONN-06',
  'first-message-no-conn': 'CONN-01',
  'no-pki-id': 'CONN-06',
  'no-reader-anywhere': 'ID-13',
  'tls-hash-mismatch': 'CONN-07',
  'probe-answered-with-probe': 'CONN-11',
  'unexpected-peer': 'CONN-15',
  'too-many-handshakes': 'CONN-05',
  stopping: 'CONN-21',
  // Identities
  'identity-malformed': 'ID-04',
  'identity-unknown-msp': 'ID-05',
  'identity-untrusted': 'ID-05',
  'identity-wrong-role': 'ID-06',
  'identity-expired': 'ID-07',
  'pki-id-mismatch': 'ID-03',
  'too-many-identities': 'ID-11',
  // Signatures
  unsigned: 'SIGN-09',
  'bad-signature': 'SIGN-03',
  'bad-secret': 'SIGN-06',
  // Envelopes on an authenticated stream
  'no-envelope': 'LIFE-11',
  'unparseable-payload': 'LIFE-11',
  'illegal-tag': 'TAG-01',
  'channel-not-joined': 'TAG-06',
  'top-level-identity': 'CERT-09',
  'further-conn': 'CONN-16',
  'unasked-ack': 'ACK-02',
  'empty-content': 'ACK-04',
  // Alive messages and membership
  'incomplete-alive': 'ALIVE-14',
  'stale-alive': 'ALIVE-10',
  'unknown-author': 'ALIVE-05',
  'own-alive': 'ALIVE-12',
  'bad-self-information': 'MEMB-02',
  'not-disclosed': 'MEMB-11',
  'bad-membership-entry': 'MEMB-15',
  'too-many-members': 'ALIVE-13',
  // State info
  'incomplete-state-info': 'SINF-16',
  'stale-state-info': 'STORE-01',
  'foreign-state-info': 'TAG-07',
  // Channels
  'org-not-in-channel': 'TAG-08',
  'not-a-reader': 'STATE-02',
  'author-not-in-channel': 'SINF-03',
  'own-state-info': 'SINF-06',
  'oversized-state-info': 'SINF-07',
  'bad-snapshot-element': 'SINF-12',
  'channel-left': 'LEAVE-02',
  'no-block-partner': 'BLOCK-07',
  'no-block-payload': 'BLOCK-14',
  'stale-block': 'STORE-02',
  'bad-block': 'BLOCK-04',
  'bad-block-update': 'BLOCK-11',
  'block-out-of-reach': 'BLOCK-06',
  'bad-state-range': 'STATE-04',
  'too-many-state-requests': 'STATE-08',
  'state-request-unanswered': 'STATE-11',
  'unasked-state-response': 'STATE-12',
  'bad-state-response': 'STATE-12',
  'incomplete-leadership': 'ELECT-10',
  'foreign-leadership': 'ELECT-03',
  'stale-leadership': 'STORE-01',
  'leadership-outside-view': 'ELECT-03',
  'incomplete-private-data': 'PVT-04',
  'private-data-not-kept': 'PVT-03',
  'unasked-private-response': 'PVT-08',
  // Pull
  'nothing-to-offer': 'PULL-03',
  'unknown-request-nonce': 'PULL-04',
  'nothing-held': 'PULL-06',
  'unknown-digest-nonce': 'PULL-10',
  'bad-update-item': 'CERT-06',
} as const satisfies Record<string, string>;

/** What happens between honest peers too, all the time: counted, but no news. */
const ordinary: ReadonlySet<keyof typeof clauseOfRejection> = new Set([
  'stale-alive',
  'unknown-author',
  'own-alive',
  'stale-state-info',
  'own-state-info',
  'channel-left',
  'no-block-partner',
  'stale-block',
  'block-out-of-reach',
  'unasked-state-response',
  'stale-leadership',
  'leadership-outside-view',
  'channel-not-joined',
  'nothing-to-offer',
  'nothing-held',
  'unknown-request-nonce',
  'unknown-digest-nonce',
]);

/** Stable code of a rejection. */
export type RejectionReason = keyof typeof clauseOfRejection;

export interface Rejection {
  readonly kind: 'rejected';
  readonly reason: RejectionReason;
  /** The clause that refuses it. */
  readonly clause: string;
  /** Whether honest peers cause it too: a duplicate, a message of a channel that is not ours, a late digest. */
  readonly ordinary: boolean;
  /** For humans. */
  readonly detail: string;
}

export const rejected = (reason: RejectionReason, detail = ''): Rejection => ({
  kind: 'rejected',
  reason,
  clause: clauseOfRejection[reason],
  ordinary: ordinary.has(reason),
  detail,
});
