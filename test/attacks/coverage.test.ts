/**
 * Every attack and every defect of other products that this gateway already meets, and the test that stands against
 * it. A test that is renamed or deleted is missed here. Prints the map.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ATTACKS: { readonly [id: string]: string } = {
  A1: 'the agent forges the prompt',
  A2: 'markup and escape sequences',
  A3: 'invisible and reordering characters',
  A4: 'the harmful part lies after the cut',
  A5: 'hidden parameters',
  A6: 'JSON tricks',
  A7: 'a bad item hidden in a batch; splitting',
  A8: 'approved is not what runs; an approval used twice',
  A9: 'the tool changed after approval',
  A10: 'policy, people or keys changed while pending',
  A11: 'wrappers, pipes, links and encodings',
  A13: 'self-approval',
  A14: 'one person meets a quorum of two',
  A15: 'somebody else’s click, a forged or replayed request',
  A16: 'approve on GET, CSRF, clickjacking, bearer links',
  A17: 'late, double and conflicting answers',
  A18: 'a word of prose taken as consent',
  A19: 'approval fatigue',
  A20: 'an outage means allow',
  A21: 'exhaustion',
  A22: 'a crash between permit and outcome',
  A23: 'secrets in cards, logs, errors, labels',
  A24: 'the trail is edited, cut, forked, reordered, back-dated',
  A25: 'approved reported as executed',
  A26: 'callbacks and webhooks to private addresses',
};

/** Defects seen in approval products: words of the title of the test that stands against each. */
const DEFECTS: { readonly [defect: string]: string } = {
  'admins exempt from the self-approval rule':
    'nobody responsible for the action decides it, whatever their roles',
  'quorum counts groups, not people': 'one person in two groups fills one seat',
  'read-modify-write on the decision without a version check':
    'of an approval and a denial at once, one wins',
  'per-process locks as the guard against double execution': 'no lock of one process guards it',
  'approval bound to a session id, not to the content':
    'an approval does not cover other arguments, another agent',
  'the client re-sends the payload after approval': 'holds, then runs once, from the approved bytes',
  'revocation that leaves the live session running': 'a key revoked while its call is held runs nothing',
  'pending requests that never expire': 'silence is no: a pending request ends by itself',
  'a decision stored as an overwritten row':
    'a late answer of either kind moves no ended request, and is recorded',
  'an analyzer whose outage means allow': 'no outage of a part means allow',
  'parameters not decoded': 'everything that would run is shown, and is in the digest',
  'one replica only, because waiters live in memory':
    'an answer given on one node is found by who waits on the other',
  'masking the result but not the approval card': 'is in no list, card or entry',
};

const root = fileURLToPath(new URL('../../', import.meta.url));
const places = '{core,gateway,sdk,test,conformance}/**/*.test.ts';
const files = globSync(places, { cwd: root, exclude: (entry) => /node_modules|dist$/.test(entry) }).filter(
  (file) => !file.endsWith('attacks/coverage.test.ts'),
);

/** Titles, whole or from a table: string literals on one line. */
const literals = files.flatMap((file) =>
  [...readFileSync(`${root}${file}`, 'utf8').matchAll(/(['"`])((?:(?!\1)[^\n\\]|\\.)+)\1/g)].map(
    ([, , text = '']) => ({ file, text }),
  ),
);

const against = (pattern: RegExp) => literals.filter(({ text }) => pattern.test(text));
const line = (name: string, found: readonly { file: string; text: string }[]): string =>
  `${name.padEnd(4)} ${String(found.length).padStart(3)}  ${found[0]?.file ?? '—'}: ${found[0]?.text ?? ''}`;

describe('the map of attacks', () => {
  for (const [id, what] of Object.entries(ATTACKS)) {
    it(`${id}, ${what}: is named by a test`, (t) => {
      const found = against(new RegExp(`\\b${id}\\b`));
      t.diagnostic(line(id, found));
      assert.notEqual(found.length, 0, `no test is named ${id}`);
    });
  }
  for (const [defect, title] of Object.entries(DEFECTS)) {
    it(`${defect}: has its test`, (t) => {
      const found = literals.filter(({ text }) => text.includes(title));
      t.diagnostic(line('', found));
      assert.notEqual(found.length, 0, `no test has “${title}” in its title`);
    });
  }
});
