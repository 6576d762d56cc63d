// Personal data that has a form, checked by its check digits where it has any. Used only where an obligation asks for
// `pii`. Names and postal addresses have no form: labels find those (labels.ts), nothing finds them in free prose.
import type { Detector } from '../detector.ts';
import { assigned } from '../patterns/assigned.ts';
import { createPatternDetector, type Pattern, type Shape, shaped } from '../patterns/pattern.ts';
import { isCard, isCpf, isDni, isIban, isNhs, isNir, isSsn, verhoeff } from './checksums.ts';

/** Not inside a longer number, word or version. */
const FROM = '(?<![\\w.+/=-])';
const TO = '(?![\\w=]|[.-]\\w)';
const always: readonly string[] = [];

const FORMS: readonly Shape[] = [
  {
    label: 'uk-nhs',
    anchors: always,
    chars_min: 12,
    shape: `${FROM}[0-9]{3} [0-9]{3} [0-9]{4}${TO}`,
    accept: isNhs,
  },
  {
    label: 'email',
    anchors: always,
    chars_min: 6,
    shape:
      '(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])',
    accept: (match) => !/^(?:git|noreply)@/.test(match),
  },
  {
    label: 'phone',
    anchors: always,
    chars_min: 8,
    shape: '(?<![\\w.+/=-])\\+[1-9](?:[ .()-]{0,2}[0-9]){7,14}(?![\\w=]|[.-]\\d)',
  },
  {
    label: 'phone',
    anchors: always,
    chars_min: 8,
    shape: `${FROM}(?:1[ .-])?(?:\\([2-9][0-9]{2}\\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}${TO}`,
  },
  {
    label: 'card-number',
    anchors: always,
    chars_min: 14,
    shape: `${FROM}[2-68][0-9]{3}(?:[ -]?[0-9]){10,15}${TO}`,
    accept: isCard,
  },
  {
    label: 'iban',
    anchors: always,
    chars_min: 15,
    shape: '(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])',
    accept: isIban,
  },
  {
    label: 'us-ssn',
    anchors: always,
    chars_min: 11,
    shape: `${FROM}[0-9]{3}(?:-[0-9]{2}-| [0-9]{2} )[0-9]{4}${TO}`,
    accept: isSsn,
  },
  {
    label: 'uk-nino',
    anchors: always,
    chars_min: 9,
    shape: '(?<![A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:[0-9]{2} ?){3}[A-D](?![A-Za-z0-9])',
  },
  {
    label: 'es-dni',
    anchors: always,
    chars_min: 9,
    shape: '(?<![A-Za-z0-9])(?:[0-9]{8}|[XYZ][0-9]{7})-?[A-Z](?![A-Za-z0-9])',
    accept: isDni,
  },
  {
    label: 'br-cpf',
    anchors: always,
    chars_min: 14,
    shape: `${FROM}[0-9]{3}\\.[0-9]{3}\\.[0-9]{3}-[0-9]{2}${TO}`,
    accept: isCpf,
  },
  {
    label: 'fr-nir',
    anchors: always,
    chars_min: 15,
    shape: `${FROM}[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9]) ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}${TO}`,
    accept: isNir,
  },
  {
    label: 'in-aadhaar',
    anchors: always,
    chars_min: 14,
    shape: `${FROM}[2-9][0-9]{3} [0-9]{4} [0-9]{4}${TO}`,
    accept: verhoeff,
  },
  {
    label: 'it-codice-fiscale',
    anchors: always,
    chars_min: 16,
    shape: '(?<![A-Za-z0-9])[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z](?![A-Za-z0-9])',
  },
];

/** One of these is in every personal name that labels.ts knows. */
const NAME_ANCHORS =
  'mail,phone,mobile,cell,fax,name,dob,birth,ssn,social,national,tax,tin,passport,license,licence,iban,account,card,pan,cvv,cvc,address,street,patient,medical,mrn,insurance,salary'.split(
    ',',
  );

export const PERSONAL_CHARS_MAX = 8_200;

export const PERSONAL_PATTERNS: readonly Pattern[] = [
  ...FORMS.map((form) => shaped({ ...form, kind: 'pii' })),
  assigned('pii', NAME_ANCHORS),
];

export function createPersonalPatterns(): Detector {
  return createPatternDetector({
    name: 'personal-patterns',
    patterns: PERSONAL_PATTERNS,
    hit_chars_max: PERSONAL_CHARS_MAX,
  });
}
