import { concatBytes } from '../../encoding/bytes.ts';
import { encodeUtf8 } from '../../encoding/utf8.ts';
import { LogError } from '../error.ts';

/** C2SP tlog-cosignature: a big-endian uint64 of seconds, then Ed25519. */
const COSIGNATURE_BYTES = 8 + 64;

/** What a witness signs: that at this time, this was the largest consistent tree it had seen. */
export function cosignatureMessage(noteText: string, time_s: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(time_s) || time_s < 0)
    throw new LogError('bad-note', `${time_s} is not a time in seconds`);
  return encodeUtf8(`cosignature/v1\ntime ${time_s}\n${noteText}`);
}

/** The signature field of a cosignature's note line. */
export function joinCosignature(time_s: number, ed25519: Uint8Array): Uint8Array<ArrayBuffer> {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(time_s));
  return concatBytes(time, ed25519);
}

export function splitCosignature(
  signature: Uint8Array,
): { readonly time_s: number; readonly ed25519: Uint8Array } | undefined {
  if (signature.length !== COSIGNATURE_BYTES) return undefined;
  const time_s = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  return Number.isSafeInteger(time_s) ? { time_s, ed25519: signature.subarray(8) } : undefined;
}
