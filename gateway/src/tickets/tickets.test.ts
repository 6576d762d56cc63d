/** What a ticket system's own key may do: say something, and stop something. Never more, whatever it sends. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createSignedRig } from '../../testing/passkeys.ts';
import { CONFIG, held, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import { type Config, configSchema } from '../config/config.ts';
import { hashCredential, makeCredential } from '../identity/credential.ts';
import type { TicketSystem } from '../identity/ticketing.ts';
import { createTickets, type Tickets } from './tickets.ts';

const partsOf = (rig: Rig) => ({
  ...rig.deps,
  requests: rig.requests,
  answersUpTo: () => 'high' as const,
  providers: new Map(),
});

const KEY = makeCredential('ticket');
const OTHER = makeCredential('ticket');
const key = (text: string) => [{ hash: hashCredential(text), expires: '2099-01-01' }];

const config = (over: object = {}): Config => ({
  ...CONFIG,
  ticketing: configSchema.parse({
    ticketing: {
      jira: {
        keys: key(KEY),
        may: ['comment', 'deny'],
        sees: 'all',
        url: 'https://jira.example.com/browse/',
        ...over,
      },
      snow: { keys: key(OTHER), sees: { environments: ['prod'] } },
    },
  }).ticketing,
});

const RULES = { write: { then: 'require' as const, requirement: SEAT } };

let rig: Rig;
let statements: Awaited<ReturnType<typeof createSignedRig>>['statements'];
let tickets: Tickets;
beforeEach(async () => {
  ({ rig, statements } = await createSignedRig(policyOf(RULES, '2b'.repeat(32))));
  tickets = createTickets(partsOf(rig));
  await rig.change({ config: config() });
});
afterEach(() => rig.close());

function system(text = KEY): TicketSystem {
  const found = tickets.admit(text);
  assert.ok('system' in found, JSON.stringify(found));
  return found.system;
}
const open = async (args: object = {}): Promise<string> => held(await rig.call('write', { ...args })).id;
const detail = async (id: string) => {
  const found = await rig.requests.show(id, 'bob');
  assert.ok(found);
  return found;
};
const seen = async (id: string) => {
  const shown = await tickets.show(system(), id);
  assert.ok(shown.kind === 'done', JSON.stringify(shown));
  return shown.result;
};
const SAID = { author: 'Dana', text: 'not in the freeze', ticket: { key: 'OPS-12' } };
const kindsOf = async (id: string) =>
  (await statements()).filter(({ predicate }) => predicate.task_id === id).map(({ predicate }) => predicate);
const why = (outcome: { readonly kind: string; readonly why?: string }) => outcome.why ?? outcome.kind;

describe('the key of a ticket system', () => {
  it('is of its own kind, and runs out', () => {
    assert.deepEqual(tickets.admit(makeCredential('ticket')), { reason: 'unknown' });
    for (const kind of ['agent', 'cli', 'browser', 'scim'] as const)
      assert.deepEqual(tickets.admit(makeCredential(kind)), { reason: 'wrong_kind' });
    rig.time.now = Date.parse('2099-01-01');
    assert.deepEqual(tickets.admit(KEY), { reason: 'expired' });
  });

  it('opens no agent’s door', async () => {
    assert.deepEqual(rig.authority.current().agents.byKey(KEY, rig.time.now), { reason: 'wrong_kind' });
  });

  it('is paced', async () => {
    await rig.change({ config: config({ limits: { requests_per_minute: 2 } }) });
    system();
    system();
    assert.deepEqual(tickets.admit(KEY), { reason: 'too_many', retry_after_s: 30 });
  });

  it('sees nothing of what its configuration does not name, and learns as little as of nothing', async () => {
    const id = await open();
    const snow = system(OTHER);
    assert.equal(why(await tickets.show(snow, id)), 'unknown');
    assert.equal(why(await tickets.comment(snow, id, SAID)), 'unknown');
    assert.equal(why(await tickets.deny(snow, id, SAID)), 'unknown');
    assert.equal(why(await tickets.show(system(), 'req_00000000000000000000000000')), 'unknown');
  });

  it('sees no change of the gateway itself, not even with `all`: a stolen key must not keep itself in', () => {
    assert.equal(system().sees({ upstream: 'countersign', env: 'gateway' }), false);
  });

  it('sees what an agent named written out: nothing that hides or turns text round (A3)', async () => {
    const name = 'wr\u202eite\n';
    await rig.change({ policy: policyOf({ ...RULES, [name]: RULES.write }, '2d'.repeat(32)) });
    const { id } = held(await rig.call(name, {}));
    const shown = await seen(id);
    assert.equal(shown.resource, 'wr\\u{202E}ite\\u{A}');
    assert.doesNotMatch(shown.sentence, /[\u202e\n]/);
  });

  it('sees a sentence and how it stands, and what it may do', async () => {
    const id = await open({ path: '/a' });
    const shown = await seen(id);
    assert.equal(shown.status, 'pending');
    assert.match(shown.sentence, /write on files \(dev\): path = “\/a”/);
    assert.deepEqual(shown.may, ['comment', 'deny']);
    assert.equal(shown.link, `http://localhost:7070/requests/${id}`);
  });
});

describe('a comment', () => {
  it('is a claim beside the request: on the record, and no answer', async () => {
    const id = await open();
    const done = await tickets.comment(system(), id, { ...SAID, text: 'approved, go ahead' });
    assert.equal(done.kind, 'done');
    const shown = await detail(id);
    assert.equal(shown.status, 'pending');
    assert.deepEqual(shown.reviews, []);
    assert.deepEqual(shown.quorum.filled, 0);
    assert.deepEqual(shown.ticket_notes, [
      {
        system: 'jira',
        kind: 'comment',
        at: rig.time.now,
        author: 'Dana',
        text: 'approved, go ahead',
        ticket: { key: 'OPS-12' },
      },
    ]);
    assert.ok(shown.timeline.some(({ summary }) => summary === 'comment by the ticket system jira'));
    const [said] = (await kindsOf(id)).filter(({ change }) => change === 'ticket comment');
    assert.equal(said?.['ticketing'], 'jira');
    assert.ok(!JSON.stringify(await kindsOf(id)).includes('go ahead'), 'its words are only committed to');
  });

  it('is cleaned of controls; what cannot be seen stays, to be shown as such (A2, A3)', async () => {
    const id = await open();
    const text = '\u001b[2Kok\u0000\r\nthen\u202e txt';
    await tickets.comment(system(), id, { author: ' Da\nna\u0007 ', text });
    const [note] = (await detail(id)).ticket_notes ?? [];
    assert.deepEqual([note?.author, note?.text], ['Da na', '[2Kok\nthen\u202e txt']);
  });

  it('is blanked wherever it carries a secret, and so is a refusal, to people and to the agent (A23, I7)', async () => {
    const { masking } = rig.deps;
    masking.text = (text) => text.replaceAll('s3cret', '████');
    const id = await open();
    const url = 'https://jira.example.com/browse/OPS-1';
    const said = { author: 'Dana s3cret', text: 'use s3cret' };
    await tickets.comment(system(), id, { ...said, ticket: { key: 'OPS s3cret', url: `${url}?t=s3cret` } });
    rig.time.now += 1;
    await tickets.deny(system(), id, { ...said, ticket: { key: 'OPS-1', url } });
    const blank = { author: 'Dana ████', text: 'use ████' };
    assert.deepEqual(
      (await detail(id)).ticket_notes?.map(({ author, text, ticket }) => ({ author, text, ticket })),
      [
        { ...blank, ticket: { key: 'OPS ████' } },
        { ...blank, ticket: { key: 'OPS-1', url } },
      ],
    );
    assert.equal(JSON.stringify(await rig.call('write')).includes('s3cret'), false);
    masking.text = (text) => text.replaceAll('write', '████');
    assert.equal((await seen(id)).resource, '████');
  });

  it('with nothing in it is none', async () => {
    const id = await open();
    assert.equal(why(await tickets.comment(system(), id, { author: 'Dana', text: '\u0000 ' })), 'bad_ticket');
  });

  for (const [name, url] of [
    ['another site', 'https://evil.example/browse/OPS-1'],
    ['a name before it', 'https://jira.example.com@evil.example/browse/OPS-1'],
    ['a way out of the folder', 'https://jira.example.com/browse/../login?next=//evil.example'],
    ['a script', 'javascript:alert(1)//https://jira.example.com/browse/'],
    ['plain http', 'http://jira.example.com/browse/OPS-1'],
    ['another port', 'https://jira.example.com:8443/browse/OPS-1'],
    ['not what a browser would write', 'https://jira.example.com/browse/ OPS-1'],
  ] as const)
    it(`leads to no ${name} (A2)`, async () => {
      const id = await open();
      const outcome = await tickets.comment(system(), id, { ...SAID, ticket: { key: 'OPS-1', url } });
      assert.equal(why(outcome), 'bad_ticket');
    });

  it('leads to its ticket', async () => {
    const id = await open();
    const ticket = { key: 'OPS-1', url: 'https://jira.example.com/browse/OPS-1' };
    await tickets.comment(system(), id, { ...SAID, ticket });
    assert.deepEqual((await detail(id)).ticket_notes?.[0]?.ticket, ticket);
  });

  it('leads below what is configured by whole names of the path, with a slash at its end or without (A2)', async () => {
    for (const folder of ['/browse', '/browse/']) {
      await rig.change({ config: config({ url: `https://jira.example.com${folder}` }) });
      const id = await open({ folder });
      const said = async (path: string): Promise<string> => {
        const url = `https://jira.example.com${path}`;
        return why(await tickets.comment(system(), id, { ...SAID, ticket: { key: 'OPS-1', url } }));
      };
      assert.equal(await said('/browse-anything'), 'bad_ticket', folder);
      assert.equal(await said('/browse.evil/OPS-1'), 'bad_ticket', folder);
      assert.equal(await said('/browse/OPS-1'), 'done', folder);
      assert.equal(await said(folder), 'done', folder);
    }
    await rig.change({ config: config({ url: 'https://jira.example.com' }) });
    const ticket = { key: 'OPS-1', url: 'https://jira.example.com/browse/OPS-1' };
    assert.equal(why(await tickets.comment(system(), await open(), { ...SAID, ticket })), 'done');
  });

  it('is one of so many within an hour, on any number of nodes; the rest is told so, and recorded once', async () => {
    await rig.change({ config: config({ limits: { comments_per_hour: 2 } }) });
    const id = await open();
    const nodes = [createTickets(partsOf(rig)), createTickets(partsOf(rig))];
    const asked = await Promise.all(
      [0, 1, 0, 1, 0].map((at) => (nodes[at] ?? tickets).comment(system(), id, SAID)),
    );
    assert.deepEqual(asked.map(why).sort(), ['done', 'done', 'too_many', 'too_many', 'too_many']);
    const over = (await statements()).filter(
      ({ predicate }) => predicate['change'] === 'ticketing over its limit',
    );
    assert.equal(over.length, 1);
    rig.time.now += 3_600_000;
    assert.equal(why(await tickets.comment(system(), await open({ n: 2 }), SAID)), 'done');
  });

  it('is not crowded out by what was not taken (A19)', async () => {
    await rig.change({ config: config({ limits: { denials_per_hour: 1000 } }) });
    const id = await open();
    await rig.answer(id, 'bob', { decision: 'denied' });
    for (let n = 0; n < 201; n += 1) await tickets.deny(system(), id, SAID);
    rig.time.now += 1;
    assert.equal(why(await tickets.comment(system(), id, SAID)), 'done');
    assert.equal((await detail(id)).ticket_notes?.length, 1);
  });

  it('is no wall of lines: a hundred, and what is more stands in the last (A21)', async () => {
    const id = await open();
    await tickets.comment(system(), id, { author: 'Dana', text: `a${'\n \n'.repeat(900)}b` });
    rig.time.now += 1;
    await tickets.comment(system(), id, { author: 'Dana', text: 'x\n'.repeat(1_999) });
    const [blank, many] = (await detail(id)).ticket_notes ?? [];
    assert.equal(blank?.text, 'a\n\nb');
    assert.equal(many?.text.split('\n').length, 100);
    assert.equal(many?.text.replaceAll(/\s/g, '').length, 1_999, 'nothing of it is lost');
  });

  it('is one of a hundred on a request', async () => {
    const id = await open();
    for (let n = 0; n < 100; n += 1) await tickets.comment(system(), id, SAID);
    assert.equal(why(await tickets.comment(system(), id, SAID)), 'wrong_state');
  });

  it('may be said when it is over, and goes with its clear text', async () => {
    const id = await open();
    await rig.answer(id, 'bob', { decision: 'denied' });
    assert.equal(why(await tickets.comment(system(), id, SAID)), 'done');
    const erased = await rig.requests.erase(id, 'dan', 'asked to');
    assert.equal(erased.kind, 'erased', JSON.stringify(erased));
    assert.equal((await detail(id)).ticket_notes, undefined);
    assert.equal(why(await tickets.comment(system(), id, SAID)), 'wrong_state');
  });

  it('is not taken where the configuration does not say so', async () => {
    const id = await open();
    await rig.change({ config: config({ may: ['deny'] }) });
    assert.equal(why(await tickets.comment(system(), id, SAID)), 'not_allowed');
  });
});

describe('a refusal by a ticket system', () => {
  it('ends the request as refused by the system, and by nobody else', async () => {
    const id = await open();
    const done = await tickets.deny(system(), id, SAID);
    assert.equal(done.kind, 'done');
    const shown = await detail(id);
    assert.deepEqual([shown.status, shown.refused_by, shown.reviews], ['denied', 'jira', []]);
    assert.equal(shown.ticket_notes?.[0]?.kind, 'refusal');
    assert.ok(shown.timeline.some(({ summary }) => summary === 'request refused by the ticket system jira'));
    const entries = await statements();
    const ended = entries.find(({ predicate }) => predicate['status'] === 'denied');
    assert.equal(ended?.predicate['by'], 'ticketing:jira');
    assert.ok(!entries.some(({ predicateType }) => predicateType.includes(':review:')), 'nobody reviewed');
    const reviewed = await rig.store.read({
      sql: 'SELECT reviewer FROM entries WHERE reviewer IS NOT NULL AND request_id = $1',
      params: [id],
    });
    assert.deepEqual(reviewed, []);
    assert.equal((await rig.call('write')).kind, 'refused', 'the same call again is refused');
  });

  it('given again changes nothing and says so; late ones are told so, and recorded (A17, I5)', async () => {
    const id = await open();
    await tickets.deny(system(), id, SAID);
    const before = (await statements()).length;
    const again = await tickets.deny(system(), id, { ...SAID, text: 'other words' });
    assert.ok(again.kind === 'done' && again.result.already);
    assert.equal((await statements()).length, before);
    assert.equal((await rig.answer(id, 'bob')).kind, 'refused');

    const approved = await open({ n: 2 });
    await rig.answer(approved, 'bob');
    const late = await tickets.deny(system(), approved, SAID);
    assert.ok(late.kind === 'refused' && late.why === 'already_resolved' && late.status === 'approved');
    assert.equal((await detail(approved)).status, 'approved');
    assert.ok((await kindsOf(approved)).some(({ change }) => change === 'ticket refusal too late'));
    assert.equal((await rig.call('write', { n: 2 })).kind, 'permitted', 'what people approved still runs');
  });

  it('comes too late after the time is up, swept or not', async () => {
    const id = await open();
    rig.time.now += 60_000;
    const late = await tickets.deny(system(), id, SAID);
    assert.ok(late.kind === 'refused' && late.status === 'expired');
    assert.equal((await detail(id)).status, 'pending', 'the sweeper ends it, as expired');
  });

  it('of thirty-two at once is one', async () => {
    const id = await open();
    const asked = await Promise.all(Array.from({ length: 32 }, () => tickets.deny(system(), id, SAID)));
    const fresh = asked.filter((each) => each.kind === 'done' && !each.result.already);
    assert.equal(fresh.length, 1);
    assert.equal((await kindsOf(id)).filter(({ status }) => status === 'denied').length, 1);
  });

  it('with a stolen key stops no more than an hour’s worth; late ones are counted apart, and take none of it', async () => {
    await rig.change({
      config: config({ limits: { denials_per_hour: 2 } }),
      policy: policyOf(RULES, '2c'.repeat(32)),
    });
    const [first, second, over_by_then] = [await open({ n: 1 }), await open({ n: 2 }), await open({ n: 4 })];
    await rig.answer(over_by_then, 'bob');
    const late = async (): Promise<string> => why(await tickets.deny(system(), over_by_then, SAID));
    assert.deepEqual(
      [await late(), await late(), await late()],
      ['already_resolved', 'already_resolved', 'too_many'],
    );
    assert.equal(why(await tickets.deny(system(), first, SAID)), 'done');
    assert.equal(why(await tickets.deny(system(), second, SAID)), 'done');
    const third = await open({ n: 3 });
    const over = await tickets.deny(system(), third, SAID);
    assert.ok(over.kind === 'refused' && over.why === 'too_many' && over.retry_after_s === 3600);
    assert.equal(await late(), 'too_many');
    assert.equal((await detail(third)).status, 'pending');
    assert.equal((await rig.answer(third, 'bob')).kind, 'recorded');
  });

  it('is not taken where the configuration does not say so, nor by a key taken out meanwhile (I8)', async () => {
    const id = await open();
    const jira = system();
    await rig.change({ config: config({ may: ['comment'] }) });
    assert.equal(why(await tickets.deny(system(), id, SAID)), 'not_allowed');
    assert.equal(why(await tickets.deny(jira, id, SAID)), 'wrong_state');
    assert.equal((await detail(id)).status, 'pending');
  });
});
