import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKnownSecrets } from '../known/known.ts';
import { createMasker } from '../masker.ts';
import { CONTEXTS } from '../testdata/samples.ts';
import { isCard, isCpf, isDni, isIban, isNhs, isNir, isSsn, luhn, verhoeff } from './checksums.ts';
import { createPersonalPatterns } from './personal.ts';

const masker = createMasker({ known: createKnownSecrets(), detectors: [createPersonalPatterns()] });

/** Published example numbers. */
const PERSONAL: readonly { readonly label: string; readonly values: readonly string[] }[] = [
  { label: 'email', values: ['ada.lovelace+x@mail.example.co.uk', 'a@b.io'] },
  {
    label: 'phone',
    values: ['+49 30 901820', '+1 (415) 555-2671', '+442071838750', '415-555-2671', '(212) 555-0123'],
  },
  {
    label: 'card-number',
    values: ['4111 1111 1111 1111', '5555555555554444', '3782 822463 10005', '6011-1111-1111-1117'],
  },
  {
    label: 'iban',
    values: ['DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432', 'FR1420041010050500013M02606'],
  },
  { label: 'us-ssn', values: ['123-45-6789', '078 05 1120'] },
  { label: 'uk-nino', values: ['AB123456C', 'AB 12 34 56 C'] },
  { label: 'uk-nhs', values: ['943 476 5919'] },
  { label: 'es-dni', values: ['12345678Z', 'X1234567L'] },
  { label: 'br-cpf', values: ['529.982.247-25'] },
  { label: 'fr-nir', values: ['1 84 12 76 451 089 46'] },
  { label: 'in-aadhaar', values: ['2341 2341 2346'] },
  { label: 'it-codice-fiscale', values: ['RSSMRA85T10A562S'] },
];

for (const { label, values } of PERSONAL) {
  test(`personal: ${label} is found only when asked for`, () => {
    for (const value of values) {
      for (const { name, put } of CONTEXTS) {
        const text = put(value);
        assert.ok(!masker.redactText(text, { kinds: ['pii'] }).text.includes(value), `${name}: ${value}`);
        assert.equal(masker.redactText(text).text, text);
      }
      assert.equal(masker.redactText(value, { kinds: ['pii'] }).findings[0]?.label, label, value);
    }
  });
}

test('personal: one wrong digit fails every checksum', () => {
  const checks: readonly (readonly [(text: string) => boolean, string])[] = [
    [luhn, '4111111111111111'],
    [isCard, '5555555555554444'],
    [isIban, 'DE89370400440532013000'],
    [isDni, '12345678Z'],
    [isCpf, '52998224725'],
    [isNir, '184127645108946'],
    [isNhs, '9434765919'],
    [verhoeff, '234123412346'],
  ];
  for (const [check, good] of checks) {
    assert.equal(check(good), true, good);
    for (let at = 0; at < good.length; at += 1) {
      const digit = Number(good[at]);
      if (Number.isNaN(digit)) continue;
      const bad = good.slice(0, at) + String((digit + 1) % 10) + good.slice(at + 1);
      assert.equal(check(bad), false, `${check.name} ${bad}`);
    }
  }
});

test('personal: numbers never issued are not social security numbers', () => {
  for (const text of ['000-12-3456', '666-12-3456', '900-12-3456', '123-00-4567', '123-45-0000'])
    assert.equal(isSsn(text), false);
});
