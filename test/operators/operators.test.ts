// Accepting tools, and how many operators it takes (I13): over the API and the command line, with one operator and with two.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Tool } from '@countersign/sdk';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { until } from '../../gateway/testing/until.ts';
import { runWith } from '../cli/house.ts';
import { OPEN, openYard, type Yard } from '../gateway/yard.ts';
import { type Operated, openOperated } from './house.ts';

const TOOL = 'test_simple_text';
const CLOSED = `version: 1\nrules:\n${OPEN}\n`;

describe('accepting a tool where two operators are needed', () => {
  let house: Operated;
  beforeEach(async () => {
    house = await openOperated();
  });
  afterEach(() => house.yard.close());

  const tool = async (): Promise<Tool> => {
    const found = (await (await house.as('bob')).tools.list()).items.find((each) => each.tool === TOOL);
    assert.ok(found);
    return found;
  };
  const accept = async (person: string, as: 'read' | 'write' = 'read') =>
    (await house.as(person)).tools.accept('tools', TOOL, { pin: (await tool()).pin, class: as });

  it('A13: waits for an operator who did not ask, then is made once and by itself', async () => {
    const held = await accept('alice');
    const id = held?.request_id ?? '';
    assert.equal(held?.status, 'pending');
    assert.equal((await accept('alice'))?.request_id, id, 'asked again, it is the same request');
    const detail = await (await house.as('olga')).requests.show(id);
    assert.deepEqual(
      [detail.action, detail.subject, detail.eligibility.eligible],
      ['countersign.tools.accept', 'alice', true],
    );
    await assert.rejects(house.answer('alice', id), /asked for in your name/);
    await assert.rejects(house.answer('bob', id), /reviewer|operator|other groups/);
    assert.equal((await tool()).class, 'write');
    await house.answer('olga', id);
    await until('it is accepted', async () => (await tool()).class === 'read');
    assert.equal((await tool()).accepted_by, 'alice');
    const [entry] = (await (await house.as('bob')).log.lookUp({ kind: 'tool-change' })).items;
    const { statement } = await (await house.as('bob')).log.entry(entry?.event_id ?? '');
    assert.deepEqual((statement['predicate'] as { readonly review: object }).review, {
      request_id: id,
      reviewers: ['olga'],
    });
    assert.notEqual((await accept('alice', 'write'))?.request_id, id, 'another change is asked anew');
    await house.verifies();
  });

  it('a rule of the policy asks for more, never for less', async () => {
    const rule = `${CLOSED}  - { id: anything, about: operators may, on: countersign, then: allow }
  - { id: tools-two, about: tools also take a reviewer, on: countersign, when: countersign.change == "countersign.tools.accept", then: require, approve: [{ by: "person:bob" }] }
`;
    await house.yard.writePolicy(rule);
    const { id } = await house.onlyPending();
    await house.answer('alice', id);
    await house.answer('olga', id);
    await until('it is in force', async () =>
      (await (await house.as('bob')).policy.show()).rules.some((rule) => rule.id === 'tools-two'),
    );
    const asked = (await accept('olga'))?.request_id ?? '';
    assert.equal((await house.answer('bob', asked)).status, 'pending', 'the floor stands beneath the rule');
    assert.equal((await house.answer('alice', asked)).status, 'approved');
    await until('it is accepted', async () => (await tool()).class === 'read');
    await house.yard.writePolicy(CLOSED);
    assert.equal(
      (await house.onlyPending()).action,
      'countersign.policy.change',
      'allowed by a rule, and yet asked',
    );
  });

  it('on the command line: says whom it waits for, waits for them, and ends with what became of it', async () => {
    const url = `http://localhost:${new URL(house.yard.house.gateway.url).port}`;
    const run = (person: string, ...words: string[]) =>
      runWith(
        {
          tty: false,
          env: { XDG_CONFIG_HOME: path.join(house.yard.dir, 'home', person), COUNTERSIGN_URL: url },
          cwd: house.yard.dir,
        },
        words,
      );
    const link = await house.yard.house.gateway.links.write('alice', 'test');
    assert.equal((await run('alice', 'login', '--link-file', link?.path ?? '')).code, EXIT.ok);
    const words = ['tools', 'accept', 'tools', TOOL, '--pin', (await tool()).pin, '--class', 'read'];
    const first = await run('alice', ...words);
    assert.equal(first.code, EXIT.no, first.err);
    assert.match(first.out, /Not made yet: .*\n.*countersign requests show req_/);
    const waiting = run('alice', ...words, '--wait');
    const { id } = await house.onlyPending();
    await house.answer('olga', id);
    assert.deepEqual([(await waiting).code, (await waiting).out], [EXIT.ok, 'Agreed, and made.\n']);
    const shown = await run('alice', 'operators', 'show');
    assert.match(shown.out, /takes two operators\.\nWhy: two operators have been active/);
    assert.match(shown.out, /Active operators: alice, olga/);
    const less = run('alice', 'operators', 'need', '1', '--wait');
    await house.answer('olga', (await house.onlyPending()).id, 'denied');
    assert.deepEqual([(await less).code, (await less).out], [EXIT.no, 'Not made: the request is denied.\n']);
  });

  it('that one is enough, two agree; that two are needed again, one may say', async () => {
    const alice = await house.as('alice');
    const held = await alice.operators.need({ needed: 1 });
    const id = held?.request_id ?? '';
    await assert.rejects(house.answer('alice', id), /asked for in your name/);
    assert.equal((await alice.operators.show()).needed, 2);
    await house.answer('olga', id);
    await until('one is enough', async () => (await alice.operators.show()).needed === 1);
    assert.match((await alice.operators.show()).why, /two operators agreed that one is enough/);
    await house.yard.restart();
    assert.equal((await alice.operators.show()).needed, 1, 'and stays so, though two are active');
    assert.equal(await accept('alice'), undefined);
    const [entry] = (await alice.log.lookUp({ kind: 'tool-change' })).items;
    const { statement } = await alice.log.entry(entry?.event_id ?? '');
    assert.match(JSON.stringify(statement['predicate']), /one is enough: no second person saw this/);
    assert.equal(await alice.operators.need({ needed: 2 }), undefined);
    assert.equal((await accept('alice', 'write'))?.status, 'pending');
    await house.verifies();
  });
});

describe('where there has only ever been one operator', () => {
  let yard: Yard;
  before(async () => {
    yard = await openYard();
  });
  after(() => yard.close());

  it('one is enough, and every change says plainly that nobody else saw it', async () => {
    const alice = await yard.house.signIn('alice');
    assert.deepEqual(await alice.operators.show(), {
      needed: 1,
      why: 'one operator: no second person saw this',
      operators: ['alice'],
    });
    await assert.rejects(alice.operators.need({ needed: 2 }), /not two active operators/);
    await yard.writePolicy(CLOSED);
    await until('it is in force', async () => (await alice.policy.show()).rules.length === 1);
    assert.equal((await alice.policy.show()).unseen, 'one operator: no second person saw this');
    for (const kind of ['tool-change', 'policy-change'] as const) {
      const found = (await alice.log.lookUp({ kind })).items[0];
      const { statement } = await alice.log.entry(found?.event_id ?? '');
      assert.match(JSON.stringify(statement['predicate']), /one operator: no second person saw this/, kind);
    }
  });
});
