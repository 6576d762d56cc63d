const BLOCK = 64;

type Hash = (message: Uint8Array) => Uint8Array<ArrayBuffer>;

/** RFC 2104: H((K ⊕ opad) ‖ H((K ⊕ ipad) ‖ message)), for a hash with 64-byte blocks. */
export function hmacOver(hash: Hash, key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(BLOCK);
  padded.set(key.length > BLOCK ? hash(key) : key);
  const inner = new Uint8Array(BLOCK + message.length);
  const outer = new Uint8Array(BLOCK + 32);
  for (let index = 0; index < BLOCK; index += 1) {
    inner[index] = (padded[index] as number) ^ 0x36;
    outer[index] = (padded[index] as number) ^ 0x5c;
  }
  inner.set(message, BLOCK);
  outer.set(hash(inner), BLOCK);
  return hash(outer);
}
