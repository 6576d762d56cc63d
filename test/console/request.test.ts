// One request in the console, against a real gateway: what a person sees before they answer, and what an answer does.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import type { Browser, Page } from 'playwright-core';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { enrol } from './passkey.ts';
import { answerAs } from './town/past.ts';
import { type Call, openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, PHONE, signIn, type Visitor } from './visitor.ts';

const APPROVE = '[data-answer="approve"]';
const DENY = '[data-answer="deny"]';
const PANEL = 'section[aria-label="Your answer"]';

let charge = 0;
const refund = (amount = 120, note = 'wrong size'): Call => {
  charge += 1;
  return {
    agent: 'support-bot',
    upstream: 'payments',
    tool: 'refund',
    args: { charge: `ch_9${charge}`, amount, note },
  };
};

describe('a request in the console', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let rita: Visitor;
  let raj: Client;
  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
    rita = await openVisitor(browser, town, { person: 'rita' });
    raj = await town.person('raj');
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const open = (visitor: Visitor, id: string): Promise<void> => visitor.go(`/requests/${id}`);
  const says = async (page: Page, what: RegExp, where = PANEL): Promise<void> =>
    until(`the page says ${what}`, async () => what.test((await page.textContent(where)) ?? ''));
  const ran = (tool: string): number => town.upstreams.get('payments')?.ran.get(tool) ?? 0;

  it('is approved by a press; nothing is sent before it, and approval alone runs nothing (A16, A25)', async () => {
    const call = refund();
    const id = await town.hold(call);
    const sent: string[] = [];
    rita.page.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(request.url());
    });
    await open(rita, id);
    const before = ran('refund');
    await rita.page.keyboard.press('a');
    assert.equal(
      await rita.page.evaluate(() => document.activeElement?.getAttribute('data-answer')),
      'approve',
    );
    assert.deepEqual(sent, []);
    await rita.page.fill(`${PANEL} textarea`, 'ticket 12');
    await rita.page.click(APPROVE);
    await says(rita.page, /It runs once the agent asks for it again/);
    assert.equal(sent.length, 1);
    assert.equal(ran('refund'), before);
    const { status, reviews } = await raj.requests.show(id);
    assert.deepEqual([status, reviews[0]?.reason], ['approved', 'ticket 12']);
    await town.call(call);
    assert.equal(ran('refund'), before + 1);
    await says(rita.page, /Succeeded/, 'section[aria-label="What came of it"]');
    await says(rita.page, /It ran, and succeeded/);
  });

  it('is denied with a reason, which is asked for and may be left out', async () => {
    const id = await town.hold(refund());
    await open(rita, id);
    await rita.page.click(DENY);
    await says(rita.page, /Why not\? The agent is told/);
    assert.equal((await raj.requests.show(id)).reviews.length, 0);
    await until('the reason has the keyboard', () =>
      rita.page.evaluate(() => document.activeElement?.tagName === 'TEXTAREA'),
    );
    await rita.page.keyboard.type('not this one');
    await rita.page.click(DENY);
    await says(rita.page, /It will not run/);
    assert.equal((await raj.requests.show(id)).reviews[0]?.reason, 'not this one');
  });

  it('decided elsewhere while it is open: says so, and what was being written is not lost (A17)', async () => {
    const id = await town.hold(refund());
    await open(rita, id);
    await rita.page.fill(`${PANEL} textarea`, 'I was about to say');
    await answerAs(raj, id, { decision: 'denied', reason: 'no' });
    await says(rita.page, /Denied/);
    await says(rita.page, /Your reason was not sent:I was about to say/);
    await says(rita.page, /Raj Patel denied/, 'section[aria-label="Who answers"]');
    assert.equal(await rita.page.$(APPROVE), null);
  });

  it('two press at the same time: one is told why theirs was not taken', async () => {
    const id = await town.hold(refund());
    await open(rita, id);
    // The page does not hear of the other's answer before its own is sent.
    await rita.page.route('**/api/events', (route) => route.abort());
    await rita.page.route(`**/api/requests/${id}/reviews`, async (route) => {
      await answerAs(raj, id, { decision: 'denied' });
      await route.continue();
    });
    await rita.page.click(APPROVE);
    await says(rita.page, /already denied|Denied/);
    await rita.page.unrouteAll();
    assert.equal((await raj.requests.show(id)).status, 'denied');
  });

  it('runs out while it is open: nothing can be pressed any more', async () => {
    const id = await town.hold(refund());
    const late = await openVisitor(browser, town, { person: 'rita' });
    await late.page.clock.install();
    await open(late, id);
    await late.page.waitForSelector(APPROVE);
    await late.page.clock.fastForward('02:00:00');
    await says(late.page, /Time is up/);
    assert.equal(await late.page.$(APPROVE), null);
    await late.close();
  });

  it('of one’s own agent: says why not, in plain words (A13)', async () => {
    const id = await town.hold(refund());
    const olivia = await openVisitor(browser, town, { person: 'olivia' });
    await open(olivia, id);
    await says(olivia.page, /You may not review this: you own this agent/);
    assert.equal(await olivia.page.$(APPROVE), null);
    await olivia.page.click('button:has-text("Withdraw it")');
    await olivia.page.click('[role="dialog"] button:has-text("Withdraw it")');
    await says(olivia.page, /taken back/);
    await olivia.page.click('button:has-text("Erase its clear text")');
    await olivia.page.fill('[role="dialog"] textarea', 'test data');
    await olivia.page.click('[role="dialog"] button:has-text("Erase")');
    await says(olivia.page, /Its clear text was erased|Nothing was changed/, 'body');
    await olivia.close();
  });

  it('what is hidden keeps it from being approved, until it is revealed on the record (I6)', async () => {
    const secret = ['AKIA', 'QX3B7ZJ2', 'MW5D4C6E'].join('');
    const id = await town.hold(refund(130, `paid with ${secret} yesterday`));
    await open(rita, id);
    assert.equal(await rita.page.isDisabled(APPROVE), true);
    await says(rita.page, /Approve is off\. Part of a text is hidden/);
    assert.equal((await rita.page.textContent('body'))?.includes(secret), false);
    await rita.page.fill('section[aria-label="What is hidden"] input', 'must know whose it is');
    await rita.page.click('button:has-text("Show me")');
    await until(
      'it is shown',
      async () => (await rita.page.textContent('#action'))?.includes(secret) === true,
    );
    await rita.page.waitForSelector(`${APPROVE}:not([disabled])`);
    const { timeline } = await raj.requests.show(id);
    assert.ok(timeline.some(({ kind }) => kind === 'redaction'));
  });

  it('shown otherwise once revealed: that has not been seen yet, whatever was before (A4)', async () => {
    const secret = ['AKIA', 'QX3B7ZJ2', 'MW5D4C6E'].join('');
    const id = await town.hold(refund(131, `paid with ${secret} yesterday`));
    const { page, close } = await openVisitor(browser, town, { person: 'rita' });
    await page.goto(`${town.url}/requests/${id}`);
    await page.fill('section[aria-label="What is hidden"] input', 'must know whose it is');
    await page.locator('[data-end]').evaluate((end) => {
      // What is shown now goes on for much longer.
      end.style.transform = 'translateY(5000px)';
    });
    await page.click('button:has-text("Show me")');
    await page.waitForSelector('text=You see it in clear');
    await says(page, /Look at all of it first/);
    assert.equal(await page.isDisabled(APPROVE), true);
    await page.locator('[data-end]').evaluate((end) => {
      end.style.transform = '';
      end.scrollIntoView({ block: 'center' });
    });
    await page.waitForSelector(`${APPROVE}:not([disabled])`);
    await close();
  });

  it('come to approve: who reads on by key never finds Approve below the next press (A16)', async () => {
    const id = await town.hold(refund(132, 'line\n'.repeat(200)));
    const reader = await openVisitor(browser, town, { person: 'rita' });
    const sent: string[] = [];
    reader.page.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(request.url());
    });
    await open(reader, `${id}?do=approve`);
    await reader.page.waitForSelector(APPROVE);
    for (let press = 0; await reader.page.isDisabled(APPROVE); press += 1) {
      assert.ok(press < 60, 'the end never came');
      await reader.page.keyboard.press('Space');
    }
    for (let press = 0; press < 3; press += 1) await reader.page.keyboard.press('Space');
    assert.equal(await reader.page.evaluate(() => document.activeElement === document.body), true);
    assert.deepEqual(sent, []);
    await reader.close();
  });

  it('what one person half wrote is not in the next one’s answer, in the same tab', async () => {
    const id = await town.hold(refund());
    const shared = await openVisitor(browser, town, { person: 'rita' });
    await open(shared, id);
    await shared.page.fill(`${PANEL} textarea`, 'rita thinks so');
    await signIn(shared.context, town, 'mei');
    await open(shared, id);
    await shared.page.waitForSelector('text=Mei');
    assert.equal((await shared.page.content()).includes('rita thinks so'), false);
    await shared.close();
  });

  it('somebody else signs in in another tab: this page is asked for anew, as them', async () => {
    const id = await town.hold(refund());
    const shared = await openVisitor(browser, town, { person: 'rita' });
    await open(shared, id);
    await says(shared.page, /As Rita/);
    await signIn(shared.context, town, 'raj');
    // Answered for the one before: refused, as the page cannot know yet.
    await shared.page.click(APPROVE);
    await says(shared.page, /Your answer was not taken/);
    const anew = shared.page.waitForEvent('load');
    await shared.page.evaluate(() =>
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true })),
    );
    await anew;
    await shared.page.waitForSelector('text=As Raj Patel');
    assert.equal((await raj.requests.show(id)).reviews.length, 0);
    await shared.close();
  });

  it('a grant says what it covers, is given, and is taken back', async () => {
    const id = await town.hold(refund());
    await open(rita, id);
    await rita.page.click('text=Grant more like it, for a while');
    await says(rita.page, /Covers any refund on payments by support-bot, whatever its arguments/);
    await rita.page.fill(`${PANEL} input[type="text"]`, '99');
    await says(rita.page, /a whole number from 1 to 50/);
    assert.equal(await rita.page.isDisabled(APPROVE), true);
    await rita.page.fill(`${PANEL} input[type="text"]`, '2');
    await rita.page.click(APPROVE);
    await says(rita.page, /It runs once the agent asks/);
    const { grant } = await raj.requests.show(id);
    assert.equal(grant?.uses_given, 2);
    await rita.page.click('li:has-text("Grant") button:has-text("Revoke")');
    await rita.page.fill('[role="dialog"] textarea', 'enough');
    await rita.page.click('[role="dialog"] button:has-text("Revoke")');
    await until('it is revoked', async () => (await raj.requests.show(id)).grant?.status === 'revoked');
  });

  it('a statement is coloured; the rule, the values and the record stand beside it', async () => {
    const id = await town.hold({
      agent: 'data-bot',
      upstream: 'warehouse',
      tool: 'run_query',
      args: { database: 'orders', sql: 'DELETE FROM orders\nWHERE id = 7' },
    });
    const reader = await openVisitor(browser, town, { person: 'raj' });
    await open(reader, id);
    await until('keywords are told apart', async () =>
      ((await reader.page.getAttribute('#action pre span:has-text("DELETE")', 'class')) ?? '').includes(
        'sql-keyword',
      ),
    );
    // As the tool's schema has them, in the sentence and below it.
    await says(reader.page, /: sql = .*, database = /, 'h1');
    await says(reader.page, /What would run.*sql.*database/s, '#action');
    await says(reader.page, /policy\.yaml:\d+/, 'section[aria-label="Why you are asked"]');
    await says(reader.page, /1 person of data/, 'section[aria-label="Who answers"]');
    // Mei is of data too, and owns the agent.
    await says(reader.page, /Can answer now: Raj Patel$/, 'section[aria-label="Who answers"]');
    assert.deepEqual((await raj.requests.show(id)).may_answer, {
      people: [{ id: 'raj', name: 'Raj Patel' }],
      more: false,
    });
    await reader.page.click('section[aria-label="On the record"] a >> nth=0');
    await reader.page.waitForURL(/\/audit\//);
    await reader.close();
  });

  it('a change of the policy is shown as what changes, before and after', async () => {
    const file = path.join(town.dir, 'policy', 'policy.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('mcp.args.amount <= 50', 'mcp.args.amount <= 5000'));
    const omar = await town.person('omar');
    let id = '';
    await until('operators are asked', async () => {
      const { items } = await omar.requests.list({ status: 'pending', limit: 100 });
      id = items.find(({ action }) => action === 'countersign.policy.change')?.id ?? '';
      return id !== '';
    });
    const operator = await openVisitor(browser, town, { person: 'omar' });
    await open(operator, id);
    await says(operator.page, /removed:[^\n]*amount <= 50".*added:[^\n]*amount <= 5000"/s, '#action');
    await assertAccessible(operator, 'a change of the policy');
    await operator.close();
    await writeFile(file, text);
  });

  it('A13: broken glass is told at once, acknowledged, and judged by somebody else', async () => {
    const breaker = await openVisitor(browser, town, { person: 'mei' });
    await breaker.go('/account');
    await breaker.page.evaluate(enrol);
    const [olivia, mei] = [await town.person('olivia'), await town.person('mei')];
    const [key] = (await mei.passkeys.list()).items;
    await olivia.passkeys.confirm(key?.id ?? '', key?.key_digest ?? '');
    const judge = await openVisitor(browser, town, { person: 'raj' });
    await judge.go('/');
    const call: Call = {
      agent: 'release-bot',
      upstream: 'cluster',
      tool: 'delete_namespace',
      args: { namespace: 'staging-9' },
    };
    const id = await town.hold(call);
    await open(breaker, id);
    await breaker.page.click('button:has-text("Break the glass …")');
    await breaker.page.fill('[role="dialog"] textarea', 'the cluster is full and orders are being lost');
    await breaker.page.click('[role="dialog"] button:has-text("Break it")');
    await says(breaker.page, /Glass broken/, 'main');
    await says(breaker.page, /It can still run/, 'main');
    await town.call(call);
    await says(breaker.page, /You may not close this: you broke the glass/, 'main');
    await judge.page.click('main a:has-text("Review it")');
    await judge.page.waitForURL(`**/requests/${id}`);
    await judge.page.click('button:has-text("I have seen this")');
    await judge.page.fill(
      'section[aria-label="The glass was broken"] textarea',
      'orders were lost, I checked',
    );
    await assertAccessible(judge, 'broken glass');
    await judge.page.click('button:has-text("It was justified")');
    await says(judge.page, /Justified by Raj Patel/, 'section[aria-label="The glass was broken"]');
    const { broken_glass } = await raj.requests.show(id);
    assert.equal(broken_glass?.review, 'justified');
    await breaker.close();
    await judge.close();
  });

  it('on a phone the answer is at the thumb, and off until all of it was on the screen (A4)', async () => {
    const id = await town.hold(refund(140, 'x '.repeat(2000)));
    const phone = await openVisitor(browser, town, { person: 'rita', size: PHONE });
    await open(phone, id);
    assert.equal(await phone.page.isDisabled(APPROVE), true);
    await says(phone.page, /Look at all of it first/);
    const box = await phone.page.locator(DENY).boundingBox();
    assert.ok(box !== null && box.height >= 44 && box.y > PHONE.height / 2, JSON.stringify(box));
    await phone.page.click('text=Look at all of it first');
    await phone.page.waitForSelector(`${APPROVE}:not([disabled])`);
    assert.equal(
      await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      true,
      'nothing lies beside the screen',
    );
    await assertAccessible(phone, 'a request on a phone');
    await phone.close();
  });

  it('can be used by everybody, in light and dark', async () => {
    const id = await town.hold(refund(150, 'p\u0430rcel \u202elost'));
    for (const colours of ['light', 'dark'] as const) {
      const visitor = await openVisitor(browser, town, { person: 'rita', colours });
      await open(visitor, id);
      await assertAccessible(visitor, `a request, ${colours}`);
      await visitor.go(`/requests/${id}?as=exact`);
      await assertAccessible(visitor, `a request exactly, ${colours}`);
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    }
  });

  it('there is none at this address: says so', async () => {
    await rita.go('/requests/req_00000000000000000000000000');
    assert.equal(await rita.page.textContent('h1'), 'No such request');
  });
});
