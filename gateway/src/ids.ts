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

const CHARACTERS = 26;
/** Written over for each: the string is a copy. */
const text = Buffer.alloc(CHARACTERS);

export function ulid(now: number): string {
  let time = now;
  for (let at = 9; at >= 0; at -= 1) {
    text[at] = DIGITS.charCodeAt(time % 32);
    time = Math.floor(time / 32);
  }
  // 16 bytes give 16 digits of 5 bits each: 80 bits of the 128 are used.
  const octets = draw(16);
  for (let at = 0; at < 16; at += 1) text[10 + at] = DIGITS.charCodeAt((octets[at] ?? 0) & 31);
  return text.toString('latin1');
}

export const requestId = (now: number): string => `req_${ulid(now)}`;
export const approvalId = (now: number): string => `apr_${ulid(now)}`;
export const executionId = (now: number): string => `exe_${ulid(now)}`;
export const evaluationId = (now: number): string => `evl_${ulid(now)}`;
export const reviewId = (now: number): string => `rev_${ulid(now)}`;
export const delegationId = (now: number): string => `del_${ulid(now)}`;
export const grantId = (now: number): string => `grt_${ulid(now)}`;
export const glassId = (now: number): string => `brk_${ulid(now)}`;
export const linkId = (now: number): string => `lnk_${ulid(now)}`;
export const savedSearchId = (now: number): string => `sav_${ulid(now)}`;
export const pauseId = (now: number): string => `psd_${ulid(now)}`;
export const previewId = (now: number): string => `prv_${ulid(now)}`;
export const payloadId = (now: number): string => `pay_${ulid(now)}`;
export const ticketActId = (now: number): string => `tka_${ulid(now)}`;
export const passkeyId = (now: number): string => `key_${ulid(now)}`;
