// A request decided by people in browsers, against a whole gateway with real upstreams: two at once, too late, without a
// line, by thumb in the dark, without a mouse. Answers signed with a passkey: signed.test.ts.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import type { Browser, Page } from 'playwright-core';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { POLICY } from './town/files.ts';
import { answerAs } from './town/past.ts';
import { type Call, openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, PHONE, type Visitor } from './visitor.ts';

const APPROVE = '[data-answer="approve"]';
const DENY = '[data-answer="deny"]';
const PANEL = 'section[aria-label="Your answer"]';
const OUTCOME = 'section[aria-label="What came of it"]';
const WITHIN_S = 10;

let made = 0;
const rollout = (): Call => {
  made += 1;
  return {
    agent: 'release-bot',
    upstream: 'cluster',
    tool: 'rollout',
    args: { name: `search-${made}`, image: 'search:7', replicas: 2 },
  };
};
const deletion = (): Call => {
  made += 1;
  return {
    agent: 'release-bot',
    upstream: 'cluster',
    tool: 'delete_namespace',
    args: { namespace: `staging-${made}` },
  };
};
const hurried: Call = {
  agent: 'release-bot',
  upstream: 'cluster',
  tool: 'apply_manifest',
  args: { manifest: { kind: 'Job' }, command: ['kubectl', 'apply'] },
};

