/** Up to this many digits, decimal → double → shortest decimal always returns the same value (IEEE 754, DBL_DIG). */
export const DIGITS_ALWAYS_EXACT = 15;

type Decimal = { readonly digits: string; readonly exponent: number };

/**
 * Whether a double carries exactly what the token says: the shortest form of the parsed double (what RFC 8785 would
 * write, and what a held action runs with) denotes the same decimal value. `1.0`, `1e2` and `100` pass;
 * 9007199254740993, 1e400, 1e-400 and 0.1000000000000000055 do not. `-0` does not: its canonical form is `0` (A6).
 */
export function isExactNumber(token: string): boolean {
  const value = Number(token);
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  const written = decimalOf(token);
  const kept = decimalOf(String(value));
  return written.digits === kept.digits && (written.digits === '' || written.exponent === kept.exponent);
}

/** value = 0.digits × 10^exponent; zero has no digits. The sign survives every conversion, so it is not compared. */
function decimalOf(token: string): Decimal {
  const unsigned = token.startsWith('-') ? token.slice(1) : token;
  const power = unsigned.search(/[eE]/);
  const mantissa = power === -1 ? unsigned : unsigned.slice(0, power);
  const point = mantissa.indexOf('.');
  const wholeDigits = point === -1 ? mantissa.length : point;
  const all = point === -1 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1);
  const start = firstNonZero(all);
  const exponent = wholeDigits - start + (power === -1 ? 0 : Number(unsigned.slice(power + 1)));
  return { digits: all.slice(start, endWithoutZeros(all, start)), exponent };
}

// Loops, not regular expressions: `/0+$/` is quadratic on a long run of zeros (I15).
function firstNonZero(digits: string): number {
  let at = 0;
  while (at < digits.length && digits.charCodeAt(at) === 0x30) at += 1;
  return at;
}

function endWithoutZeros(digits: string, start: number): number {
  let end = digits.length;
  while (end > start && digits.charCodeAt(end - 1) === 0x30) end -= 1;
  return end;
}
