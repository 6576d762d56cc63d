/** What another gateway changed counts here too, for whatever a ticket system does (I8). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { CONFIG, createRig, held, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import { type Config, configSchema } from '../config/config.ts';
import { hashCredential, makeCredential } from '../identity/credential.ts';
import type { TicketSystem } from '../identity/ticketing.ts';
import { createTickets, type Tickets } from './tickets.ts';

const KEY = makeCredential('ticket');
const SAID = { author: 'Dana', text: 'not in the freeze' };

const config = (key: string): Config => {
  const keys = [{ hash: hashCredential(key), expires: '2099-01-01' }];
  const jira = { keys, may: ['comment', 'deny'], sees: 'all' };
  return { ...CONFIG, ticketing: configSchema.parse({ ticketing: { jira } }).ticketing };
};

let rig: Rig;
let tickets: Tickets;
let jira: TicketSystem;
let id: string;
beforeEach(async () => {
  rig = await createRig(policyOf({ write: { then: 'require', requirement: SEAT } }, '2b'.repeat(32)));
  const { requests } = rig;
  tickets = createTickets({ ...rig.deps, requests, answersUpTo: () => 'high', providers: new Map() });
  await rig.change({ config: config(KEY) });
  const found = tickets.admit(KEY);
  assert.ok('system' in found);
  jira = found.system;
  id = held(await rig.call('write', {})).id;
});
afterEach(() => rig.close());

/** What another gateway does to the number, which this one has not looked at. */
const raise = (by: number) =>
  rig.store.commit({
    name: 'epoch',
    steps: [{ name: 'epoch', sql: 'UPDATE authority SET epoch = epoch + $1', params: [by], rows: 1 }],
    entries: [],
  });
/** What is loaded is told apart by its epoch alone here. */
const find = async (): Promise<boolean> => (await raise(-1)).ok;
const findKeyGone = (): Promise<boolean> => rig.change({ config: config(makeCredential('ticket')) });

const why = (outcome: { readonly kind: string; readonly why?: string }) => outcome.why ?? outcome.kind;
const detail = async () => {
  const found = await rig.requests.show(id, 'bob');
  assert.ok(found);
  return found;
};

for (const act of ['comment', 'deny'] as const) {
  it(`${act}: none under what another gateway has replaced; it looks what that is, and then does it`, async () => {
    await raise(1);
    assert.equal(why(await tickets[act](jira, id, SAID)), 'wrong_state');
    assert.deepEqual([(await detail()).status, (await detail()).ticket_notes], ['pending', undefined]);
    rig.deps.authority.catchUp = find;
    assert.equal(why(await tickets[act](jira, id, SAID)), 'done');
  });

  it(`${act}: none by a key another gateway took out`, async () => {
    const { catchUp } = rig.deps.authority;
    await raise(1);
    rig.deps.authority.catchUp = async () => {
      rig.deps.authority.catchUp = catchUp;
      return (await find()) && findKeyGone();
    };
    assert.equal(why(await tickets[act](jira, id, SAID)), 'wrong_state');
    assert.deepEqual(tickets.admit(KEY), { reason: 'unknown' });
    assert.deepEqual([(await detail()).status, (await detail()).ticket_notes], ['pending', undefined]);
  });
}

it('such a key is shown nothing more, though nothing is committed when it is', async () => {
  rig.deps.authority.catchUp = findKeyGone;
  assert.equal(why(await tickets.show(jira, id)), 'wrong_state');
});
