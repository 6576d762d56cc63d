import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LIMITS } from '../limits.ts';
import { draftProblems } from './draft.ts';

const FINE = { path: 'rules.yaml', text: 'version: 1\nrules: []\n' };

describe('files sent as a policy', () => {
  for (const path of ['rules.yaml', 'team/a b.yaml', 'a.test.yaml', '0-first.yaml'])
    it(`may be called ${path}`, () =>
      assert.deepEqual(draftProblems([FINE, { path, text: '' }].slice(path === FINE.path ? 1 : 0)), []));
  for (const path of [
    '../rules.yaml',
    '/etc/rules.yaml',
    'a//b.yaml',
    './a.yaml',
    '.hidden.yaml',
    'a/.git/b.yaml',
    'a\\b.yaml',
    'a.yml',
    'rules',
    '',
    'node_modules/a.yaml',
    'a\nb.yaml',
    'a/../b.yaml',
    `${'d/'.repeat(LIMITS.folder_depth_max + 1)}a.yaml`,
    `${'a'.repeat(300)}.yaml`,
    '\u202egnp.yaml',
  ])
    it(`may not be called ${JSON.stringify(path.slice(0, 40))}`, () => {
      const [problem] = draftProblems([FINE, { path, text: '' }]);
      assert.equal(problem?.message, 'this is not the path of a policy file');
      assert.ok((problem?.file.length ?? 999) <= 200);
    });

  const bad: readonly (readonly [string, Parameters<typeof draftProblems>[0], RegExp])[] = [
    ['no file', [], /no file with rules/],
    ['tests alone', [{ path: 'a.test.yaml', text: '' }], /no file with rules/],
    ['one file twice', [FINE, FINE], /there twice/],
    ['a large file', [{ ...FINE, text: 'x'.repeat(LIMITS.file_bytes_max + 1) }], /larger than/],
    ['half a character', [{ ...FINE, text: '\ud800' }], /not UTF-8/],
    [
      'many files',
      Array.from({ length: LIMITS.files_max + 1 }, (_, n) => ({ path: `${n}.yaml`, text: '' })),
      /more than 500/,
    ],
    [
      'much text',
      Array.from({ length: 17 }, (_, n) => ({ path: `${n}.yaml`, text: 'x'.repeat(262_144) })),
      /the policy is larger/,
    ],
  ];
  for (const [what, files, want] of bad)
    it(`are not ${what}`, () =>
      assert.match(
        draftProblems(files)
          .map(({ message }) => message)
          .join(),
        want,
      ));
});
