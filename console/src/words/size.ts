/**
 * The console's words: sizes and counts, times, states and risks, each said in one way everywhere. Pure; they must never
 * decide anything.
 */
const COUNT = new Intl.NumberFormat(undefined);
export const count = (n: number): string => COUNT.format(n);
/** `1 rule`, `3 rules`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;
/** `sha256:1a2b3c4d…` → `1a2b3c4d`, where the whole stands in a title or is copied. */
export const shortDigest = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, 8);
