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
const PREFIX_MAX = 4;
/** Written over for each: the string is a copy. */
const text = Buffer.alloc(PREFIX_MAX + CHARACTERS);

/**
 * Written with its prefix, in one piece: of a string put together of two `JSON.stringify` writes the value it stands in
 * three times as slowly, and identifiers stand in every entry.
 */
function identifier(prefix: string, now: number): string {
  const from = text.write(prefix, 'latin1');
  let time = now;
  for (let at = from + 9; at >= from; at -= 1) {
    text[at] = DIGITS.charCodeAt(time % 32);
    time = Math.floor(time / 32);
  }
  // 16 bytes give 16 digits of 5 bits each: 80 bits of the 128 are used.
  const octets = draw(16);
  for (let at = 0; at < 16; at += 1) text[from + 10 + at] = DIGITS.charCodeAt((octets[at] ?? 0) & 31);
  return text.toString('latin1', 0, from + CHARACTERS);
}

export const ulid = (now: number): string => identifier('', now);

export const requestId = (now: number): string => identifier('req_', now);
export const approvalId = (now: number): string => identifier('apr_', now);
export const executionId = (now: number): string => identifier('exe_', now);
export const evaluationId = (now: number): string => identifier('evl_', now);
export const reviewId = (now: number): string => identifier('rev_', now);
export const delegationId = (now: number): string => identifier('del_', now);
export const grantId = (now: number): string => identifier('grt_', now);
export const glassId = (now: number): string => identifier('brk_', now);
export const linkId = (now: number): string => identifier('lnk_', now);
export const savedSearchId = (now: number): string => identifier('sav_', now);
export const pauseId = (now: number): string => identifier('psd_', now);
export const previewId = (now: number): string => identifier('prv_', now);
export const payloadId = (now: number): string => identifier('pay_', now);
export const ticketActId = (now: number): string => identifier('tka_', now);
export const passkeyId = (now: number): string => identifier('key_', now);
