/**
 * How fast text is masked, for secrets, in the thread that does it: ordinary text, and text made to be slow, of which the
 * slowest counts. The baseline of the same run is the least any search costs: one literal looked for with `indexOf`, and
 * one plain expression for each megabyte. Measured as CPU of the thread, so that what else runs here does not count.
 * Run: npm run bench mask
 */
import { readFileSync } from 'node:fs';
import { createKnownSecrets } from '../gateway/src/masking/known/known.ts';
import { createMasking } from '../gateway/src/masking/masking.ts';
import { type Bench, type Measured, median, runAlone, shown } from './goals.ts';

const SECRETS = 20;
const MB = 1_000_000;

const known = createKnownSecrets(
  Array.from({ length: SECRETS }, (_, at) => ({
    value: `held-by-the-gateway-${(at * 2_654_435_761) % 2 ** 32}-${at}`,
    label: `credential-${at}`,
  })),
);
const masking = createMasking(known);

const filled = (unit: string): string => unit.repeat(Math.ceil(MB / unit.length)).slice(0, MB);
const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** What upstreams answer. */
const ORDINARY: Readonly<Record<string, string>> = {
  prose: filled(file('../ARCHITECTURE.md')),
  code: filled(file('../gateway/src/protocols/mcp/upstream/stdio.ts')),
  JSON: filled(
    JSON.stringify(
      Array.from({ length: 2_000 }, (_, id) => ({
        id,
        name: `file-${id}.txt`,
        modified: '2026-11-21T04:07:17.123Z',
      })),
    ),
  ),
  log: filled(
    Array.from(
      { length: 3_000 },
      (_, at) => `2026-11-21T04:00:00Z INFO [worker-${at}] path=/api/x user=u${at} took=12ms status=200`,
    ).join('\n'),
  ),
};

/** What begins like a secret, again and again; and everything at once. */
const HOSTILE = [
  'token= ',
  'pwd: ',
  'token:\\"',
  'token="\\',
  'key-',
  'sk-',
  'figd_',
  'eyJ',
  'eyJa.eyJa.',
  '%41',
  '\\n',
  '://a:b',
  'cookie: password ',
  'PRIVATE KEY=',
  'AGE-SECRET-KEY-a',
  '-----BEGIN RSA PRIVATE KEY-----A',
  'aws_secret_access_key = ',
  'login a password ',
  'a.',
  ' ',
  'aA0',
  'authorization: basic ',
  'secret key: a ',
  'token: a(',
  'pwd: •',
  newNames(),
  'sk-a1 ghp_ xoxb- AKIA eyJ :// token= "key": -----BEGIN SG.x npm_ glpat- %3D \\n ',
];

/** Names that are none of a secret but end like one, and each is new. */
function newNames(): string {
  const letters = (at: number): string =>
    ((at * 7_919) % 17_576).toString(26).replace(/[0-9]/g, (digit) => 'qrstuvwxyz'.charAt(Number(digit)));
  return Array.from({ length: 17_576 }, (_, at) => `${letters(at)}Key=abc `).join('');
}

const SHOWN_CHARS = 100;

type Speeds = { readonly mb_s: number; readonly of: string };

/** Some systems count the CPU of a thread in steps of milliseconds. */
const TIMES = 5;

/** Megabytes a second of CPU, the best of `rounds`: the others were disturbed. */
function speed(text: string, rounds: number, mask: (text: string) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.threadCpuUsage();
    for (let time = 0; time < TIMES; time += 1) mask(text);
    const { user, system } = process.threadCpuUsage(before);
    // The first is for the compiler.
    if (round > 0) best = Math.min(best, user + system);
  }
  return ((TIMES * text.length) / MB / Math.max(best, 1)) * 1e6;
}

function slowest(texts: readonly (readonly [name: string, text: string])[], rounds: number): Speeds {
  const speeds = texts.map(([of, text]) => ({ of, mb_s: speed(text, rounds, mask) }));
  return speeds.reduce((least, each) => (each.mb_s < least.mb_s ? each : least));
}

const mask = (text: string): void => void masking.mask(text, []);

/** Not in the texts, so that all of them is searched. */
const ABSENT = 'held-by-nobody';
const PLAIN = /[A-Z]{4}[0-9]{16}x/g;
const bare = (text: string): void => {
  text.indexOf(ABSENT);
  text.match(PLAIN);
};

export const bench: Bench = async ({ quick }) => {
  const rounds = quick ? 1 : 4;
  const ordinary = slowest(Object.entries(ORDINARY), rounds);
  const hostile = slowest(
    HOSTILE.map((unit) => [JSON.stringify(unit.slice(0, SHOWN_CHARS)), filled(unit)]),
    rounds,
  );
  const baseline = {
    name: 'a bare search',
    value: median(Object.values(ORDINARY).map((text) => speed(text, rounds, bare))),
    unit: ' MB/s',
  };
  const measured: Measured[] = [
    { goal: 'mask_ordinary', got: ordinary.mb_s, baseline, ratio: ordinary.mb_s / baseline.value },
    { goal: 'mask_hostile', got: hostile.mb_s, baseline, ratio: hostile.mb_s / baseline.value },
  ];
  return {
    measured,
    also: [
      ['slowest ordinary text', ordinary.of],
      ['slowest hostile text', `${hostile.of} over and over`],
      ...Object.entries(ORDINARY).map(
        ([name, text]) => [name, shown(speed(text, rounds, mask), ' MB/s')] as const,
      ),
    ],
  };
};

await runAlone(import.meta.url, bench);
