// A changed configuration where two operators are needed (I13): who may act and who decides is not one person's to edit.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { until } from '../../gateway/testing/until.ts';
import { type Operated, openOperated } from './house.ts';

describe('a configuration that changes where two operators are needed', () => {
  let house: Operated;
  beforeEach(async () => {
    house = await openOperated();
  });
  afterEach(() => house.yard.close());

  const people = async (): Promise<readonly string[]> =>
    (await (await house.as('bob')).reviewers.list()).items
      .filter(({ active }) => active)
      .map(({ id }) => id)
      .sort();
  const HERE = ['alice', 'bob', 'carl', 'olga'];
  const add = (line: string) => (text: string) => text.replace('people:\n', `people:\n  ${line}\n`);
  const PUPPET = add('puppet: { name: Puppet, roles: [operator, reviewer] }');
  const argumentsOf = async (id: string) => {
    const { shown_action } = await (await house.as('olga')).requests.show(id);
    return (shown_action['context'] as { readonly arguments: { readonly changed: object } }).arguments;
  };

  it('A13: one operator makes no second one of themselves, not even by a restart', async () => {
    await house.yard.editConfig(PUPPET);
    const { id } = await house.onlyPending();
    assert.deepEqual(Object.keys((await argumentsOf(id)).changed), ['people.puppet']);
    assert.deepEqual(await people(), HERE);
    await house.yard.restart();
    assert.deepEqual(await people(), HERE);
    assert.equal((await house.onlyPending()).id, id, 'and it is not asked twice');
    await assert.rejects(house.yard.house.signIn('puppet'));
    assert.equal((await house.answer('alice', id)).status, 'pending');
    await assert.rejects(house.answer('alice', id), /already answered/);
    await house.answer('olga', id);
    await until('the second agreed', async () => (await people()).includes('puppet'));
    const [entry] = (await (await house.as('bob')).log.lookUp({ kind: 'config-change' })).items;
    const { statement } = await (await house.as('bob')).log.entry(entry?.event_id ?? '');
    assert.deepEqual((statement['predicate'] as { readonly review: object }).review, {
      request_id: id,
      reviewers: ['alice', 'olga'],
    });
    await house.verifies();
  });

  it('A18: nobody shrinks the number by making the other inactive, in the file or by a restart', async () => {
    await house.yard.editConfig((text) =>
      text.replace(
        'olga: { name: Olga, roles: [operator] }',
        'olga: { name: Olga, roles: [operator], active: false }',
      ),
    );
    const { id } = await house.onlyPending();
    await house.yard.restart();
    assert.deepEqual(await people(), HERE);
    await house.answer('alice', id);
    await house.answer('olga', id);
    await until('she left', async () => !(await people()).includes('olga'));
    const shown = await (await house.as('alice')).operators.show();
    assert.deepEqual([shown.needed, shown.operators], [2, ['alice']], 'two are needed all the same');
    const [tool] = (await (await house.as('alice')).tools.list()).items;
    assert.ok(tool);
    await assert.rejects(
      (await house.as('alice')).tools.accept(tool.upstream, tool.tool, { pin: tool.pin, class: 'read' }),
      /not enough of them/,
    );
  });

  it('upstreams are those that were agreed to, also at the next start', async () => {
    const env = async () => (await (await house.as('bob')).upstreams.list()).items.map((each) => each.env);
    await house.yard.restart(() => house.yard.editConfig((text) => text.replace('env: prod', 'env: dev')));
    assert.deepEqual(await env(), ['prod']);
    const { id } = await house.onlyPending();
    assert.deepEqual(Object.keys((await argumentsOf(id)).changed), ['upstreams.tools']);
    await house.answer('alice', id);
    await house.answer('olga', id);
    await until(
      'it is made',
      async () => (await (await house.as('bob')).requests.show(id)).executions.length === 1,
    );
    assert.deepEqual(await env(), ['prod'], 'a running gateway keeps its upstreams');
    await house.yard.restart();
    assert.deepEqual(await env(), ['dev']);
    assert.equal((await house.pending()).length, 0);
    await house.verifies();
  });

  it('put back, is asked about no longer; a file that moved on is asked about instead', async () => {
    let before = '';
    await house.yard.editConfig((text) => {
      before = text;
      return PUPPET(text);
    });
    const { id } = await house.onlyPending();
    await house.yard.editConfig(add('other: { name: Other, roles: [auditor] }'));
    await until('the newer is asked', async () => {
      const [only] = await house.pending();
      return only !== undefined && only.id !== id;
    });
    assert.equal((await (await house.as('alice')).requests.show(id)).status, 'cancelled');
    await house.yard.editConfig(() => before);
    await until('nothing is asked', async () => (await house.pending()).length === 0);
    assert.deepEqual(await people(), HERE);
  });
});
