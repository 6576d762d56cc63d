/**
 * Standard Webhooks 1.0.0: how a notice is signed. One signature for every secret that is configured, so that a secret
 * can be replaced without one notice being lost. Written here rather than taken from a library: it is one HMAC.
 */
import { createHmac, randomBytes } from 'node:crypto';

/** What a secret begins with; then base64 of 24 to 64 bytes. */
const PREFIX = 'whsec_';
const [KEY_BYTES_MIN, KEY_BYTES_MAX] = [24, 64];
const KEY_BYTES = 32;

export const newSecret = (): string => `${PREFIX}${randomBytes(KEY_BYTES).toString('base64')}`;

/** @throws Error naming the field, and never the secret, when it is none */
export function keyOf(secret: string, field: string): Buffer {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const key = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (key.length >= KEY_BYTES_MIN && key.length <= KEY_BYTES_MAX) return key;
  throw new Error(
    `${field}: must be ${PREFIX} and base64 of ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} bytes; make one with: countersign webhooks rotate ID`,
  );
}

export type Signing = { readonly id: string; readonly at_ms: number; readonly keys: readonly Buffer[] };

export function signedHeaders(
  body: string,
  { id, at_ms, keys }: Signing,
): { readonly [name: string]: string } {
  const at = String(Math.floor(at_ms / 1000));
  const sign = (key: Buffer): string =>
    `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
  return { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': keys.map(sign).join(' ') };
}
