// Reviews signed with a passkey, from enrolment to the upstream, in a real browser against a whole gateway (A13, A16).
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import type { Browser } from 'playwright-core';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { OPEN, openYard, until, type Yard } from '../gateway/yard.ts';
import { openBrowser, picture, type Seat, seatOf, skip } from './browser.ts';

const HELD = 'test_simple_text';
const RULES = `version: 1
rules:
${OPEN}
  - { id: signed, about: everything asks for a signature, on: mcp, where: { class: [write, destructive] }, then: require, approve: [{ by: anyone, proof: passkey }] }
`;
describe('passkeys in a browser', { skip }, () => {
  let yard: Yard;
  let browser: Browser;
  /** The same two on their command lines. */
  let people: { readonly alice: Client; readonly bob: Client };
  let alice: Seat;
  let bob: Seat;
  const origin = (): string => `http://localhost:${new URL(yard.house.gateway.url).port}`;
  const seat = async (person: string): Promise<Seat> =>
    seatOf(browser, { url: origin(), code: await yard.house.gateway.sessions.issueCode(person) });

  before(async () => {
    [yard, browser] = await Promise.all([openYard(), openBrowser()]);
    await yard.writePolicy(RULES);
    people = { alice: await yard.house.signIn('alice'), bob: await yard.house.signIn('bob') };
    await until('the policy asks for passkeys', async () =>
      (await people.alice.policy.show()).rules.some(({ id }) => id === 'signed'),
    );
    [alice, bob] = await Promise.all([seat('alice'), seat('bob')]);
  });
  after(async () => {
    await browser?.close();
    await yard?.close();
  });

  const call = async (args: Record<string, unknown> = {}) => {
    const agent = await yard.connect();
    try {
      return await agent.callTool({ name: HELD, arguments: args });
    } finally {
      await agent.close();
    }
  };
  const pending = async (args?: Record<string, unknown>): Promise<string> => {
    const { _meta } = await call(args);
    const request = _meta?.['countersign/request'] as { readonly id: string } | undefined;
    assert.ok(request);
    return request.id;
  };
  /** Nobody could sign it: nobody is made to wait for that. */
  const refusedAtOnce = async (): Promise<void> => {
    const answer = await call();
    assert.equal(answer.isError, true);
    assert.match(JSON.stringify(answer.content), /signed with a passkey.*have one that is confirmed/);
  };
  const ran = (): number => yard.fixture.journal.count({ method: 'tools/call', name: HELD });
  const open = async ({ page }: Seat, at: string): Promise<void> => {
    await page.goto(`${origin()}${at}`);
    const seen = 'article:not([hidden]), section:not([hidden])';
    await page.waitForSelector(`${seen}, #problem:not([hidden])`);
    assert.equal(await page.isVisible('#problem'), false, (await page.textContent('#problem')) ?? '');
  };
  const problem = async ({ page }: Seat): Promise<string> => {
    await page.waitForSelector('#problem:not([hidden])');
    return (await page.textContent('#problem')) ?? '';
  };

  it('enrols one, which counts for nothing until another person confirms it', async () => {
    await open(bob, '/passkeys');
    await bob.page.fill('#name', 'Bob’s laptop');
    await bob.page.click('#enrol');
    await bob.page.waitForSelector('#own .badge.pending');
    await picture('enrolled', bob);
    assert.match((await bob.page.textContent('#own')) ?? '', /Read this fingerprint to alice/);
    assert.equal(await bob.page.$('#own button:has-text("confirm")'), null, 'nobody confirms their own');
    await refusedAtOnce();

    await open(alice, '/passkeys');
    const fingerprint = await bob.page
      .goto(`${origin()}/passkeys`)
      .then(() => bob.page.textContent('#own .fingerprint'));
    assert.equal(await alice.page.textContent('#theirs .fingerprint'), fingerprint);
    await picture('confirm', alice);
    await alice.page.click('#theirs button:has-text("confirm")');
    await alice.page.waitForSelector('#theirs .badge.active');
  });

  it('the sole other operator’s own key waits, and the page says why', async () => {
    await open(alice, '/passkeys');
    await alice.page.click('#enrol');
    await alice.page.waitForSelector('#own .badge.pending');
    assert.match((await alice.page.textContent('#own')) ?? '', /there is no other operator/);
  });

  it('approves exactly what is shown; it runs once; the log verifies with the signature in it', async () => {
    const request = await pending();
    await open(bob, `/requests/${request}`);
    await bob.page.fill('#reason', 'looked at the arguments');
    await picture('request', bob);
    const before = ran();
    await bob.page.click('#approve');
    await bob.page.waitForSelector('#signed:not([hidden])');
    assert.match((await bob.page.textContent('#outcome')) ?? '', /^Approved/);
    await bob.page.click('#signed summary');
    await picture('approved', bob);
    assert.equal(ran(), before, 'approval alone runs nothing');
    const answer = await call();
    assert.equal(answer.isError ?? false, false);
    assert.equal(ran(), before + 1);
    await yard.house.gateway.flushLog();
    const { vkey, data_dir } = yard.house.gateway;
    const report = await verifyLog({ source: openLogSource(path.join(data_dir, 'log')), vkey });
    assert.deepEqual([report.ok, report.findings], [true, []]);
    assert.equal(report.signed_reviews.verified, 1);
  });

  const tampered: readonly (readonly [name: string, edit: (text: string) => string, says: RegExp])[] = [
    [
      'action',
      (text) => text.replace(/("shown_action":.*?"tools\/)call/, '$1cal1'),
      /not what its digest names/,
    ],
    ['digest of the view', (text) => flip(text, '"rendered_digest":"sha256:'), /not what its digest names/],
    ['action digest', (text) => flip(text, '"action_digest":"sha256:'), /not what would run now/],
  ];
  for (const [name, edit, says] of tampered)
    it(`refuses to approve when the shown ${name} is changed by one byte`, async () => {
      const request = await pending();
      await bob.page.route(`**/api/requests/${request}`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: edit(await response.text()) });
      });
      await open(bob, `/requests/${request}`);
      if (await bob.page.isVisible('#approve')) {
        await bob.page.click('#approve');
        assert.match(await problem(bob), says);
      } else assert.match((await bob.page.textContent('#blocked')) ?? '', says);
      await bob.page.unrouteAll();
      assert.equal((await people.bob.requests.show(request)).reviews.length, 0);
      await cancel(request);
    });

  for (const [member, edit] of [
    ['decision', (text: string) => text.replace('"decision":"denied"', '"decision":"approved"')],
    ['request', (text: string) => flip(text, '"task_id":"req_01')],
    ['view of the action', (text: string) => flip(text, '"rendered_digest":"sha256:')],
    ['number of runs', (text: string) => text.replace('"uses":1,', '"uses":9,')],
  ] as const)
    it(`signs nothing when the document asked for names another ${member}`, async () => {
      const request = await pending();
      await bob.page.route('**/review-challenge', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: edit(await response.text()) });
      });
      await open(bob, `/requests/${request}`);
      await bob.page.click('#deny');
      assert.match(
        await problem(bob),
        new RegExp(`another ${member} than this page shows. Nothing was signed`),
      );
      await bob.page.unrouteAll();
      await cancel(request);
    });

  it('what is hidden is revealed on the record, and then signed as it is seen', async () => {
    const secret = ['AKIA', 'QX3B7ZJ2', 'MW5D4C6E'].join('');
    const args = { note: `use ${secret} for it` };
    const request = await pending(args);
    await open(bob, `/requests/${request}`);
    assert.equal(await bob.page.isVisible('#approve'), false);
    assert.equal((await bob.page.textContent('#action'))?.includes(secret), false);
    await picture('hidden', bob);
    await bob.page.fill('#must', 'must know whose key it is');
    await bob.page.click('#reveal');
    await bob.page.waitForSelector('#approve:not([hidden])');
    assert.equal((await bob.page.textContent('#action'))?.includes(secret), true);
    await bob.page.click('#approve');
    await bob.page.waitForSelector('#signed:not([hidden])');
    const before = ran();
    assert.equal((await call(args)).isError ?? false, false);
    assert.equal(ran(), before + 1);
  });

  it('a signature is taken once, and only from the page it was made on', async () => {
    const request = await pending();
    let sent = '';
    await bob.page.route(`**/api/requests/${request}/reviews`, async (route) => {
      sent = route.request().postData() ?? '';
      await route.abort();
    });
    await open(bob, `/requests/${request}`);
    await bob.page.click('#approve');
    assert.match(await problem(bob), /cannot be reached/);
    await bob.page.unrouteAll();
    const post = (from: string) =>
      bob.page.evaluate(
        async ([at, body, target]) => {
          const me = await fetch('/api/me').then((response) => response.json());
          const headers = {
            'content-type': 'application/json',
            'x-countersign-csrf': me.csrf,
            ...(at === '' ? {} : { 'x-from': at }),
          };
          const response = await fetch(target ?? '', { method: 'POST', headers, body: body ?? '' });
          return response.json();
        },
        [from, sent, `/api/requests/${request}/reviews`],
      );
    // Another session of the same person, with the same signature: it asked for nothing.
    await assert.rejects(people.bob.requests.review(request, JSON.parse(sent)), /answers no open question/);
    assert.equal((await post('')).status, 'approved');
    assert.match((await post('')).detail, /already/);
    await call();
  });

  it('a signature made on another origin is refused', async () => {
    const request = await pending();
    await open(bob, `/requests/${request}`);
    const other = `http://localhost.:${new URL(origin()).port}`;
    await bob.page.route('**/reviews', async (route) => {
      const body = JSON.parse(route.request().postData() ?? '{}');
      const data = JSON.parse(Buffer.from(body.signature.client_data, 'base64url').toString());
      body.signature.client_data = Buffer.from(JSON.stringify({ ...data, origin: other })).toString(
        'base64url',
      );
      await route.continue({ postData: JSON.stringify(body) });
    });
    await bob.page.click('#approve');
    assert.match(await problem(bob), /made for another site/);
    await bob.page.unrouteAll();
    await cancel(request);
  });

  it('a revoked key signs nothing that counts, and what it signed before runs no more', async () => {
    const request = await pending();
    await open(bob, `/requests/${request}`);
    await bob.page.click('#approve');
    await bob.page.waitForSelector('#signed:not([hidden])');
    const before = ran();
    await open(alice, '/passkeys');
    await alice.page.click('#theirs li:has(.badge.active) button:has-text("Revoke")');
    await alice.page.waitForFunction(() => document.querySelector('#theirs .badge.active') === null);
    await refusedAtOnce();
    assert.equal(ran(), before);
    assert.equal((await people.alice.requests.show(request)).approval?.status, 'revoked');
  });

  it('no page broke its own rules', () => {
    const others = [...alice.complaints, ...bob.complaints].filter(
      (text) => !/status of (403|409|404)|ERR_FAILED/.test(text),
    );
    assert.deepEqual(others, []);
  });

  const cancel = async (request: string): Promise<void> => people.alice.requests.cancel(request);
});

/** The hex digit after these words, changed. */
function flip(text: string, words: string): string {
  const at = text.indexOf(words) + words.length;
  assert.ok(at >= words.length, words);
  return `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
}
