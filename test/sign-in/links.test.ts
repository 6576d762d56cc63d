/** Accounts linked to people through the whole gateway: by command line and API, with a real provider, and what attackers make of it (I13, A13). */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type Account,
  type Client,
  everyItem,
  type HeldChange,
  type Me,
  type Page,
  type RequestDetail,
} from '@countersign/sdk';
import { dispatch } from '../../gateway/src/cli/dispatch/dispatch.ts';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { createTerminal } from '../../gateway/testing/terminal.ts';
import { until } from '../../gateway/testing/until.ts';
import { callHeld, ranOf } from '../gateway/yard.ts';
import { type House, openSignInHouse, type SignedIn } from './house.ts';

let house: House;
let home: string;
let alice: Client;
let bob: Client;
let olga: SignedIn;
before(async () => {
  house = await openSignInHouse();
  home = await mkdtemp(path.join(tmpdir(), 'countersign-links-'));
  const { accounts } = house.idp;
  accounts.set('olga', { name: 'Olga', groups: ['idp-staff', 'idp-admins', 'idp-dba'] });
  accounts.set('evil', { name: 'Evil', groups: [] });
  accounts.set('double', { name: 'Double', groups: ['idp-staff', 'idp-dba'] });
  alice = await house.withLink('alice');
  bob = await house.withLink('bob');
  olga = await house.signIn('olga'); // the second operator there has been
  await until('two are needed', async () => (await alice.operators.show()).needed === 2);
});
after(async () => {
  await house.close();
  await rm(home, { recursive: true, force: true });
});

const at = (sub: string): string => `oidc:${house.idp.issuer}#${sub}`;
async function answer(person: SignedIn, id: string): Promise<number> {
  const shown = (await (await person.api(`/api/requests/${id}`)).json()) as RequestDetail;
  const { action_digest, rendered_digest } = shown;
  const body = { decision: 'approved', action_digest, rendered_digest };
  return (await person.api(`/api/requests/${id}/reviews`, { method: 'POST', body })).status;
}
async function agreed(held: HeldChange | undefined): Promise<void> {
  assert.ok(held, 'it waits for another operator');
  assert.equal(await answer(olga, held.request_id), 201);
  await until('it is made', async () => {
    const { executions } = await alice.requests.show(held.request_id);
    return executions.some(({ status }) => status === 'succeeded');
  });
}
const meOf = async (person: SignedIn): Promise<Me> => (await (await person.api('/api/me')).json()) as Me;
const accountsOf = async (person: string): Promise<readonly Account[]> =>
  (await alice.accounts.list({ person })).items;

const call = (): Promise<string | undefined> => callHeld(house.yard);
const ran = (): number => ranOf(house.yard);

describe('a hostile account linked to a reviewer (A13)', () => {
  it('is nobody until somebody else has agreed; neither who asked nor the reviewer can', async () => {
    assert.equal((await house.signIn('evil')).response.status, 403);
    const held = await alice.accounts.link('bob', { account: at('evil') });
    const id = held?.request_id ?? '';
    for (const person of [alice, bob]) {
      const { action_digest, rendered_digest, eligibility } = await person.requests.show(id);
      assert.equal(eligibility.eligible, false);
      const body = { decision: 'approved', action_digest, rendered_digest } as const;
      await assert.rejects(person.requests.review(id, body), { kind: 'not_eligible' });
    }
    assert.equal((await house.signIn('evil')).response.status, 403);
    await agreed(held);
  });

  it('signs in as that person from then on, and not for a moment after it is unlinked', async () => {
    const evil = await house.signIn('evil');
    assert.equal((await meOf(evil)).id, 'bob');
    assert.deepEqual(
      (await accountsOf('bob')).map(({ account, source, linked_by }) => [account, source, linked_by]),
      [[at('evil'), 'link', 'alice']],
    );
    await agreed(await alice.accounts.unlink('bob', { account: at('evil') }));
    assert.equal((await evil.api('/api/me')).status, 401);
    assert.equal((await bob.me()).id, 'bob', 'how he came in himself stays');
    assert.equal((await house.signIn('evil')).response.status, 403);
  });
});

