import { hash } from 'node:crypto';
import { hmacOver } from './hmac.ts';

/** The digest of one message, whole or in parts. The one-shot call with a one-byte string is the platform's fastest path for small input. */
export function sha256(message: Uint8Array, ...rest: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = rest.length === 0 ? message : Buffer.concat([message, ...rest]);
  const characters = hash('sha256', whole, 'latin1');
  const digest = new Uint8Array(32);
  for (let index = 0; index < 32; index += 1) digest[index] = characters.charCodeAt(index);
  return digest;
}

/** RFC 2104 over SHA-256. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  return hmacOver(sha256, key, message);
}
