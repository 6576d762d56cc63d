/** PATCH as a function: what holds whatever is sent, and the corners of lists. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '@countersign/core';
import fc from 'fast-check';
import { ScimFailure } from '../../identity/scim/failure.ts';
import { FILTER_CHARACTERS_MAX, matches, parseFilter, parsePath } from './filter.ts';
import { onlyAdds, patched, readPatch } from './patch.ts';
import { USERS } from './resources.ts';
import { GROUP, type Item, type Kept, readResource, USER } from './shape.ts';

const operations = (...Operations: readonly Json[]) =>
  readPatch({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [...Operations] });
const users = (kept: Kept, ...given: readonly Json[]) => patched(USER, kept, operations(...given));

const ERIN: Kept = {
  userName: 'erin',
  active: true,
  emails: [
    { value: 'work@x', type: 'work', primary: true },
    { value: 'home@x', type: 'home' },
  ],
};
const values = (kept: Kept) => ((kept['emails'] ?? []) as readonly Item[]).map(({ value }) => value);

describe('lists', () => {
  const rows: readonly [string, Json, readonly string[]][] = [
    ['remove by choice', { op: 'remove', path: 'emails[type eq "home"]' }, ['work@x']],
    ['remove all', { op: 'remove', path: 'emails' }, []],
    ['remove nobody', { op: 'remove', path: 'emails[type eq "fax"]' }, ['work@x', 'home@x']],
    ['remove a value of one', { op: 'remove', path: 'emails[type eq "home"].value' }, ['work@x']],
    ['replace all with one', { op: 'replace', path: 'emails', value: { value: 'new@x' } }, ['new@x']],
    ['replace all with none', { op: 'replace', path: 'emails', value: [] }, []],
    [
      'replace one',
      { op: 'replace', path: 'emails[type eq "home"]', value: { value: 'new@x' } },
      ['work@x', 'new@x'],
    ],
    [
      'add what is there',
      { op: 'add', path: 'emails', value: [{ value: 'HOME@x', type: 'home' }] },
      ['work@x', 'HOME@x'],
    ],
    [
      'add by choice',
      { op: 'add', path: 'emails[type eq "other"].value', value: 'o@x' },
      ['work@x', 'home@x', 'o@x'],
    ],
  ];
  for (const [name, operation, want] of rows)
    it(name, () => assert.deepEqual(values(users(ERIN, operation)), want));

  it('have one primary item, the last that says so', () => {
    const next = users(ERIN, { op: 'add', path: 'emails', value: { value: 'n@x', primary: true } });
    const primary = ((next['emails'] ?? []) as readonly Item[]).filter((item) => item['primary'] === true);
    assert.deepEqual(primary, [{ value: 'n@x', primary: true }]);
  });
});

const text = fc.string({ maxLength: 20 });
const anyPath = fc.oneof(
  text,
  fc.constantFrom(
    'active',
    'userName',
    'name.givenName',
    'emails',
    'emails.value',
    'members',
    'id',
    'meta',
    'title',
  ),
  fc.constantFrom('emails[type eq "work"]', 'emails[type eq "work"].value', 'emails[primary eq true].type'),
  text.map((value) => `emails[value eq ${JSON.stringify(value)}].value`),
);
const anyOperation = fc.record(
  {
    op: fc.constantFrom('add', 'Add', 'replace', 'REMOVE', 'remove', 'move'),
    path: anyPath,
    value: fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('False', 'True', true, false),
      fc.record({ value: text, type: text, primary: fc.boolean() }),
      fc.dictionary(anyPath, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
    ),
  },
  { requiredKeys: ['op'] },
);

/** What came of it, or that it was refused; anything else is a broken program. */
function orRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    assert.ok(error instanceof ScimFailure, String(error));
    return undefined;
  }
}

