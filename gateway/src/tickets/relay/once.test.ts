/** An ID token shown again, late, or after what it rests on has changed: told so, and nothing else (A10, A13, A17, I8). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idTokenOf } from '../../../testing/relay.ts';
import { forEachTest, type Relays, ticketConfig, why } from '../../../testing/relay-house.ts';

let at: Relays;
forEachTest((relays) => {
  at = relays;
});

describe('an ID token for one answer, once', () => {
  it('is good once: again, at once or later, it changes nothing and is told so (A17)', async () => {
    const id = await at.open('write', { n: 3 });
    const answer = await at.proven(await at.shownTo(id));
    const all = await Promise.all(Array.from({ length: 8 }, () => at.handOver(answer)));
    assert.equal(all.filter((each) => each.kind === 'done').length, 1, JSON.stringify(all));
    const later = await at.handOver(answer);
    assert.ok(later.kind === 'refused' && later.why === 'already_resolved' && later.status === 'approved');
    assert.equal((await at.rig.requests.show(id, 'carol'))?.reviews.length, 1);
  });

  it('a question is answered once, also wrongly: the right token comes too late then', async () => {
    const id = await at.open();
    const asking = await at.shownTo(id);
    const { nonce } = await at.askOidc(asking);
    const wrong = await idTokenOf(at.idp, { sub: 'carol', nonce, max_age: 0 });
    const right = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 0 });
    await at.handOver({ ...asking, proof: { id_token: wrong } });
    assert.equal(why(await at.handOver({ ...asking, proof: { id_token: right } })), 'proof_refused');
    await at.untouched(id);
  });

  it('is taken later when the provider could not be asked', async () => {
    const id = await at.open();
    const answer = await at.proven(await at.shownTo(id));
    at.idp.down = true;
    assert.equal(why(await at.handOver(answer)), 'unavailable');
    at.idp.down = false;
    at.rig.time.now += 3_000;
    assert.equal(why(await at.handOver(answer)), 'done');
  });

  const DESCRIPTION = '/.well-known/openid-configuration';
  const page = { status: 200, body: '<!doctype html><title>Sign in to the network</title>' };
  for (const [name, path, answered] of [
    ['a page stands where its description is', DESCRIPTION, page],
    [
      'its description is another’s',
      DESCRIPTION,
      { status: 200, body: '{"issuer":"https://other.example"}' },
    ],
    ['a page stands where its keys are', '/jwks', page],
    ['an error stands where its keys are', '/jwks', { ...page, status: 502 }],
    ['its keys are said twice', '/jwks', { status: 200, body: '{"keys":[],"keys":[]}' }],
    ['its keys have no end', '/jwks', { status: 200, body: ' '.repeat(300_000) }],
  ] as const)
    it(`is taken later when ${name}: nothing was learnt of the token`, async () => {
      const id = await at.open();
      const answer = await at.proven(await at.shownTo(id));
      at.idp.instead.set(path, answered);
      assert.equal(why(await at.handOver(answer)), 'unavailable');
      await at.untouched(id);
      at.idp.instead.clear();
      at.rig.time.now += 3_000;
      assert.equal(why(await at.handOver(answer)), 'done');
    });

  it('late, after somebody else answered, changes nothing and is recorded', async () => {
    const id = await at.open();
    const answer = await at.proven(await at.shownTo(id));
    await at.rig.answer(id, 'carol', { decision: 'denied' });
    const late = await at.handOver(answer);
    assert.ok(late.kind === 'refused' && late.why === 'already_resolved' && late.status === 'denied');
    assert.equal((await at.rig.requests.show(id, 'carol'))?.status, 'denied');
    assert.ok((await at.changesOf(id)).includes('relayed answer refused'));
  });

  it('of somebody who is taken out meanwhile is none (A10)', async () => {
    const id = await at.open();
    const answer = await at.proven(await at.shownTo(id));
    const config = ticketConfig(at.idp);
    const { bob } = config.people;
    assert.ok(bob);
    await at.rig.change({
      config: { ...config, people: { ...config.people, bob: { ...bob, active: false } } },
    });
    assert.notEqual(why(await at.handOver(answer)), 'done');
    await at.untouched(id);
  });

  it('of an account that is another person’s by now is none (A13)', async () => {
    const id = await at.open();
    const answer = await at.proven(await at.shownTo(id));
    const config = ticketConfig(at.idp);
    const { bob, carol } = config.people;
    assert.ok(bob && carol);
    const people = {
      ...config.people,
      bob: { ...bob, accounts: [] },
      carol: { ...carol, accounts: bob.accounts },
    };
    await at.rig.change({ config: { ...config, people } });
    assert.equal(why(await at.handOver(answer)), 'proof_refused');
    await at.untouched(id);
  });

  it('by a system that may no longer is none (I8)', async () => {
    const id = await at.open();
    const answer = await at.proven(await at.shownTo(id));
    const before = at.system();
    await at.rig.change({ config: ticketConfig(at.idp, { may: ['comment'] }) });
    assert.equal(why(await at.handOver(answer, before)), 'proof_refused');
    await at.untouched(id);
  });

  it('of an account that is another person’s by the moment it is counted is none (A13)', async () => {
    const id = await at.open();
    const answer = await at.proven(await at.shownTo(id));
    const config = ticketConfig(at.idp);
    const { bob, carol } = config.people;
    assert.ok(bob && carol);
    const people = {
      ...config.people,
      bob: { ...bob, accounts: [] },
      carol: { ...carol, accounts: bob.accounts },
    };
    at.between.beforeCounting = () => at.rig.change({ config: { ...config, people } });
    assert.equal(why(await at.handOver(answer)), 'proof_refused');
    await at.untouched(id);
  });

  for (const [name, jira] of [
    ['hands nothing over any more', { may: ['comment'], oidc: undefined, origins: [] }],
    ['takes no ID tokens any more', { oidc: undefined }],
    ['sees it no more', { sees: { upstreams: ['other'] } }],
  ] as const)
    it(`no longer counts once its system ${name} (A10, I8)`, async () => {
      const id = await at.open();
      const answer = await at.proven(await at.shownTo(id));
      assert.equal(why(await at.handOver(answer)), 'done');
      await at.rig.change({ config: ticketConfig(at.idp, jira) });
      const [review] = (await at.rig.requests.show(id, 'carol'))?.reviews ?? [];
      assert.deepEqual([review?.counts, review?.why_not], [false, 'handed_over']);
      assert.notEqual((await at.rig.call('write')).kind, 'permitted');
    });
});
