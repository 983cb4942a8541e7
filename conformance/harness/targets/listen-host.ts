import { X509Certificate } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { TlsCredentials } from '../../../src/identity';
import { UsageError } from '../../run-types';

/** Every address of 127.0.0.0/8 is this machine's on Linux, whatever its interfaces say. */
const isLoopback = (address: string): boolean => /^127\.\d+\.\d+\.\d+$/.test(address) || address === '::1';

const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((several) => (several ?? []).map(({ address }) => address));

/** The IP addresses among a certificate's SANs. */
const addressesOf = (tls: TlsCredentials): readonly string[] =>
  [...(new X509Certificate(tls.leafDer).subjectAltName ?? '').matchAll(/IP Address:([^,]+)/g)].map(
    ([, address]) => (address ?? '').trim(),
  );

/**
 * Where a tester can listen so that a peer at `peerHost` may dial it: an address of this machine that its TLS
 * certificate names, loopback only for a peer on loopback. Without TLS any address will do. Undefined: nowhere.
 */
export function listenHostFor(tls: TlsCredentials | undefined, peerHost: string): string | undefined {
  const peerIsHere = isLoopback(peerHost) || peerHost === 'localhost';
  const mine = ownAddresses();
  const candidates = tls === undefined ? ['127.0.0.1', ...mine] : addressesOf(tls);
  const usable = candidates.filter((address) => isLoopback(address) || mine.includes(address));
  // A loopback address that is the tester's alone is better than the one that every certificate has.
  const ranked = [...usable].sort((a, b) => Number(a === '127.0.0.1') - Number(b === '127.0.0.1'));
  return ranked.find((address) => isIPv4(address) && isLoopback(address) === peerIsHere);
}

/** Throws a UsageError for an address where no tester can listen; a name is left to the system. */
export function checkListen(listen: string | undefined): void {
  if (listen === undefined || isIP(listen) === 0) return;
  if (isLoopback(listen) || ownAddresses().includes(listen)) return;
  const others = ownAddresses().filter((address) => isIPv4(address));
  throw new UsageError(
    `--listen ${listen} is no address of this machine; name one that is: ${others.join(', ')}`,
  );
}

/** The address that a newly issued tester listens on, for which its certificate is then made. */
export function ownHostFor(peerHost: string): string {
  return listenHostFor(undefined, peerHost) ?? '127.0.0.1';
}
