/** A person's passkey, used on a page of the ticket system that hands their answer over, and on no other (A13, A15–A17). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Statement } from '@countersign/core';
import type { Twist } from '../../../testing/authenticator.ts';
import {
  forEachTest,
  JIRA,
  type Over,
  type Relays,
  ticketConfig,
  why,
} from '../../../testing/relay-house.ts';
import { createFindings } from '../../audit/verify/report.ts';
import { Story } from '../../audit/verify/story.ts';

let at: Relays;
forEachTest((relays) => {
  at = relays;
});

describe('a passkey’s signature, made on the ticket system’s page', () => {
  async function signOn(origin: string, { over = {}, twist = {} }: { over?: Over; twist?: Twist } = {}) {
    const { authenticator } = await at.passkeys.give('bob');
    const id = await at.open('signed');
    const asking = await at.shownTo(id);
    const asked = await at.tickets.ask(at.system(), { ...asking, proof: 'passkey' });
    assert.ok(asked.kind === 'done' && asked.result.proof === 'passkey', JSON.stringify(asked));
    const signature = authenticator.get(asked.result.challenge, { origin, ...twist });
    return { id, answer: { ...asking, ...over, proof: { signature } } };
  }

  it('meets a rule that asks for one, and runs what was approved', async () => {
    const { id, answer } = await signOn(JIRA);
    const taken = await at.handOver(answer);
    assert.ok(taken.kind === 'done' && taken.result.status === 'approved', JSON.stringify(taken));
    const [review] = (await at.rig.requests.show(id, 'carol'))?.reviews ?? [];
    assert.deepEqual([review?.signed, review?.relayed], [true, { by: 'jira', proof: 'passkey' }]);
    const entry = (await at.statements()).find(({ predicateType }) => predicateType.includes(':review:'));
    assert.deepEqual(entry?.predicate['relayed'], { by: 'jira', proof: 'passkey', origin: JIRA });
    assert.equal((await at.rig.call('signed')).kind, 'permitted');
  });

  it('is checked from the log alone, on the page the entry names and on no other (A24)', async () => {
    const { answer } = await signOn(JIRA);
    assert.equal(why(await at.handOver(answer)), 'done');
    await at.rig.call('signed');
    const entries = await at.statements();
    const told = (relayed?: object): readonly string[] => {
      const findings = createFindings();
      const story = new Story(findings);
      entries.forEach((statement, index) => {
        const { relayed: was, ...rest } = statement.predicate;
        const over = was === undefined ? statement.predicate : { ...rest, ...relayed };
        story.add({ ...statement, predicate: over as Statement['predicate'] }, index);
      });
      return findings.list.map(({ detail }) => detail);
    };
    assert.deepEqual(told({ relayed: { by: 'jira', proof: 'passkey', origin: JIRA } }), []);
    assert.match(told().join(), /it was made for another site/);
    const elsewhere = { by: 'jira', proof: 'passkey', origin: 'https://evil.example' };
    assert.match(told({ relayed: elsewhere }).join(), /it was made for another site/);
  });

  for (const [name, origin] of [
    ['another site', 'https://evil.example'],
    ['another ticket system', 'https://snow.example.com'],
    ['our own console', 'http://localhost:7070'],
  ] as const)
    it(`made on the page of ${name} is none`, async () => {
      const { id, answer } = await signOn(origin);
      assert.equal(why(await at.handOver(answer)), 'proof_refused');
      await at.untouched(id);
      assert.ok((await at.changesOf(id)).includes('relayed answer refused'));
    });

  for (const [name, over, twist] of [
    ['for the other decision', { decision: 'denied' as const }, {}],
    ['with other words', { reason: 'I checked' }, {}],
    ['in another’s name', { person: 'carol' }, {}],
    ['inside another page', {}, { crossOrigin: true }],
    ['without a finger', {}, { flags: 0x01 }],
    ['with another site’s keys', {}, { rp_id: 'jira.example.com' }],
  ] as const)
    it(`${name} is none`, async () => {
      const { id, answer } = await signOn(JIRA, { over, twist });
      assert.equal(why(await at.handOver(answer)), 'proof_refused');
      await at.untouched(id);
    });

  it('is handed over once, by the system that asked', async () => {
    const { id, answer } = await signOn(JIRA);
    assert.equal(why(await at.handOver(answer, at.system('snow'))), 'proof_refused');
    assert.equal(why(await at.handOver(answer)), 'done');
    assert.equal(why(await at.handOver(answer)), 'already_resolved');
    assert.equal((await at.rig.requests.show(id, 'carol'))?.reviews.length, 1);
  });

  it('from the console’s own challenge is none of a ticket system’s, nor the reverse', async () => {
    const { authenticator } = await at.passkeys.give('bob');
    const id = await at.open('signed');
    const asked = await at.passkeys.challengeFor(id, 'bob');
    assert.ok(asked.kind === 'asked');
    const asking = await at.shownTo(id);
    const stolen = authenticator.get(asked.challenge, { origin: JIRA });
    assert.equal(why(await at.handOver({ ...asking, proof: { signature: stolen } })), 'proof_refused');
    const theirs = await at.tickets.ask(at.system(), { ...asking, proof: 'passkey' });
    assert.ok(theirs.kind === 'done' && theirs.result.proof === 'passkey');
    const signature = authenticator.get(theirs.result.challenge);
    const outcome = await at.rig.answer(id, 'bob', { session: 'sha256:the-session', signature });
    assert.equal(outcome.kind, 'refused');
    await at.untouched(id);
  });

  it('no longer counts once its page is none of a ticket system’s (A10)', async () => {
    const { answer } = await signOn(JIRA);
    assert.equal(why(await at.handOver(answer)), 'done');
    await at.rig.change({ config: ticketConfig(at.idp, { origins: ['https://other.example.com'] }) });
    assert.notEqual((await at.rig.call('signed')).kind, 'permitted');
  });

  it('crowds out nothing the person is about to sign in the console', async () => {
    const { authenticator } = await at.passkeys.give('bob');
    const id = await at.open('signed');
    const own = await at.passkeys.challengeFor(id, 'bob');
    assert.ok(own.kind === 'asked');
    const asking = await at.shownTo(id);
    for (let n = 0; n < 30; n += 1) await at.tickets.ask(at.system(), { ...asking, proof: 'passkey' });
    const signature = authenticator.get(own.challenge);
    const outcome = await at.rig.answer(id, 'bob', { session: 'sha256:the-session', signature });
    assert.equal(outcome.kind, 'recorded', JSON.stringify(outcome));
  });
});
