/** People come in through a provider, review by what it says of them, and stop when it says otherwise: the whole gateway. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LogEntry, Me, Page, RequestDetail, ReviewResult, Session } from '@countersign/sdk';
import { Browser } from '../../gateway/testing/idp.ts';
import { until } from '../../gateway/testing/until.ts';
import { callHeld, ranOf } from '../gateway/yard.ts';
import { begin, type House, openSignInHouse, type SignedIn } from './house.ts';

let house: House;
before(async () => {
  house = await openSignInHouse();
  const { accounts } = house.idp;
  accounts.set('erin', {
    name: 'Erin Secretname',
    email: 'erin@private.example',
    groups: ['idp-staff', 'idp-dba'],
  });
  accounts.set('finn', { name: 'Finn', groups: ['idp-staff', 'idp-dba'] });
  accounts.set('gail', { name: 'Gail', groups: ['idp-staff', 'idp-dba'] });
  accounts.set('outsider', { name: 'Outsider', groups: ['idp-dba'] });
});
after(() => house.close());

const me = async (person: SignedIn): Promise<Me> => (await (await person.api('/api/me')).json()) as Me;

const call = (): Promise<string | undefined> => callHeld(house.yard);
const ran = (): number => ranOf(house.yard);

async function answer(person: SignedIn, id: string, decision: 'approved' | 'denied'): Promise<Response> {
  const shown = (await (await person.api(`/api/requests/${id}`)).json()) as RequestDetail;
  const { action_digest, rendered_digest } = shown;
  return person.api(`/api/requests/${id}/reviews`, {
    method: 'POST',
    body: decision === 'approved' ? { decision, action_digest, rendered_digest } : { decision },
  });
}
const entries = async (): Promise<readonly LogEntry[]> => {
  const alice = await house.withLink('alice');
  return (await alice.log.lookUp({ kind: 'system', limit: 200 })).items;
};
/** Asks the provider about every session that is due, which happens by itself every few seconds. */
const recheck = (): void => {
  house.ahead_ms += 601_000;
};

describe('a person who signs in with the provider', () => {
  it('is a person here by (issuer, subject), with the groups and roles it says mean something', async () => {
    const erin = await house.signIn('erin');
    assert.equal(erin.response.status, 303);
    assert.equal(erin.response.headers.get('location'), '/sign-in');
    const { id, name, roles, groups, session } = await me(erin);
    assert.match(id, /^usr_[0-9a-z]{26}$/);
    assert.deepEqual(
      [name, roles, groups, session.provider],
      ['Erin Secretname', ['reviewer'], ['dba'], 'corp'],
    );
    const again = await house.signIn('erin');
    assert.equal((await me(again)).id, id);
  });

  it('reviews a held call by a group of the token; losing the group takes that away at once', async () => {
    const finn = await house.signIn('finn');
    const first = await call();
    assert.ok(first);
    const before = ran();
    const given = (await (await answer(finn, first, 'approved')).json()) as ReviewResult;
    assert.equal(given.status, 'approved');
    assert.equal(await call(), undefined, 'the approved call runs');
    assert.equal(ran(), before + 1);

    const second = await call();
    assert.ok(second);
    assert.equal(
      ((await (await answer(finn, second, 'approved')).json()) as ReviewResult).status,
      'approved',
    );
    const waiting = await house.withLink('bob');
    house.idp.accounts.set('finn', { name: 'Finn', groups: ['idp-staff'] });
    recheck();
    await until('the lost group is noticed', async () => (await me(finn)).groups.length === 0);
    const third = await call();
    assert.equal(ran(), before + 1, 'approved by somebody who is no DBA any more: it does not run');
    if (third !== undefined) {
      assert.notEqual(third, second);
      assert.equal((await answer(finn, third, 'approved')).status, 403);
    }
    assert.equal((await waiting.me()).id, 'bob');
  });

  it('is signed out when the provider no longer knows them, open streams included', async () => {
    const gail = await house.signIn('gail');
    const stream = await gail.api('/api/events');
    assert.equal(stream.status, 200);
    house.idp.accounts.delete('gail');
    recheck();
    for await (const _ of stream.body ?? []); // ends when the session does
    assert.equal((await gail.api('/api/me')).status, 401);
  });

  it('keeps nothing from a provider that has been silent too long, and loses nothing by a short silence', async () => {
    house.idp.accounts.set('hana', { name: 'Hana', groups: ['idp-staff'] });
    const hana = await house.signIn('hana');
    const asked = () => house.idp.asked.get('/token') ?? 0;
    const before = asked();
    house.idp.down = true;
    try {
      recheck();
      await until('it is asked and silent', () => asked() > before);
      assert.equal((await hana.api('/api/me')).status, 200);
      house.ahead_ms += 2 * 600_000;
      assert.equal((await hana.api('/api/me')).status, 401);
    } finally {
      house.idp.down = false;
    }
  });

  it('signs out here and is sent to sign out there', async () => {
    house.idp.accounts.set('ines', { name: 'Ines', groups: ['idp-staff'] });
    const ines = await house.signIn('ines');
    const answered = await ines.api('/api/sign-out', { method: 'POST' });
    const { continue_at = '' } = (await answered.json()) as { continue_at?: string };
    const url = new URL(continue_at);
    assert.equal(url.origin, house.idp.issuer);
    assert.equal(url.searchParams.get('post_logout_redirect_uri'), `${house.url}/sign-in`);
    assert.ok(url.searchParams.get('id_token_hint'));
    assert.equal((await ines.api('/api/me')).status, 401);
  });

  it('has shown who they are as late as the provider says, not when their session began (proof: recent)', async () => {
    const when = async ({ browser }: SignedIn) =>
      (await house.gateway.sessions.authenticate(browser.cookie(house.url, 'countersign') ?? ''))
        ?.authenticated_at;
    const browser = new Browser();
    assert.equal(await when(await house.signIn('erin', browser)), undefined);
    const fresh = await house.signIn('erin', browser, { fresh: true });
    assert.ok(Math.abs(Date.now() - ((await when(fresh)) ?? 0)) < 60_000);
  });

  it('comes in anew with a new session, and the old one of the same browser ends', async () => {
    const first = await house.signIn('erin');
    const token = first.browser.cookie(house.url, 'countersign') ?? '';
    await house.signIn('erin', first.browser);
    assert.notEqual(first.browser.cookie(house.url, 'countersign'), token);
    assert.equal(await house.gateway.sessions.authenticate(token), undefined);
  });

  it('is made inactive by an operator, and does not come back by signing in', async () => {
    house.idp.accounts.set('jude', { name: 'Jude', groups: ['idp-staff'] });
    const jude = await house.signIn('jude');
    const { id } = await me(jude);
    const alice = await house.withLink('alice');
    const listed = (await alice.sessions.list({ person: id })) as Page<Session>;
    assert.equal(listed.items.length, 1);
    await alice.reviewers.setActive(id, false);
    assert.equal((await jude.api('/api/me')).status, 401);
    const back = await house.signIn('jude');
    assert.equal(back.response.status, 403);
    assert.match(await back.response.text(), /not active[\s\S]*inactive/);
    await alice.reviewers.setActive(id, true);
    assert.equal((await house.signIn('jude')).response.status, 303);
  });
});

