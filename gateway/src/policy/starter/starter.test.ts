import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkFiles } from '../check.ts';
import { loadPolicy } from '../load.ts';
import { formatPolicyErrors } from '../problems/format.ts';
import { evaluationOf } from '../testing/evaluations.ts';
import { bindings } from '../testing/vectors.ts';
import { type Starter, starterPolicy } from './starter.ts';

const filesOf = (starter: Starter) =>
  Object.entries(starterPolicy(starter)).map(([path, text]) => ({ path, text }));

function policyOf(starter: Starter) {
  const loaded = loadPolicy(filesOf(starter), { bindings });
  assert.ok(loaded.ok, loaded.ok ? '' : formatPolicyErrors(loaded.problems));
  return loaded.policy;
}

const files = { upstream: 'files', tool: 'read_text_file' };

test('the starter policy does what DESIGN §8 says', () => {
  const policy = policyOf({
    safeTools: [files, { upstream: 'files', tool: 'list_directory' }],
    reviewers: 'group:leads',
  });
  const table: readonly (readonly [string, Parameters<typeof evaluationOf>[0], string])[] = [
    ['opening a session', { upstream: 'files', class: 'session', resource: 'files' }, 'allow'],
    ['a listed tool', { upstream: 'files', class: 'read', resource: 'read_text_file' }, 'allow'],
    [
      'a listed tool with arguments that do not fit',
      { upstream: 'files', class: 'read', resource: 'read_text_file', confidence: 'partial' },
      'deny',
    ],
    [
      'a listed tool that turned out to write',
      { upstream: 'files', class: 'write', resource: 'read_text_file' },
      'require',
    ],
    [
      'a reading tool that is not listed',
      { upstream: 'files', class: 'read', resource: 'search' },
      'require',
    ],
    [
      'a tool of that name elsewhere',
      { upstream: 'other', class: 'read', resource: 'read_text_file' },
      'require',
    ],
    [
      'a tool nobody accepted',
      { upstream: 'files', class: 'unknown', resource: 'read_text_file', confidence: 'none' },
      'deny',
    ],
    ['writing', { upstream: 'files', class: 'write', resource: 'write_file' }, 'require'],
    ['answering for a person', { upstream: 'files', class: 'answer', resource: 'files' }, 'require'],
  ];
  for (const [name, asked, want] of table) {
    const got = policy.decide(evaluationOf(asked));
    assert.equal(got.effect, want, name);
    if (got.effect === 'require')
      assert.deepEqual(got.requirement.seats, [{ by: 'group:leads', count: 1, proof: 'session' }], name);
  }
  assert.ok(policy.asksReason({ upstream: 'files', resource: 'write_file' }));
});

test('its own tests pass and match every rule, whatever upstreams and tools are called', () => {
  const name = fc
    .oneof(fc.stringMatching(/^[\w./ -]{1,20}$/), fc.string({ minLength: 1, maxLength: 12 }))
    .filter((text) => text.trim() !== '');
  const safeTools = fc.array(fc.record({ upstream: name, tool: name }), { maxLength: 8 });
  fc.assert(
    fc.property(safeTools, (tools) => {
      const report = checkFiles(filesOf({ safeTools: tools }), { bindings });
      assert.equal(formatPolicyErrors(report.problems), '');
      assert.deepEqual(report.never_matching, []);
      assert.ok(report.tests.length >= 3 && report.tests.every((each) => each.ok));
    }),
    { numRuns: 150 },
  );
});

test('a tool whose name would read as a pattern is not listed, and asks', () => {
  const policy = policyOf({
    safeTools: [files, { upstream: 'files', tool: '*' }, { upstream: 'files', tool: 'read_*' }],
  });
  const got = policy.decide(evaluationOf({ upstream: 'files', class: 'read', resource: 'read_anything' }));
  assert.equal(got.effect, 'require');
});

test('a starter without any safe tool asks about everything', () => {
  assert.equal(policyOf({ safeTools: [] }).decide(evaluationOf({ class: 'read' })).effect, 'require');
});

test('hundreds of listed tools stay within the limits', () => {
  const safeTools = Array.from({ length: 300 }, (_, at) => ({
    upstream: `up-${at % 3}`,
    tool: `tool_with_a_long_name_${at}`,
  }));
  const report = checkFiles(filesOf({ safeTools }), { bindings });
  assert.equal(formatPolicyErrors(report.problems), '');
});