describe('a request, decided by people in browsers', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let rita: Visitor;
  let mei: Visitor;
  let raj: Client;
  before(async () => {
    const policy = POLICY.replace(
      /(resource: apply_manifest \}\n(?: .*\n)*? +risk: high\n)/,
      `$1    within: ${WITHIN_S}s\n`,
    );
    assert.notEqual(policy, POLICY);
    [town, browser] = await Promise.all([openTown({ policy }), openBrowser()]);
    [rita, mei] = await Promise.all([
      openVisitor(browser, town, { person: 'rita' }),
      openVisitor(browser, town, { person: 'mei' }),
    ]);
    raj = await town.person('raj');
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const both = (): readonly Visitor[] => [rita, mei];
  const open = (visitor: Visitor, id: string): Promise<void> => visitor.go(`/requests/${id}`);
  const says = async (page: Page, what: RegExp, where = PANEL): Promise<void> =>
    until(`the page says ${what}`, async () => what.test((await page.textContent(where)) ?? ''));
  const focused = (page: Page, what: string): Promise<boolean> =>
    page.evaluate((selector) => document.activeElement?.matches(selector) === true, what);
  const ran = (tool: string): number => town.upstreams.get('cluster')?.ran.get(tool) ?? 0;

  it('live in two browsers: each answer, the run as it begins and as it ends; nothing is asked by the clock', async () => {
    const call = deletion();
    const id = await town.hold(call);
    await Promise.all(both().map((visitor) => open(visitor, id)));
    await rita.page.click(APPROVE);
    await says(mei.page, /1 of 2/, 'section[aria-label="Who answers"]');
    await mei.page.click(APPROVE);
    for (const { page } of both()) await says(page, /not used yet/, OUTCOME);

    const asked: string[] = [];
    for (const { page } of both()) page.on('request', (request) => asked.push(request.url()));
    const release = town.upstreams.get('cluster')?.stall('delete_namespace');
    const running = town.call(call);
    for (const { page } of both()) await says(page, /Running/, OUTCOME);
    // Longer than the clock it once went by.
    await until('the agent’s call is on its way', () => ran('delete_namespace') === 1);
    const before = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.deepEqual(asked.slice(before), []);
    release?.();
    await running;
    for (const { page } of both()) await says(page, /Succeeded/, OUTCOME);
    for (const visitor of both()) assert.deepEqual(visitor.complaints, []);
  });

  it('two reviewers racing: both press at once, one wins, the other is told, and nothing half happens (A17)', async () => {
    for (let round = 0; round < 3; round += 1) {
      const id = await town.hold(rollout());
      await Promise.all(both().map((visitor) => open(visitor, id)));
      await mei.page.click(DENY);
      await mei.page.fill(`${PANEL} textarea`, 'not tonight');
      await Promise.all(both().map(({ page }) => page.waitForSelector(`${APPROVE}:not([disabled])`)));
      await Promise.all([rita.page.click(APPROVE), mei.page.click(DENY)]);
      await until('it is decided', async () => (await raj.requests.show(id)).status !== 'pending');
      const { status, reviews } = await raj.requests.show(id);
      assert.equal(reviews.length, 1);
      const won = reviews[0]?.reviewer;
      assert.deepEqual([status, won], status === 'approved' ? ['approved', 'rita'] : ['denied', 'mei']);
      const [winner, loser] = won === 'rita' ? [rita, mei] : [mei, rita];
      await says(winner.page, won === 'rita' ? /You approved/ : /You denied/);
      await says(loser.page, won === 'rita' ? /Approved/ : /Denied/);
      assert.doesNotMatch((await loser.page.textContent(PANEL)) ?? '', /You (approved|denied)/);
      if (won === 'rita') await says(loser.page, /Your reason was not sent:not tonight/);
      assert.equal(await loser.page.$(APPROVE), null);
    }
  });

  it('expires while it is open: told by the gateway, not by this page’s clock; silence is no', async () => {
    const id = await town.hold(hurried);
    await open(rita, id);
    await rita.page.waitForSelector(APPROVE);
    await rita.page.fill(`${PANEL} textarea`, 'let me think');
    await rita.page.waitForSelector('text=Nobody answered in time. Silence is no', { timeout: 30_000 });
    assert.equal((await raj.requests.show(id)).status, 'expired');
    await says(rita.page, /Your reason was not sent:let me think/);
    assert.equal(await rita.page.$(APPROVE), null);
    assert.equal(ran('apply_manifest'), 0);
  });

  it('without a line: says so, sends nothing, and has caught up once it is back', async () => {
    const id = await town.hold(rollout());
    const away = await openVisitor(browser, town, { person: 'mei' });
    await open(away, id);
    await away.page.waitForSelector(`${APPROVE}:not([disabled])`);
    await away.page.evaluate(() => document.body.setAttribute('data-same-page', ''));
    await away.context.setOffline(true);
    await away.page.click(APPROVE);
    // Not kept for later either: given now, or not at all.
    await says(away.page, /The gateway cannot be reached\. Nothing was changed/);
    await answerAs(raj, id, { decision: 'denied', reason: 'the freeze is on' });
    await away.context.setOffline(false);
    await says(away.page, /Denied/);
    await says(away.page, /Raj Patel denied/, 'section[aria-label="Who answers"]');
    assert.equal(await away.page.$(APPROVE), null);
    assert.equal(await away.page.locator('body[data-same-page]').count(), 1, 'it was never loaded anew');
    await away.close();
  });

  it('without a line: what asks first opens all the same, and says that nothing was changed', async () => {
    const id = await town.hold(rollout());
    const { page, context, close } = await openVisitor(browser, town, { person: 'olivia' });
    await page.goto(`${town.url}/requests/${id}`);
    await page.waitForSelector('button:has-text("Withdraw it")');
    await context.setOffline(true);
    await page.click('button:has-text("Withdraw it")');
    await page.click('[role="dialog"] button:has-text("Withdraw it")');
    await says(page, /Nothing was changed.*The gateway cannot be reached/, '[role="dialog"]');
    assert.equal((await raj.requests.show(id)).status, 'pending');
    await context.setOffline(false);
    await page.click('[role="dialog"] button:has-text("Withdraw it")');
    await says(page, /taken back/);
    await close();
  });

  it('on a phone, in the dark: from the inbox to what came of it, by thumb alone', async () => {
    const phone = await openVisitor(browser, town, { person: 'rita', size: PHONE, colours: 'dark' });
    const call = rollout();
    const id = await town.hold(call);
    await phone.go('/');
    await phone.page.tap(`[data-request="${id}"]`);
    await phone.page.waitForURL(`**/requests/${id}`);
    const dark = await phone.page.evaluate(() => document.documentElement.dataset['theme']);
    assert.equal(dark, 'dark');
    await phone.page.waitForSelector(APPROVE);
    if (await phone.page.isDisabled(APPROVE)) await phone.page.tap('text=Look at all of it first');
    await phone.page.waitForSelector(`${APPROVE}:not([disabled])`);
    const box = await phone.page.locator(APPROVE).boundingBox();
    assert.ok(box !== null && box.height >= 44 && box.y > PHONE.height / 2, JSON.stringify(box));
    await assertAccessible(phone, 'an answer on a phone, in the dark');
    await phone.page.tap(APPROVE);
    await says(phone.page, /You approved/);
    await town.call(call);
    await says(phone.page, /Succeeded/, OUTCOME);
    const beside = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(beside <= 0, `${beside} px lie beside the screen`);
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  it('without a mouse: from the inbox to approved, by the console’s keys', async () => {
    const ids = [await town.hold(rollout()), await town.hold(rollout())];
    const { page, close, go } = await openVisitor(browser, town, { person: 'rita' });
    await go('/');
    await page.waitForSelector(`[data-request="${ids[0]}"]`);
    for (let press = 0; !(await focused(page, `[data-request="${ids[0]}"]`)); press += 1) {
      assert.ok(press < 20, 'it is not in the list');
      await page.keyboard.press('j');
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/requests/${ids[0]}`);
    await page.waitForSelector(`${APPROVE}:not([disabled])`);
    await page.keyboard.press('a');
    assert.equal(await focused(page, APPROVE), true);
    await page.keyboard.press('Enter');
    await says(page, /You approved/);
    assert.equal((await raj.requests.show(ids[0] ?? '')).status, 'approved');
    await close();
  });

  it('without a mouse: and by Tab, Enter and Space alone, as anywhere else', async () => {
    const id = await town.hold(rollout());
    const { page, close, go } = await openVisitor(browser, town, { person: 'rita' });
    await go('/');
    await page.waitForSelector(`[data-request="${id}"]`);
    const tabTo = async (what: string): Promise<void> => {
      for (let press = 0; !(await focused(page, what)); press += 1) {
        assert.ok(press < 80, `Tab never comes to ${what}`);
        await page.keyboard.press('Tab');
      }
    };
    await tabTo('a[href="#main"]');
    await page.keyboard.press('Enter');
    await tabTo(`[data-request="${id}"]`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/requests/${id}`);
    await page.waitForSelector(`${APPROVE}:not([disabled])`);
    await tabTo(`${PANEL} textarea`);
    await page.keyboard.type('by key');
    await tabTo(APPROVE);
    await page.keyboard.press('Space');
    await says(page, /You approved/);
    const { status, reviews } = await raj.requests.show(id);
    assert.deepEqual([status, reviews[0]?.reason], ['approved', 'by key']);
    await close();
  });

  it('`j` and `k` go along what waits, each at its own address; what was answered is gone on from', async () => {
    await rita.go('/');
    const ids = [await town.hold(rollout()), await town.hold(rollout()), await town.hold(rollout())];
    const { page } = rita;
    const order = async (): Promise<readonly (string | null)[]> =>
      page
        .locator('a[data-request]')
        .evaluateAll((all) => all.map((row) => row.getAttribute('data-request')));
    await until('all are listed', async () => {
      const listed = await order();
      return ids.every((id) => listed.includes(id));
    });
    const all = await order();
    const at = async (place: number, of = all.length): Promise<void> => {
      await page.waitForURL(`**/requests/${all[place]}`);
      const place_now = place + 1 - (all.length - of);
      await says(page, new RegExp(`${place_now} of ${of} waiting`), 'nav[aria-label="What waits"]');
    };
    await open(rita, all[1] ?? '');
    await at(1);
    await page.keyboard.press('j');
    await at(2);
    await page.keyboard.press('k');
    await at(1);
    await page.keyboard.press('k');
    await at(0);
    await page.keyboard.press('k');
    await page.click('a[aria-label="Next that waits"]');
    await at(1);
    // While somebody writes, letters are letters.
    await page.focus(`${PANEL} textarea`);
    await page.keyboard.type('jk');
    assert.match(page.url(), new RegExp(`/requests/${all[1]}$`));
    await answerAs(raj, all[1] ?? '', { decision: 'denied' });
    await says(page, /Denied/);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('j');
    await at(2, all.length - 1);
    await page.keyboard.press('Escape');
    await until('the inbox is where it was', () => focused(page, `[data-request="${all[2]}"]`));
  });
});