it('somebody the configuration makes inactive is out, and coming back signs in anew', async () => {
  const [bob, alice] = [await house.withLink('bob'), await house.withLink('alice')];
  const peopleActive = async (): Promise<number> =>
    (await alice.reviewers.list()).items.filter(({ active }) => active).length;
  const { yard } = house;
  const [on, off] = [
    'bob: { name: Bob, roles: [reviewer] }',
    'bob: { name: Bob, roles: [reviewer], active: false }',
  ];
  await yard.editConfig((text) => text.replace(on, off));
  await until('he is out', () =>
    bob.me().then(
      () => false,
      () => true,
    ),
  );
  const before = await peopleActive();
  await yard.editConfig((text) => text.replace(off, on));
  await until('he may come back', async () => (await peopleActive()) > before);
  await assert.rejects(bob.me(), { kind: 'not_signed_in' });
  assert.equal((await (await house.withLink('bob')).me()).id, 'bob');
});

describe('somebody who is not let in is told so plainly, and the operator why', () => {
  const rows: readonly [name: string, sub: string, account: object, want: string][] = [
    ['no role', 'kim', { groups: ['idp-dba'] }, 'no_role'],
    [
      'the address of somebody of the roster',
      'erin-two',
      { email: 'ERIN@private.example', groups: ['idp-staff'] },
      'same_email',
    ],
  ];
  for (const [name, sub, account, want] of rows)
    it(name, async () => {
      house.idp.accounts.set(sub, account);
      const { response, browser } = await house.signIn(sub);
      assert.equal(response.status, 403);
      const page = await response.text();
      assert.ok(page.includes(`oidc:${house.idp.issuer}#${sub}`), 'their own account, to pass on');
      assert.ok(page.includes(want) && !page.includes('<script'), page);
      assert.equal(browser.cookie(house.url, 'countersign'), undefined);
      assert.ok(house.log.some((line) => line.includes('sign-in refused') && line.includes(want)));
    });

  it('everything is on the record by ids alone (I7)', async () => {
    const found = await entries();
    const alice = await house.withLink('alice');
    const said = new Set<string>();
    for (const { event_id } of found) said.add(JSON.stringify(await alice.log.entry(event_id)));
    const all = [...said].join('\n');
    for (const change of ['signed in', 'signed out', 'session ended', 'sign-in refused'])
      assert.ok(all.includes(change), change);
    for (const secret of ['Secretname', 'private.example', 'erin']) assert.ok(!all.includes(secret), secret);
  });
});

