/** Who is asked for a proof in a ticket system's hands, over what, and how often. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idTokenOf } from '../../../testing/relay.ts';
import { forEachTest, type Relays, ticketConfig, why } from '../../../testing/relay-house.ts';
import { newSalt, storePayloadOf } from '../../payloads.ts';

let at: Relays;
forEachTest((relays) => {
  at = relays;
});

describe('who is asked', () => {
  for (const [name, person] of [
    ['the owner of the agent', 'alice'],
    ['the owner, by their account at the provider', 'OWNER'],
    ['an auditor', 'eve'],
    ['somebody inactive', 'mallory'],
    ['nobody', 'nobody'],
    ['the agent', 'coder'],
    ['the ticket system itself', 'ticketing:jira'],
  ] as const)
    it(`is not ${name} (A13)`, async () => {
      const asking = await at.shownTo(await at.open());
      const named = person === 'OWNER' ? `oidc:${at.idp.issuer}#al` : person;
      const asked = await at.tickets.ask(at.system(), { ...asking, person: named, proof: 'oidc' });
      assert.deepEqual(asked.kind === 'refused' && [asked.why, asked.message], [
        'not_eligible',
        'This person may not answer this request; its page tells them why.',
      ]);
    });

  it('is somebody with an account there', async () => {
    const asking = await at.shownTo(await at.open());
    assert.equal(
      why(await at.tickets.ask(at.system(), { ...asking, person: 'dan', proof: 'oidc' })),
      'no_account',
    );
  });

  it('over what was handed out whole, and nothing else (A4)', async () => {
    const id = await at.open();
    const shown = await at.rig.requests.show(id, 'bob');
    assert.ok(shown);
    const { action_digest, rendered_digest } = shown;
    const asking = {
      request_id: id,
      person: 'bob',
      decision: 'approved',
      action_digest,
      rendered_digest,
    } as const;
    assert.equal(why(await at.tickets.ask(at.system(), { ...asking, proof: 'oidc' })), 'shown_changed');
    await at.shownTo(id, at.system('snow'));
    assert.equal(why(await at.tickets.ask(at.system(), { ...asking, proof: 'oidc' })), 'shown_changed');
    await at.shownTo(id);
    assert.equal(why(await at.tickets.ask(at.system(), { ...asking, proof: 'oidc' })), 'done');
  });

  it('with the agent’s claim apart, and nothing in it that hides or turns text round (A1, A3)', async () => {
    const id = await at.open();
    const claim = {
      id: 'pay_claim',
      kind: 'claim',
      salt: newSalt(),
      body: 'fine\u202e\u001b[2K\nreally',
    } as const;
    const point = 'UPDATE requests SET claim_payload_id = $2 WHERE id = $1';
    await at.rig.store.commit({
      name: 'claim',
      steps: [
        storePayloadOf(id, claim, at.rig.time.now),
        { name: 'claim', sql: point, params: [id, claim.id], rows: 1 },
      ],
      entries: [],
    });
    at.rig.deps.masking.text = (text) => text.replaceAll('really', '████');
    const shown = await at.tickets.rendering(at.system(), id);
    assert.ok(shown.kind === 'done');
    assert.equal(shown.result.claim, 'fine\\u{202E}\\u{1B}[2K\n████');
    assert.ok(!shown.result.lines.join().includes('fine'));
  });

  it('approves nothing with a part hidden inside a text: refused it may be; who revealed it answers on its page (A4, I6)', async () => {
    const hidden = { kind: 'secret' as const, label: 'token', chars: 4, range: { start: 2, end: 6 } };
    const found = new Map([['/context/arguments/text', [hidden]]]);
    at.rig.deps.masking.redactions = () => found;
    at.rig.deps.masking.redactionsApart = async () => found;
    const id = await at.open('write', { text: 'a s3cr b' });
    const shown = await at.tickets.rendering(at.system(), id);
    assert.ok(shown.kind === 'done' && !shown.result.approvable.ok);
    assert.ok(!JSON.stringify(shown).includes('s3cr'));
    const asking = await at.shownTo(id);
    const denying = { ...asking, decision: 'denied' } as const;
    assert.equal(why(await at.tickets.ask(at.system(), { ...asking, proof: 'oidc' })), 'not_approvable');
    const { nonce } = await at.askOidc(denying);
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 0 });
    assert.notEqual(why(await at.handOver({ ...asking, proof: { id_token } })), 'done');
    assert.equal((await at.rig.requests.reveal(id, 'bob', 'must see the text')).kind, 'done');
    for (const each of [asking, denying]) {
      const asked = await at.tickets.ask(at.system(), { ...each, proof: 'oidc' });
      assert.ok(asked.kind === 'refused' && asked.why === 'not_allowed', JSON.stringify(asked));
      assert.match(asked.message, /revealed .* on its page/);
    }
    const again = await at.tickets.rendering(at.system(), id);
    assert.ok(
      again.kind === 'done' && !JSON.stringify(again).includes('s3cr'),
      'revealed to bob, not to jira',
    );
    await at.untouched(id);
  });

  it('not where answers are given on the page alone, nor for more risk than a card may take', async () => {
    const grave = await at.open('grave');
    const asking = await at.shownTo(grave);
    assert.equal(why(await at.tickets.ask(at.system(), { ...asking, proof: 'oidc' })), 'not_allowed');
    assert.equal(why(await at.tickets.ask(at.system(), { ...asking, proof: 'passkey' })), 'not_allowed');
    const id = await at.open();
    const other = await at.shownTo(id);
    const { nonce } = await at.askOidc(other);
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 0 });
    at.limits.answers_up_to = 'none';
    assert.equal(why(await at.tickets.ask(at.system(), { ...other, proof: 'oidc' })), 'not_allowed');
    assert.equal(why(await at.tickets.rendering(at.system(), id)), 'not_allowed');
    assert.equal(why(await at.handOver({ ...other, proof: { id_token } })), 'not_allowed');
    await at.untouched(id);
  });

  it('is not repeated in the log where nobody is called that (I7)', async () => {
    const asking = await at.shownTo(await at.open());
    for (const person of ['carol', 'their private words'])
      await at.handOver({ ...asking, person, proof: { id_token: 'x' } });
    const refused = (await at.statements()).filter(
      ({ predicate }) => predicate['change'] === 'relayed answer refused',
    );
    assert.deepEqual(
      refused.map(({ predicate }) => predicate['claimed']),
      ['carol', undefined],
    );
    assert.ok(!JSON.stringify(refused).includes('private words'));
  });

  it('leaves nothing to guess from once the request is erased (I7)', async () => {
    const id = await at.open();
    const asking = await at.shownTo(id);
    await at.askOidc(asking);
    await at.rig.answer(id, 'bob', { decision: 'denied' });
    const erased = await at.rig.requests.erase(id, 'dan', 'asked to');
    assert.equal(erased.kind, 'erased', JSON.stringify(erased));
    for (const table of ['ticket_shown', 'ticket_challenges'])
      assert.deepEqual(await at.rig.store.read({ sql: `SELECT * FROM ${table}`, params: [] }), [], table);
  });

  for (const [what, name, table] of [
    ['handed out', 'ticket-shown', 'ticket_shown'],
    ['asked about', 'ticket-question', 'ticket_challenges'],
  ] as const)
    it(`nor of one that is erased while it is read to be ${what} (I7)`, async (t) => {
      const id = await at.open();
      const asking = name === 'ticket-shown' ? undefined : await at.shownTo(id);
      const { store } = at.rig.deps;
      const { commit } = store;
      let erased = false;
      t.mock.method(store, 'commit', async (command: Parameters<typeof commit>[0]) => {
        if (command.name === name && !erased) {
          erased = true;
          await at.rig.answer(id, 'bob', { decision: 'denied' });
          assert.equal((await at.rig.requests.erase(id, 'dan', 'asked to')).kind, 'erased');
        }
        return commit(command);
      });
      const outcome =
        asking === undefined
          ? await at.tickets.rendering(at.system(), id)
          : await at.tickets.ask(at.system(), { ...asking, proof: 'oidc' });
      assert.equal(why(outcome), 'already_resolved');
      assert.ok(erased);
      assert.deepEqual(await store.read({ sql: `SELECT * FROM ${table}`, params: [] }), []);
    });

  it('not by a key another gateway took out: nothing is handed out to it, nothing asked for it (I8)', async () => {
    const asking = await at.shownTo(await at.open());
    const jira = at.system();
    const shown = () => at.rig.store.read({ sql: 'SELECT * FROM ticket_shown', params: [] });
    const acts = () => at.rig.store.read({ sql: 'SELECT * FROM ticket_acts', params: [] });
    const other = await at.open('write', { n: 2 });
    const before = [await shown(), await acts()];
    const { authority } = at.rig.deps;
    const { catchUp } = authority;
    const raise = (by: number) =>
      at.rig.store.commit({
        name: 'epoch',
        steps: [{ name: 'epoch', sql: 'UPDATE authority SET epoch = epoch + $1', params: [by], rows: 1 }],
        entries: [],
      });
    await raise(1);
    assert.equal(why(await at.tickets.rendering(jira, other)), 'wrong_state');
    assert.equal(why(await at.tickets.ask(jira, { ...asking, proof: 'oidc' })), 'wrong_state');
    assert.deepEqual([await shown(), await acts()], before);
    // Looked up, what is in force is this: then all of it goes on, or none.
    authority.catchUp = async () => (await raise(-1)).ok;
    assert.equal(why(await at.tickets.rendering(jira, other)), 'done');
    await raise(1);
    assert.equal(why(await at.tickets.ask(jira, { ...asking, proof: 'oidc' })), 'done');
    await raise(1);
    authority.catchUp = async () => {
      authority.catchUp = catchUp;
      await raise(-1);
      return at.rig.change({ config: ticketConfig(at.idp, { may: ['comment', 'relay'] }) });
    };
    assert.equal(why(await at.tickets.rendering(jira, other)), 'wrong_state');
    assert.equal(why(await at.tickets.ask(jira, { ...asking, proof: 'oidc' })), 'wrong_state');
  });

  it('so often an hour and no more; what is handed over unasked counts too', async () => {
    await at.rig.change({ config: ticketConfig(at.idp, { limits: { relays_per_hour: 2 } }) });
    const asking = await at.shownTo(await at.open());
    await at.askOidc(asking);
    assert.equal(why(await at.handOver({ ...asking, proof: { id_token: 'x' } })), 'proof_refused');
    assert.equal(why(await at.tickets.ask(at.system(), { ...asking, proof: 'oidc' })), 'too_many');
    assert.equal(why(await at.handOver({ ...asking, proof: { id_token: 'x' } })), 'too_many');
  });
});
