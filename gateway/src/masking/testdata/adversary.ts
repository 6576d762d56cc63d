// Worst cases for every pattern of ours, run to the end. Started as a thread by the test, which stops it when a
// pattern's time does not grow with the text alone: a quadratic one would take minutes here, an exponential one forever.
import { parentPort } from 'node:worker_threads';
import { createKnownSecrets } from '../known/known.ts';
import { createMasker } from '../masker.ts';
import { builtInDetectors } from '../built-in.ts';
import { createPatternDetector, type Pattern } from '../patterns/pattern.ts';
import { SECRET_PATTERNS } from '../patterns/secrets.ts';
import { PERSONAL_PATTERNS } from '../personal/personal.ts';

const CHARS = 200_000;

function filled(unit: string): string {
  return unit.repeat(Math.ceil(CHARS / unit.length)).slice(0, CHARS);
}

/** What begins like a match, again and again, and what begins once and never ends. */
function against({ anchors }: Pattern): readonly string[] {
  return anchors.flatMap((anchor) => [
    ...['', 'a', '0', 'A.', '-', '_a', ' ', '='].map((tail) => filled(anchor + tail)),
    ...['a', '0', 'aA0', '.', 'a.', '\\', ' '].map((tail) => anchor + filled(tail)),
  ]);
}

/** Aimed at the expressions that have repeats within repeats, or values of open length. */
const AIMED = [
  'a@',
  'a.',
  'a@a.',
  'a-',
  '1 ',
  '1-',
  '1.',
  '+1',
  '+1 ',
  '(1',
  '4111 ',
  '4111-',
  'DE00 ',
  'AA1',
  '12 ',
  'a:',
  'a=',
  'a|',
  'a |',
  'a :',
  'token:',
  'token=',
  'token= ',
  'token:"',
  "token:'",
  'token:\\"',
  'token="\\',
  'token=)',
  'token=a)',
  'token|',
  'key:key',
  'a key:',
  'password=${',
  'password:{{',
  'authorization: a',
  'authorization: ',
  'cookie: password ',
  'password:", ',
  'cookie: "',
  'eyJ',
  'eyJ.',
  'eyJa.eyJa.',
  '.eyJaaaaaaaaaaaa',
  '://',
  '://a:',
  '://a:b',
  '://:@',
  'bearer ',
  'basic ',
  'basic YTpi',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN RSA PRIVATE KEY-----A',
  '-----BEGIN A B C PRIVATE KEY',
  '-----',
  '-',
  'Private-Lines: 9\n',
  'Private-Lines: 9\nA\n',
  '\\n',
  '\\\\n',
  '\\\\\\\\',
  '%41',
  '%',
  ' ',
  '\n',
  '\t',
  '[masked: ',
  '[masked: x]',
  '$2a$12$',
  '$argon2id$',
  '$6$a$',
  'xoxb-a-',
  'MMM.',
  'a-a-a-',
  '"',
  "'",
  '`',
  'A',
  '0',
  '😀',
] as const;

const masker = createMasker({
  known: createKnownSecrets([{ value: 'aaaaaaaaaaaaaaaaaaaaaaab', label: 'worst' }]),
  detectors: builtInDetectors(),
});

const detectorOf = (pattern: Pattern) =>
  createPatternDetector({ name: pattern.label, patterns: [pattern], hit_chars_max: 0 });

for (const pattern of [...SECRET_PATTERNS, ...PERSONAL_PATTERNS]) {
  for (const text of against(pattern)) {
    parentPort?.postMessage(`${pattern.label}: ${JSON.stringify(text.slice(0, 40))}…`);
    detectorOf(pattern).find(text);
  }
}
for (const unit of AIMED) {
  parentPort?.postMessage(`all: ${JSON.stringify(unit)} repeated`);
  masker.redactText(filled(unit), { kinds: ['secret', 'pii'] });
  masker.redactText(`password="${filled(unit)}`, { kinds: ['secret', 'pii'] });
}
parentPort?.postMessage('done');