it('A13: an owner cannot be unlinked from their other account to approve what waits; the account is one with them', async () => {
  const double = await house.signIn('double');
  const { id: person } = await meOf(double);
  await agreed(await alice.accounts.link('alice', { account: at('double') }));
  assert.equal((await double.api('/api/me')).status, 401, 'that person stands aside');
  assert.deepEqual(
    (await accountsOf(person)).map((each) => [each.person, each.known_as]),
    [['alice', person]],
  );
  const waiting = await call();
  assert.ok(waiting);
  // alice owns the agent. Another operator is talked into taking the two apart:
  await agreed(await alice.accounts.unlink('alice', { account: at('double') }));
  const back = await house.signIn('double');
  assert.equal((await meOf(back)).id, person);
  assert.equal(await answer(back, waiting), 403);
  const shown = (await (await back.api(`/api/requests/${waiting}`)).json()) as RequestDetail;
  assert.deepEqual(shown.eligibility, { eligible: false, why: 'owner' });
  assert.equal(ran(), 0);
});

it('an e-mail address is shown to who must agree, and stands in no entry of the log (I7)', async () => {
  const account = 'bob.private@corp.example';
  const held = await bob.accounts.link('bob', { account });
  const seen = JSON.stringify((await alice.requests.show(held?.request_id ?? '')).shown_action);
  assert.ok(seen.includes(account), seen);
  await agreed(held);
  assert.deepEqual(
    (await accountsOf('bob')).map((each) => each.account),
    [`email:${account}`],
  );
  await agreed(await bob.accounts.unlink('bob', { account }));
  const log: string[] = [];
  for await (const entry of everyItem((paging) => alice.log.lookUp(paging))) log.push(JSON.stringify(entry));
  for await (const entry of everyItem((paging) => alice.log.lookUp(paging)))
    log.push(JSON.stringify(await alice.log.entry(entry.event_id)));
  assert.ok(log.some((entry) => entry.includes('account unlinked')));
  assert.ok(!log.join().includes('bob.private'));
  assert.ok(!house.log.join().includes('bob.private'), 'nor a line of the gateway’s own');
});

describe('countersign people', () => {
  const run = async (person: string, ...words: string[]) => {
    const terminal = createTerminal({
      tty: false,
      env: { XDG_CONFIG_HOME: path.join(home, person), COUNTERSIGN_URL: house.url },
    });
    return { code: await dispatch(words, terminal.io), out: terminal.text, err: terminal.errors };
  };
  before(async () => {
    for (const person of ['alice', 'bob']) {
      house.ahead_ms += 10_000;
      const link = await house.gateway.links.write(person, 'test');
      assert.equal((await run(person, 'login', '--link-file', link?.path ?? '')).code, EXIT.ok);
    }
  });

  it('links one’s own account, as soon as an operator has agreed, and lists it', async () => {
    const asked = await run('bob', 'people', 'link', 'bob', '--account', 'slack:U024BE7LH', '--json');
    assert.equal(asked.code, EXIT.no, asked.err);
    await agreed(JSON.parse(asked.out) as HeldChange);
    const listed = await run('bob', 'people', 'list');
    assert.match(listed.out, /bob +slack:u024be7lh +linked by bob/);
    const { items } = JSON.parse((await run('alice', 'people', 'list', '--json')).out) as Page<Account>;
    assert.ok(items.some(({ account, person }) => account === 'slack:u024be7lh' && person === 'bob'));
    const undone = await run('bob', 'people', 'unlink', 'bob', '--account', 'slack:U024BE7LH', '--json');
    await agreed(JSON.parse(undone.out) as HeldChange);
    assert.deepEqual(await accountsOf('bob'), []);
  });

  it('shows nobody another’s, and links nothing for another', async () => {
    assert.equal((await run('bob', 'people', 'list', '--person', 'alice')).code, EXIT.refused);
    const other = await run('bob', 'people', 'link', 'alice', '--account', 'slack:U1');
    assert.equal(other.code, EXIT.refused);
    assert.match(other.err, /that is somebody else/);
  });

  it('says what is wrong with how it was asked', async () => {
    const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['link', 'bob'], EXIT.usage, /--account ACCOUNT is missing/],
      [['link', '--account', 'slack:U1'], EXIT.usage, /PERSON/],
      [['link', 'bob', '--account', 'bob'], EXIT.refused, /write its kind before it/],
      [['unlink', 'bob', '--account', 'slack:U1'], EXIT.refused, /not linked to this person/],
    ];
    for (const [words, code, says] of rows) {
      const told = await run('alice', 'people', ...words);
      assert.equal(told.code, code, told.err);
      assert.match(told.err, says);
    }
  });
});
