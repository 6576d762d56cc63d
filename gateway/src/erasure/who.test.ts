/** Erasing is for people's data, never for hiding what one did (A13): who had a part in a request leaves it to another. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG, createRig, held, permitted, policyOf, type Rig } from '../../testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig(policyOf({ write: { then: 'require' } }));
});
afterEach(() => rig.close());

type Change = Parameters<Rig['change']>[0];
const roles = async (of: { readonly [person: string]: readonly string[] }): Promise<void> => {
  const people = Object.fromEntries(
    Object.entries(CONFIG.people).map(([id, each]) => [id, { ...each, roles: of[id] ?? each.roles }]),
  );
  await rig.change({ config: { ...CONFIG, people } } as Change);
};
/** Over: denied by this person. */
async function denied(by: string, more: { readonly for?: string } = {}): Promise<string> {
  const { id } = held(await rig.call('write', { n: by, ...more }));
  const answered = await rig.answer(id, by, { decision: 'denied' });
  assert.equal(answered.kind, 'recorded');
  return id;
}
const erase = (id: string, by: string) => rig.requests.erase(id, by, 'asked to');
async function refused(id: string, by: string, want: RegExp): Promise<void> {
  const outcome = await erase(id, by);
  assert.equal(outcome.kind === 'refused' && outcome.why, 'not_allowed', JSON.stringify(outcome));
  assert.match(outcome.kind === 'refused' ? outcome.message : '', want);
  assert.equal((await rig.requests.show(id, 'bob'))?.erased, undefined);
}
const parts = async () =>
  (await rig.entries())
    .filter(({ kind }) => kind === 'redaction')
    .map((entry) => (entry['predicate'] as { readonly own?: string }).own);

describe('A13: an operator does not erase the evidence of what they did, while another could', () => {
  it('as the owner of the agent', async () => {
    const id = await denied('bob');
    await refused(id, 'alice', /^You own the agent .* another operator erases it: dan\.$/);
    assert.equal((await erase(id, 'dan')).kind, 'erased');
    assert.deepEqual(await parts(), [undefined]);
  });

  it('as who answered it, however many operators there are', async () => {
    await roles({ bob: ['reviewer', 'operator'], carol: ['reviewer', 'operator'], eve: ['operator'] });
    const id = await denied('dan');
    await refused(id, 'dan', /^You answered it.*: bob, carol, eve\.$/);
    assert.equal((await erase(id, 'carol')).kind, 'erased');
  });

  it('as who answered it under another name, found to be theirs since', async () => {
    const id = await denied('dan');
    const { dan: _, ...people } = CONFIG.people;
    const agents = Object.fromEntries(Object.entries(CONFIG.agents).filter(([name]) => name !== 'other'));
    const groups = Object.fromEntries(
      Object.entries(CONFIG.groups).map(([name, members]) => [
        name,
        members.filter((each) => each !== 'dan'),
      ]),
    );
    const config = {
      ...CONFIG,
      agents,
      groups,
      people: {
        ...people,
        carol: { ...people['carol'], roles: ['operator'] },
        eve: { ...people['eve'], roles: ['operator'], accounts: ['dan'] },
      },
    };
    await rig.change({ config } as Change);
    await refused(id, 'eve', /^You answered it.*: carol\.$/);
    assert.equal((await erase(id, 'carol')).kind, 'erased');
  });

  it('as who approved what then ran', async () => {
    await roles({ carol: ['operator'] });
    const { id } = held(await rig.call('write', {}));
    await rig.answer(id, 'dan');
    const permit = permitted(await rig.call('write', {}));
    await permit.finish({ status: 'succeeded', result: { body: '{}' } });
    permit.delivered();
    await refused(id, 'dan', /^You answered it/);
    assert.equal((await erase(id, 'carol')).kind, 'erased');
  });
});

describe('where every operator had a part in it', () => {
  it('one of them erases it, and the record says what theirs was', async () => {
    assert.equal((await erase(await denied('dan'), 'dan')).kind, 'erased');
    assert.equal((await erase(await denied('dan', { for: 'another' }), 'alice')).kind, 'erased');
    assert.deepEqual(await parts(), ['reviewer', 'owner']);
  });

  it('so does who alone is an operator', async () => {
    await roles({ dan: ['reviewer'] });
    assert.equal((await erase(await denied('bob'), 'alice')).kind, 'erased');
    assert.deepEqual(await parts(), ['owner']);
  });
});
