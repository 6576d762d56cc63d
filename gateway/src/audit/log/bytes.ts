/** Each text in UTF-8, side by side in one buffer: hundreds of small ones cost more to make and to collect than what is in them. */
export function inOneBuffer(texts: readonly string[]): readonly Buffer[] {
  const sizes = texts.map((text) => Buffer.byteLength(text));
  const all = Buffer.allocUnsafeSlow(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  return texts.map((text, index) => {
    const end = at + (sizes[index] ?? 0);
    const bytes = all.subarray(at, end);
    bytes.write(text);
    at = end;
    return bytes;
  });
}

/** Texts as lines, each with its end. */
export function linesOf(texts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafeSlow(texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0));
  let at = 0;
  for (const text of texts) {
    at += bytes.write(text, at);
    at = bytes.writeUInt8(0x0a, at);
  }
  return bytes;
}
