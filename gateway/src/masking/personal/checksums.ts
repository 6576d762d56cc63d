// Check digits: what tells a card number or an account number from any other row of digits.

function digitsOf(text: string): readonly number[] {
  return [...text].filter((char) => char >= '0' && char <= '9').map(Number);
}

/** ISO/IEC 7812: payment cards. */
export function luhn(text: string): boolean {
  const digits = digitsOf(text);
  let sum = 0;
  for (const [index, digit] of digits.toReversed().entries()) {
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0 && digits.some((digit) => digit !== digits[0]);
}

/** Major issuers' number ranges and lengths. One random number in ten has a valid check digit; few have these. */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16]],
  [/^3(?:0[0-5]|[689])/, [14]],
  [/^(?:62|81)/, [16, 17, 18, 19]],
  [/^(?:50|5[6-9]|6[37])/, [16]],
];

export function isCard(text: string): boolean {
  const digits = digitsOf(text).join('');
  return (
    luhn(digits) &&
    ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length))
  );
}

/** ISO 13616: IBAN, modulo 97 of the rearranged number is 1. */
export function isIban(text: string): boolean {
  const iban = text.replaceAll(/[ -]/g, '').toUpperCase();
  if (iban.length < 15 || iban.length > 34) return false;
  let rest = 0;
  for (const char of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** United States: ranges never issued are not social security numbers. */
export function isSsn(text: string): boolean {
  const [area = '', group = '', serial = ''] = text.split(/[- ]/);
  return !/^(?:000|666|9..)$/.test(area) && group !== '00' && serial !== '0000';
}

/** Spain: DNI and NIE, the letter is the number modulo 23. */
export function isDni(text: string): boolean {
  const plain = text.replaceAll(/[ -]/g, '').toUpperCase();
  const number = Number(plain.slice(0, -1).replace(/^[XYZ]/, (char) => String('XYZ'.indexOf(char))));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(number % 23) === plain.slice(-1);
}

/** Brazil: CPF, two check digits modulo 11. */
export function isCpf(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 11 || digits.every((digit) => digit === digits[0])) return false;
  const check = (count: number): number => {
    const sum = digits.slice(0, count).reduce((total, digit, at) => total + digit * (count + 1 - at), 0);
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === digits[9] && check(10) === digits[10];
}

/** France: NIR, 97 minus the number modulo 97. */
export function isNir(text: string): boolean {
  const plain = text.replaceAll(' ', '').toUpperCase().replace('2A', '19').replace('2B', '18');
  return plain.length === 15 && 97n - (BigInt(plain.slice(0, 13)) % 97n) === BigInt(plain.slice(13));
}

const D5 = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const PERMUTATION = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** Verhoeff: India's Aadhaar. */
export function verhoeff(text: string): boolean {
  let state = 0;
  for (const [index, digit] of digitsOf(text).toReversed().entries()) {
    state = Number(D5[state]?.charAt(Number(PERMUTATION[index % 8]?.charAt(digit))));
  }
  return state === 0;
}

/** United Kingdom: NHS number, modulo 11. */
export function isNhs(text: string): boolean {
  const digits = digitsOf(text);
  const sum = digits.slice(0, 9).reduce((total, digit, at) => total + digit * (10 - at), 0);
  return digits.length === 10 && (11 - (sum % 11)) % 11 === digits[9];
}