describe('whatever is sent', () => {
  it('comes to something whole and bounded, or is refused; what was there is never touched', () => {
    const before = JSON.stringify(ERIN);
    fc.assert(
      fc.property(fc.array(anyOperation, { minLength: 1, maxLength: 5 }), (given) => {
        const next = orRefused(() => users(ERIN, ...(given as Json[])));
        assert.equal(JSON.stringify(ERIN), before);
        if (next === undefined) return;
        const written = USERS.writtenOf(next);
        assert.ok(written.user_name.length > 0 && written.user_name.length <= 256);
        assert.equal(typeof written.active, 'boolean');
        assert.ok(written.profile.emails.length <= 20);
        assert.ok(written.profile.emails.filter(({ primary }) => primary).length <= 1);
        assert.ok(written.profile.emails.every(({ value }) => value !== '' && value.length <= 320));
        assert.doesNotMatch(JSON.stringify(written), /\\u00[01]/);
        assert.deepEqual(
          Object.keys(next).filter((name) => !Object.hasOwn(USER.attributes, name)),
          [],
        );
      }),
      { numRuns: 500 },
    );
  });

  it('done twice is done once, where nothing is chosen by what it changes', () => {
    const plain = fc.record({
      op: fc.constantFrom('add', 'replace'),
      path: fc.constantFrom('active', 'displayName', 'name.givenName', 'emails'),
      value: fc.oneof(fc.boolean(), text, fc.array(fc.record({ value: text, type: text }), { maxLength: 3 })),
    });
    fc.assert(
      fc.property(plain, (operation) => {
        const once = orRefused(() => users(ERIN, operation as Json));
        if (once === undefined) return;
        assert.deepEqual(users(once, operation as Json), once);
      }),
    );
  });

  it('makes nobody active who was not said to be: only the attribute itself does', () => {
    const away: Kept = { ...ERIN, active: false };
    fc.assert(
      fc.property(fc.array(anyOperation, { minLength: 1, maxLength: 4 }), (given) => {
        if (/active/i.test(JSON.stringify(given))) return;
        const next = orRefused(() => users(away, ...(given as Json[])));
        assert.notEqual(next?.['active'], true);
      }),
      { numRuns: 300 },
    );
  });

  it('that takes something away is never taken for one that only adds', () => {
    const three: Kept = { displayName: 'g', members: ['a', 'b', 'c'].map((value) => ({ value })) };
    const one = fc.record(
      {
        op: fc.constantFrom('add', 'replace', 'remove'),
        path: fc.constantFrom('members', 'members[value eq "a"]', 'displayName'),
        value: fc.oneof(fc.array(fc.record({ value: fc.constantFrom('a', 'd') }), { maxLength: 2 }), text),
      },
      { requiredKeys: ['op'] },
    );
    fc.assert(
      fc.property(one, (given) => {
        const made = orRefused(() => operations(given as Json));
        if (made === undefined || !onlyAdds(made)) return;
        const next = orRefused(() => patched(GROUP, three, made));
        const left = ((next?.['members'] ?? three['members']) as readonly Item[]).map(({ value }) => value);
        for (const member of ['a', 'b', 'c']) assert.ok(left.includes(member), JSON.stringify(given));
      }),
    );
  });

  it('and wherever: filters and paths are read or refused, in time that does not run away', () => {
    const parts = fc.constantFrom(
      'userName',
      ' eq ',
      '"a"',
      '[',
      ']',
      '].',
      ' and ',
      '\\',
      '"',
      'emails',
      '.',
      ' ',
      'true',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), (words) => {
        const given = words.join('');
        orRefused(() => parseFilter(given));
        orRefused(() => parsePath(given));
      }),
      { numRuns: 500 },
    );
    for (const long of ['[', '"\\', 'a[', 'emails["', ' ', 'a.', 'a[""'])
      orRefused(() => parsePath(long.repeat(FILTER_CHARACTERS_MAX / long.length)));
  });
});

it('a filter finds whom it names, however they are called', () => {
  const named = fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((name) => name.trim() === name && name.isWellFormed());
  const searchable = (user_name: string) =>
    USERS.searchable({
      ...{
        id: 'x',
        provider: 'p',
        person: 'q',
        external_id: null,
        state: 'active',
        version: 1,
        created_at: 0,
        updated_at: 0,
      },
      user_name,
      profile: { display_name: null, given_name: null, family_name: null, formatted_name: null, emails: [] },
    });
  fc.assert(
    fc.property(named, named, (name, other) => {
      const filter = parseFilter(`userName eq ${JSON.stringify(name)}`);
      assert.ok(matches(filter, searchable(name)));
      assert.equal(matches(filter, searchable(other)), name.toLowerCase() === other.toLowerCase());
    }),
  );
});

it('a resource is read the same whatever the case of its names, and null says nothing', () => {
  const schemas = [USER.schema];
  const given = { schemas, USERNAME: 'x', DisplayName: null, NAME: { GIVENNAME: 'g', familyName: null } };
  assert.deepEqual(readResource(USER, given), { userName: 'x', name: { givenName: 'g' } });
});
