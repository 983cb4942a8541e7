import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Millis } from '../ports/clock';
import { FabricError } from './fabric-error';

/** The administrative endpoint of an orderer. */
export interface AdminAccess {
  readonly node: string;
  /** host:port. */
  readonly endpoint: string;
  /** Undefined where TLS is off; it is mutual otherwise. */
  readonly tls:
    | {
        /** The name in its TLS certificate. */
        readonly serverName: string;
        readonly rootsPem: readonly string[];
        readonly certificateChainPem: string;
        readonly privateKeyPem: string;
      }
    | undefined;
}

const CHANNELS = '/participation/v1/channels';
const CREATED = 201;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Makes an orderer a member of the channel of a configuration block, by the channel participation API.
 * Rejects with a FabricError: UNREACHABLE while nothing listens yet, REFUSED with the orderer's reason.
 * Source: internal/osnadmin/join.go, `Join`; orderer/common/channelparticipation/restapi.go.
 */
export async function joinOrderer(access: AdminAccess, block: Uint8Array, timeoutMs: Millis): Promise<void> {
  const form = new FormData();
  form.set('config-block', new Blob([Buffer.from(block)]), 'config.block');
  const encoded = new Response(form);
  const body = Buffer.from(await encoded.arrayBuffer());
  const answer = await post(access, encoded.headers.get('content-type') ?? '', body, timeoutMs);
  if (answer.status === CREATED) return;
  throw new FabricError(
    'REFUSED',
    `${access.node} refuses to join the channel (HTTP ${answer.status}): ${reasonIn(answer.body)}`,
  );
}

function post(
  { node, endpoint, tls }: AdminAccess,
  contentType: string,
  body: Buffer,
  timeoutMs: Millis,
): Promise<Answer> {
  const url = `${tls === undefined ? 'http' : 'https'}://${endpoint}${CHANNELS}`;
  const options = {
    method: 'POST',
    headers: { 'content-type': contentType, 'content-length': body.length },
    timeout: timeoutMs,
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const call =
      tls === undefined
        ? httpRequest(url, options)
        : httpsRequest(url, {
            ...options,
            servername: tls.serverName,
            ca: tls.rootsPem.join(''),
            cert: tls.certificateChainPem,
            key: tls.privateKeyPem,
          });
    const fail = (cause: unknown): void => {
      reject(
        new FabricError('UNREACHABLE', `${node} does not answer at ${url}: ${String(cause)}`, { cause }),
      );
    };
    call.on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', fail);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    call.end(body);
  });
}

/** The API answers `{"error": "..."}`. */
function reasonIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) return String(parsed.error);
  } catch {
    // Not the orderer's own words, then.
  }
  return body.trim() || 'no reason given';
}
