// Answers signed with a passkey, from the page to the upstream, in a real browser against a whole gateway (A8, A16).
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import type { Browser, Page } from 'playwright-core';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { OPEN, openYard, type Yard } from '../gateway/yard.ts';
import { enrol } from './passkey.ts';
import { assertAccessible, openVisitor, type Visitor } from './visitor.ts';

const HELD = 'test_simple_text';
const RULES = (proof: string): string => `version: 1
rules:
${OPEN}
  - { id: signed, about: everything asks for a proof, on: mcp, where: { class: [write, destructive] }, then: require, approve: [{ by: anyone, proof: ${proof} }] }
`;
const APPROVE = '[data-answer="approve"]';
const DENY = '[data-answer="deny"]';
const PANEL = 'section[aria-label="Your answer"]';

describe('answers signed with a passkey', { skip }, () => {
  let yard: Yard;
  let browser: Browser;
  let people: { readonly alice: Client; readonly bob: Client };
  let bob: Visitor;
  const origin = (): string => `http://localhost:${new URL(yard.house.gateway.url).port}`;
  const follow = async (proof: string): Promise<void> => {
    await yard.writePolicy(RULES(proof));
    await until(`the policy asks for ${proof}`, async () => {
      const { rules } = await people.alice.policy.show();
      return rules.some(({ id }) => id === 'signed') && (await proofAsked()) === proof;
    });
  };
  /** Of a request made for it. */
  const proofAsked = async (): Promise<string> => {
    const { _meta } = await call({ probe: String(Math.random()) });
    const held = _meta?.['countersign/request'] as { readonly id: string } | undefined;
    if (held === undefined) return '';
    const { proof_needed } = await people.bob.requests.show(held.id);
    await people.alice.requests.cancel(held.id);
    return proof_needed ?? '';
  };

  before(async () => {
    [yard, browser] = await Promise.all([openYard(), openBrowser()]);
    people = { alice: await yard.house.signIn('alice'), bob: await yard.house.signIn('bob') };
    bob = await openVisitor(browser, { url: origin(), house: yard.house }, { person: 'bob' });
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
  const ran = (): number => yard.fixture.journal.count({ method: 'tools/call', name: HELD });
  const open = (id: string): Promise<void> => bob.go(`/requests/${id}`);
  const says = async (page: Page, what: RegExp, where = PANEL): Promise<void> =>
    until(`the page says ${what}`, async () => what.test((await page.textContent(where)) ?? ''));
  const deny = async (): Promise<void> => {
    await bob.page.fill(`${PANEL} textarea`, 'no');
    await bob.page.click(DENY);
  };
  const cancel = (id: string): Promise<void> => people.alice.requests.cancel(id);

  it('without a key that is confirmed nothing can be sent, and the page says where to get one', async () => {
    await bob.page.goto(`${origin()}/account`);
    await bob.page.evaluate(enrol);
    const [made] = (await people.bob.passkeys.list()).items;
    assert.equal(made?.status, 'pending');
    await people.alice.passkeys.confirm(made.id, made.key_digest);
    await follow('passkey');
    const request = await pending();
    // Somebody else who reviews, and has none.
    const alice = await openVisitor(browser, { url: origin(), house: yard.house }, { person: 'alice' });
    await alice.go(`/requests/${request}`);
    const panel = (await alice.page.textContent(PANEL)) ?? '';
    assert.match(panel, /you have none that is confirmed|You may not review this/);
    await assertAccessible(alice, 'a request without a passkey');
    await alice.close();
    await cancel(request);
  });

  it('approves exactly what is shown; it runs once; the log verifies with the signature in it', async () => {
    const request = await pending();
    await open(request);
    await bob.page.fill(`${PANEL} textarea`, 'looked at the arguments');
    const before = ran();
    await bob.page.click(`${APPROVE}:has-text("with passkey")`);
    await says(bob.page, /You approved/);
    await says(bob.page, /signed/, 'section[aria-label="Who answers"]');
    assert.equal(ran(), before, 'approval alone runs nothing');
    assert.equal((await call()).isError ?? false, false);
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
  for (const [name, edit, what] of tampered)
    it(`refuses to approve when the shown ${name} is changed by one byte`, async () => {
      const request = await pending();
      await bob.page.route(`**/api/requests/${request}`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: edit(await response.text()) });
      });
      await open(request);
      if (await bob.page.isEnabled(APPROVE)) await bob.page.click(APPROVE);
      await says(bob.page, what);
      await bob.page.unrouteAll({ behavior: 'wait' });
      assert.equal((await people.bob.requests.show(request)).reviews.length, 0);
      await cancel(request);
    });

  for (const [member, edit] of [
    ['decision', (text: string) => text.replace('"decision":"denied"', '"decision":"approved"')],
    ['request', (text: string) => flip(text, '"task_id":"req_01')],
    ['person', (text: string) => text.replace('"sub":"bob"', '"sub":"bod"')],
    ['gateway', (text: string) => text.replace('"origin":"http://localhost', '"origin":"http://local.host')],
    ['view of the action', (text: string) => flip(text, '"rendered_digest":"sha256:')],
    ['reason', (text: string) => flip(text, '"reason_digest":"sha256:')],
    ['policy', (text: string) => flip(text, '"policy_digest":"sha256:')],
    ['number of runs', (text: string) => text.replace('"uses":1,', '"uses":9,')],
    ['end', (text: string) => text.replace(/"until":(\d+)/, (_, until) => `"until":${Number(until) + 1}`)],
  ] as const)
    it(`signs nothing when the document asked for names another ${member}`, async () => {
      const request = await pending();
      await bob.page.route('**/review-challenge', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: edit(await response.text()) });
      });
      await open(request);
      await deny();
      await says(bob.page, new RegExp(`another ${member} than this page shows. Nothing was signed`));
      await bob.page.unrouteAll({ behavior: 'wait' });
      assert.equal((await people.bob.requests.show(request)).reviews.length, 0);
      await cancel(request);
    });

  it('what is hidden is revealed on the record, and then signed as it is seen', async () => {
    const secret = ['AKIA', 'QX3B7ZJ2', 'MW5D4C6E'].join('');
    const args = { note: `use ${secret} for it` };
    const request = await pending(args);
    await open(request);
    assert.equal(await bob.page.isDisabled(APPROVE), true);
    assert.equal((await bob.page.textContent('body'))?.includes(secret), false);
    await bob.page.fill('section[aria-label="What is hidden"] input', 'must know whose key it is');
    await bob.page.click('button:has-text("Show me")');
    await bob.page.waitForSelector(`${APPROVE}:not([disabled])`);
    assert.equal((await bob.page.textContent('#action'))?.includes(secret), true);
    await bob.page.click(APPROVE);
    await says(bob.page, /You approved/);
    const before = ran();
    assert.equal((await call(args)).isError ?? false, false);
    assert.equal(ran(), before + 1);
  });

  it('a signature is taken once, and only in the session it was asked in', async () => {
    const request = await pending();
    let sent = '';
    await bob.page.route(`**/api/requests/${request}/reviews`, async (route) => {
      sent = route.request().postData() ?? '';
      await route.abort();
    });
    await open(request);
    await bob.page.click(APPROVE);
    await says(bob.page, /cannot be reached/);
    await bob.page.unrouteAll({ behavior: 'wait' });
    const post = () =>
      bob.page.evaluate(
        async ([body, target]) => {
          const me = await (await fetch('/api/me')).json();
          const headers = { 'content-type': 'application/json', 'x-countersign-csrf': me.csrf };
          return (await fetch(target ?? '', { method: 'POST', headers, body: body ?? '' })).json();
        },
        [sent, `/api/requests/${request}/reviews`],
      );
    await assert.rejects(people.bob.requests.review(request, JSON.parse(sent)), /answers no open question/);
    assert.equal((await post()).status, 'approved');
    assert.match((await post()).detail, /already/);
    await call();
  });

  it('a signature made on another origin is refused', async () => {
    const request = await pending();
    await open(request);
    const other = `http://localhost.:${new URL(origin()).port}`;
    await bob.page.route('**/reviews', async (route) => {
      const body = JSON.parse(route.request().postData() ?? '{}');
      const data = JSON.parse(Buffer.from(body.signature.client_data, 'base64url').toString());
      body.signature.client_data = Buffer.from(JSON.stringify({ ...data, origin: other })).toString(
        'base64url',
      );
      await route.continue({ postData: JSON.stringify(body) });
    });
    await bob.page.click(APPROVE);
    await says(bob.page, /made for another site/);
    await bob.page.unrouteAll({ behavior: 'wait' });
    await cancel(request);
  });

  it('a rule that asks who somebody is, again, takes the passkey too', async () => {
    await follow('recent');
    const request = await pending();
    await open(request);
    await bob.page.click(`${APPROVE}:has-text("with passkey")`);
    await says(bob.page, /You approved/);
    await call();
  });

  it('a revoked key signs nothing that counts, and what it signed before runs no more', async () => {
    await follow('passkey');
    const request = await pending();
    await open(request);
    await bob.page.click(APPROVE);
    await says(bob.page, /You approved/);
    const before = ran();
    const [key] = (await people.bob.passkeys.list()).items;
    await people.alice.passkeys.revoke(key?.id ?? '');
    const after = await call();
    assert.equal(ran(), before, JSON.stringify(after.content));
  });

  it('where no passkey is left, one who signed in just now may still answer what asks for that', async () => {
    await follow('recent');
    const request = await pending({ note: 'another call' });
    await open(request);
    await says(bob.page, /signed in within the last ten minutes/);
    await bob.page.click('a:has-text("Show again who you are")');
    await bob.page.waitForURL('**/sign-in?*');
    const { searchParams } = new URL(bob.page.url());
    assert.equal(searchParams.get('to'), `/requests/${request}`);
    assert.ok(searchParams.has('fresh'));
    await cancel(request);
  });

  it('no page broke its own rules', () => {
    const others = bob.complaints.filter((text) => !/status of (403|409|404)|ERR_FAILED/.test(text));
    assert.deepEqual(others, []);
  });
});

/** The hex digit after these words, changed. */
function flip(text: string, words: string): string {
  const at = text.indexOf(words) + words.length;
  assert.ok(at >= words.length, words);
  return `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
}
