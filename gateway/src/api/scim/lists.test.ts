/** Finding and listing: what filters find, that no other is half understood, pages, and what is shown. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createScimRig, type ScimRig } from '../../../testing/scim.ts';

let rig: ScimRig;
beforeEach(async () => {
  rig = await createScimRig();
});
afterEach(async () => {
  assert.deepEqual(rig.broken, []);
  await rig.close();
});

describe('lists', () => {
  const query = async (place: string, filter: string) =>
    rig.send('GET', `/${place}?filter=${encodeURIComponent(filter)}`);

  it('find by what is understood', async () => {
    const id = await rig.user('erin', {
      displayName: 'Erin "E" Dee',
      emails: [
        { value: 'erin@work.example', type: 'work', primary: true },
        { value: 'erin@home.example', type: 'home' },
      ],
    });
    await rig.user('frank', { active: false, displayName: 'Frank' });
    const rows: readonly [string, number][] = [
      ['userName eq "ERIN@example.com"', 1],
      ['USERNAME EQ "erin@example.com"', 1],
      [`urn:ietf:params:scim:schemas:core:2.0:User:userName eq "erin@example.com"`, 1],
      ['externalId eq "00u-erin"', 1],
      ['externalId eq "00U-ERIN"', 0],
      [`id eq "${id}"`, 1],
      ['displayName eq "erin \\"e\\" dee"', 1],
      ['emails.value eq "erin@home.example"', 1],
      ['emails[type eq "work"].value eq "erin@home.example"', 0],
      ['emails[type eq "work" and value eq "erin@work.example"]', 1],
      ['emails[primary eq true].value eq "erin@work.example"', 1],
      ['active eq false', 1],
      ['active eq "True"', 1],
      ['active eq true and displayName eq "Frank"', 0],
      ['userName eq "nobody"', 0],
    ];
    for (const [filter, total] of rows) {
      const told = await query('Users', filter);
      assert.deepEqual([told.status, told.body.totalResults], [200, total], filter);
    }
    const team = await rig.group('Team', [id]);
    assert.equal((await query('Groups', `members eq "${id}"`)).body.Resources[0]?.id, team);
    assert.equal((await query('Groups', `members[value eq "${id}"]`)).body.totalResults, 1);
    assert.equal((await query('Groups', 'displayName eq "team" and members eq "x"')).body.totalResults, 0);
  });

  it('refuse every other filter, and never take it for one that finds all or nobody', async () => {
    await rig.user('erin');
    const refused = [
      '',
      'userName',
      'userName eq',
      'userName eq erin',
      'userName pr',
      'userName co "e"',
      'userName sw "e"',
      'userName ne "e"',
      'meta.lastModified gt "2020-01-01"',
      'userName eq "a" or userName eq "b"',
      'not (userName eq "a")',
      '(userName eq "a")',
      'userName eq "a" and',
      'userName eq "a" userName eq "b"',
      'userName eq "a"]',
      'emails[type eq "work"',
      'emails[type eq "work"].value',
      'emails[nope eq "x"]',
      'name.familyName eq "x"',
      'password eq "x"',
      'constructor eq "x"',
      '__proto__[value eq "x"]',
      'userName eq "\\q"',
      'userName eq "a',
      `userName eq "${'x'.repeat(3000)}"`,
      Array.from({ length: 11 }, () => 'active eq true').join(' and '),
    ];
    for (const filter of refused) {
      const told = await query('Users', filter);
      assert.deepEqual([told.status, told.body.scimType], [400, 'invalidFilter'], filter);
    }
  });

  it('come in pages, bounded, whole numbers only', async () => {
    for (let n = 0; n < 5; n += 1) await rig.user(`p${n}`);
    const page = async (search: string) => (await rig.send('GET', `/Users?${search}`)).body;
    const shape = async (search: string) => {
      const { totalResults, startIndex, itemsPerPage } = await page(search);
      return [totalResults, startIndex, itemsPerPage];
    };
    assert.deepEqual(await shape('startIndex=2&count=2'), [5, 2, 2]);
    assert.deepEqual(await shape('startIndex=0&count=-1'), [5, 1, 0]);
    assert.deepEqual(await shape('startIndex=9'), [5, 9, 0]);
    assert.deepEqual(await shape('count=999999'), [5, 1, 5]);
    assert.equal((await rig.send('GET', '/Users?count=many')).body.scimType, 'invalidValue');
    const seen = new Set<string>();
    for (let at = 1; at <= 5; at += 2)
      for (const { id } of (await page(`startIndex=${at}&count=2`)).Resources) seen.add(id);
    assert.equal(seen.size, 5, 'every page is another part of the same order');
  });

  it('show what is asked for', async () => {
    const id = await rig.user('erin', { displayName: 'Erin', name: { givenName: 'E' } });
    const read = async (search: string) =>
      Object.keys((await rig.send('GET', `/Users/${id}?${search}`)).body);
    assert.deepEqual(await read('attributes=userName,name.givenName'), ['schemas', 'id', 'userName', 'name']);
    assert.ok(
      !(await read('excludedAttributes=DisplayName,meta')).some((name) => /displayName|meta/.test(name)),
    );
  });
});