describe('what comes back from a provider is good for one browser, one sign-in, once', () => {
  const back = async (browser: Browser): Promise<string> => {
    house.idp.signedIn = 'erin';
    return browser.goTo(await begin(house, browser), `${house.url}/sign-in/`);
  };
  const refused = async (response: Response, status: number, reason: string): Promise<void> => {
    const page = await response.text();
    assert.equal(response.status, status, page);
    assert.ok(page.includes(`<code>${reason}</code>`), page);
    assert.equal(response.headers.getSetCookie().filter((line) => line.startsWith('countersign=')).length, 0);
  };

  it('used a second time it is replayed', async () => {
    const browser = new Browser();
    const url = await back(browser);
    const cookie = browser.cookie(house.url, 'countersign-sign-in') ?? '';
    assert.equal((await browser.ask(url)).status, 303);
    const thief = new Browser();
    thief.setCookie(house.url, 'countersign-sign-in', cookie);
    await refused(await thief.ask(url), 400, 'flow_replayed');
  });

  it('of two that come back with it at once, one is let in', async () => {
    const browser = new Browser();
    const url = await back(browser);
    const cookie = browser.cookie(house.url, 'countersign-sign-in') ?? '';
    const racers = await Promise.all(
      Array.from({ length: 8 }, () => {
        const racer = new Browser();
        racer.setCookie(house.url, 'countersign-sign-in', cookie);
        return racer.ask(url);
      }),
    );
    assert.deepEqual(racers.map(({ status }) => status).sort(), [
      303,
      ...Array.from({ length: 7 }, () => 400),
    ]);
  });

  it('somebody new who comes in by many browsers at once is one person', async () => {
    house.idp.accounts.set('lena', { name: 'Lena', email: 'lena@example.com', groups: ['idp-staff'] });
    const all = await Promise.all(Array.from({ length: 6 }, () => house.signIn('lena')));
    const ids = await Promise.all(all.map(async (each) => (await me(each)).id));
    assert.equal(new Set(ids).size, 1, ids.join());
  });

  it('a provider that falls silent in the middle signs nobody in', async () => {
    const browser = new Browser();
    const url = await back(browser);
    house.idp.down = true;
    try {
      await refused(await browser.ask(url), 502, 'unreachable');
    } finally {
      house.idp.down = false;
    }
    await refused(await browser.ask(url), 400, 'flow_replayed');
  });

  it('in another browser it is unknown: nobody is signed in as whoever began (login CSRF)', async () => {
    const url = await back(new Browser());
    await refused(await new Browser().ask(url), 400, 'flow_unknown');
  });

  it('with another sign-in’s state it is refused, and the right one still works', async () => {
    const [mine, theirs] = [new Browser(), new Browser()];
    const [url, other] = [await back(mine), await back(theirs)];
    await refused(await mine.ask(other), 400, 'state_mismatch');
    assert.equal((await mine.ask(url)).status, 303);
  });

  it('at another provider’s address it is a mix-up', async () => {
    const browser = new Browser();
    const url = (await back(browser)).replace('/sign-in/corp/', '/sign-in/other/');
    await refused(await browser.ask(url), 400, 'mix_up');
  });

  it('from another issuer it is a mix-up (RFC 9207)', async () => {
    const browser = new Browser();
    const url = new URL(await back(browser));
    url.searchParams.set('iss', 'https://evil.example.com');
    await refused(await browser.ask(url.href), 400, 'mix_up');
  });

  it('too late it is expired', async () => {
    const browser = new Browser();
    const url = await back(browser);
    house.ahead_ms += 600_001;
    await refused(await browser.ask(url), 400, 'flow_expired');
  });

  it('the code of one sign-in is worth nothing in another', async () => {
    const [mine, theirs] = [new Browser(), new Browser()];
    const url = new URL(await back(mine));
    url.searchParams.set('code', new URL(await back(theirs)).searchParams.get('code') ?? '');
    await refused(await mine.ask(url.href), 400, 'code_refused');
  });

  it('is begun by our own pages only, and leads back to a path of our own', async () => {
    const path = '/api/sign-in/providers/corp';
    const ask = (origin: string, body: object) =>
      fetch(house.url + path, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    assert.equal((await ask('https://evil.example.com', {})).status, 403);
    assert.equal((await ask(house.url.replace('localhost', '127.0.0.1'), {})).status, 403);
    for (const return_to of [
      '//evil.example.com',
      'https://evil.example.com',
      '/\\evil.example.com',
      '/%2f%2fevil',
    ]) {
      const browser = new Browser();
      house.idp.signedIn = 'erin';
      const callback = await browser.goTo(
        await begin(house, browser, { return_to }),
        `${house.url}/sign-in/`,
      );
      const response = await browser.ask(callback);
      const went = response.headers.get('location');
      assert.equal(went, '/sign-in', `${return_to}: ${response.status} ${await response.text()}`);
    }
  });

  it('an unknown provider is none, and one that cannot be reached signs nobody in', async () => {
    for (const [id, status] of [
      ['nobody', 404],
      ['other', 503],
    ] as const) {
      const response = await fetch(`${house.url}/api/sign-in/providers/${id}`, {
        method: 'POST',
        headers: { origin: house.url, 'content-type': 'application/json' },
        body: '{}',
      });
      assert.equal(response.status, status, await response.text());
    }
  });
});
