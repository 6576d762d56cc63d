/**
 * Identifiers: ULIDs (48-bit time, 80 random bits, Crockford base 32). They sort by time and cannot be guessed.
 */
import { randomFillSync } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Random bytes drawn ahead: one request to the generator costs as much as a thousand bytes. Each byte is used once. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** A view of the pool: copy what is kept. */
function draw(count: number): Uint8Array {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}

/** At most a pool of them. */
export const randomOctets = (count: number): Uint8Array => new Uint8Array(draw(count));

export function ulid(now: number): string {
  let time = now;
  let head = '';
  for (let at = 0; at < 10; at += 1) {
    head = DIGITS.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  // 16 bytes give 16 digits of 5 bits each: 80 bits of the 128 are used.
  for (const octet of draw(16)) tail += DIGITS.charAt(octet & 31);
  return head + tail;
}

export const requestId = (now: number): string => `req_${ulid(now)}`;
export const approvalId = (now: number): string => `apr_${ulid(now)}`;
export const executionId = (now: number): string => `exe_${ulid(now)}`;
export const evaluationId = (now: number): string => `evl_${ulid(now)}`;
export const reviewId = (now: number): string => `rev_${ulid(now)}`;
export const delegationId = (now: number): string => `del_${ulid(now)}`;
export const payloadId = (now: number): string => `pay_${ulid(now)}`;
export const passkeyId = (now: number): string => `key_${ulid(now)}`;
