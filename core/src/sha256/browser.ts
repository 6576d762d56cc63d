/**
 * SHA-256 and HMAC-SHA256, synchronous, with the same exports in two files: this one in plain TypeScript for browsers
 * (WebCrypto only answers later), `node.ts` over the platform. Never a third hash, and nothing keyed by secrets that
 * outlive the call.
 *
 * FIPS 180-4 §6.2. Constants are the fractional parts of square and cube roots of the first primes (§4.2.2, §5.3.3).
 */
import { concatBytes } from '../encoding/bytes.ts';
import { hmacOver } from './hmac.ts';

const BLOCK = 64;
const K = new Int32Array(64);
const INITIAL = new Int32Array(8);
const schedule = new Int32Array(64);
const state = new Int32Array(8);
const tail = new Uint8Array(2 * BLOCK);

deriveConstants();

/** The digest of one message, whole or in parts. */
export function sha256(first: Uint8Array, ...rest: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const message = rest.length === 0 ? first : concatBytes(first, ...rest);
  state.set(INITIAL);
  const whole = message.length - (message.length % BLOCK);
  for (let at = 0; at < whole; at += BLOCK) compress(message, at);
  finish(message.subarray(whole), message.length);
  const digest = new Uint8Array(32);
  for (let index = 0; index < 8; index += 1) {
    const word = state[index] as number;
    digest[index * 4] = word >>> 24;
    digest[index * 4 + 1] = word >>> 16;
    digest[index * 4 + 2] = word >>> 8;
    digest[index * 4 + 3] = word;
  }
  return digest;
}

/** RFC 2104 over SHA-256. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  return hmacOver(sha256, key, message);
}

/** §5.1.1: a one bit, zeros, and the length in bits, in one or two last blocks. */
function finish(rest: Uint8Array, messageBytes: number): void {
  const used = rest.length < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  tail.fill(0, 0, used);
  tail.set(rest);
  tail[rest.length] = 0x80;
  const view = new DataView(tail.buffer);
  view.setUint32(used - 8, Math.floor(messageBytes / 0x2000_0000));
  view.setUint32(used - 4, (messageBytes << 3) >>> 0);
  for (let at = 0; at < used; at += BLOCK) compress(tail, at);
}

function compress(bytes: Uint8Array, start: number): void {
  const w = schedule;
  for (let t = 0, at = start; t < 16; t += 1, at += 4) {
    w[t] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  }
  for (let t = 16; t < 64; t += 1) {
    const x = w[t - 15] as number;
    const y = w[t - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0;
  }
  rounds(w);
}

function rounds(w: Int32Array): void {
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let t = 0; t < 64; t += 1) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + (K[t] as number) + (w[t] as number)) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
  state[5] = (state[5] as number) + f;
  state[6] = (state[6] as number) + g;
  state[7] = (state[7] as number) + h;
}

/** Whole-number roots: the 32 bits after the point of √p and ∛p, with no rounding to trust. */
function deriveConstants(): void {
  let count = 0;
  for (let candidate = 2n; count < 64; candidate += 1n) {
    if (!isPrime(candidate)) continue;
    if (count < 8) INITIAL[count] = Number(BigInt.asIntN(32, root(candidate << 64n, 2n)));
    K[count] = Number(BigInt.asIntN(32, root(candidate << 96n, 3n)));
    count += 1;
  }
}

function isPrime(candidate: bigint): boolean {
  for (let divisor = 2n; divisor * divisor <= candidate; divisor += 1n) {
    if (candidate % divisor === 0n) return false;
  }
  return true;
}

/** The largest integer whose `degree`-th power is at most `value`, by bisection. */
function root(value: bigint, degree: bigint): bigint {
  let low = 0n;
  let high = 1n << 64n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= value) low = middle;
    else high = middle;
  }
  return low;
}
