import { hash } from 'node:crypto';
import { hmacOver } from './hmac.ts';

/** The digest of one message. The one-shot call with a one-byte string is the platform's fastest path for small input. */
export function sha256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const characters = hash('sha256', message, 'latin1');
  const digest = new Uint8Array(32);
  for (let index = 0; index < 32; index += 1) digest[index] = characters.charCodeAt(index);
  return digest;
}

/** RFC 2104 over SHA-256. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  return hmacOver(sha256, key, message);
}
