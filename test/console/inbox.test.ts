// The inbox against a real gateway: what waits, by key and by thumb, live, and several requests in one go.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import type { Browser, Page } from 'playwright-core';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { answerAs } from './town/past.ts';
import { type Call, openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, PHONE, type Visitor } from './visitor.ts';

const ROW = 'a[data-request]';
const refund = (charge: string, amount: number): Call => ({
  agent: 'support-bot',
  upstream: 'payments',
  tool: 'refund',
  args: { charge, amount, note: 'wrong size' },
});
const rollout = (name: string): Call => ({
  agent: 'release-bot',
  upstream: 'cluster',
  tool: 'rollout',
  args: { name, image: `${name}:1`, replicas: 2 },
});

describe('the inbox', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let rita: Visitor;
  let raj: Client;
  const held: string[] = [];
  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
    rita = await openVisitor(browser, town, { person: 'rita' });
    raj = await town.person('raj');
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const rows = (page: Page): Promise<readonly (string | null)[]> =>
    page.locator(ROW).evaluateAll((all) => all.map((row) => row.getAttribute('data-request')));
  const focused = (page: Page): Promise<string | null | undefined> =>
    page.evaluate(() => document.activeElement?.getAttribute('data-request'));
  const shows = (page: Page, ids: readonly string[]): Promise<void> =>
    until(`the rows are ${ids}`, async () => (await rows(page)).join() === ids.join());

  it('says that all is well, with the day’s numbers, and where to begin', async () => {
    await rita.go('/');
    await rita.page.waitForSelector('text=All is well');
    await until('the day is counted', async () =>
      /Ran at once/.test((await rita.page.textContent('section[aria-label="Today"]')) ?? ''),
    );
    await assertAccessible(rita, 'an empty inbox');
  });

  it('shows what is asked the moment it is asked, the most urgent first', async () => {
    await rita.go('/');
    held.push(await town.hold(rollout('search')));
    await shows(rita.page, held);
    held.push(await town.hold(refund('ch_1', 120)), await town.hold(refund('ch_2', 230)));
    await shows(rita.page, held);
    const urgent = await town.hold({
      agent: 'release-bot',
      upstream: 'cluster',
      tool: 'delete_namespace',
      args: { namespace: 'staging-2' },
    });
    held.unshift(urgent);
    await shows(rita.page, held);
    await rita.page.waitForSelector('text=2 alike');
  });

  it('goes by keys, and decides nothing from a line (A16)', async () => {
    const sent: string[] = [];
    const note = (request: { method(): string; url(): string }): void => {
      if (request.method() !== 'GET') sent.push(request.url());
    };
    rita.page.on('request', note);
    await rita.go('/');
    await shows(rita.page, held);
    for (const key of ['j', 'j', 'k', 'j']) await rita.page.keyboard.press(key);
    assert.equal(await focused(rita.page), held[1]);
    await until('the address says where', async () => rita.page.url().includes(`at=${held[1]}`));
    await rita.page.keyboard.press('a');
    await rita.page.waitForURL(`**/requests/${held[1]}?do=approve`);
    await until('the keyboard is at the answer', () =>
      rita.page.evaluate(() => document.activeElement?.getAttribute('data-answer') === 'approve'),
    );
    await rita.page.goBack();
    await until('it is back where it was', async () => (await focused(rita.page)) === held[1]);
    await rita.page.keyboard.press('Enter');
    await rita.page.waitForURL(`**/requests/${held[1]}`);
    await rita.page.goBack();
    await rita.page.keyboard.press('/');
    assert.equal(await rita.page.evaluate(() => document.activeElement?.tagName), 'INPUT');
    assert.deepEqual(sent, []);
    rita.page.off('request', note);
  });

  it('filters, in the address', async () => {
    await rita.go('/');
    await rita.page.fill('main input', 'ch_2');
    await shows(rita.page, held.slice(3));
    await until('the address has it', async () => rita.page.url().includes('q=ch_2'));
    await rita.page.reload();
    await shows(rita.page, held.slice(3));
    await rita.go('/?risk=critical');
    await shows(rita.page, held.slice(0, 1));
    await rita.go('/?q=nowhere');
    await rita.page.click('text=Show all that waits');
    await shows(rita.page, held);
  });

  it('does not move under who reads: what is new waits for a press, what is gone stays, marked', async () => {
    await rita.go('/');
    await shows(rita.page, held);
    await rita.page.focus(`[data-request="${held[1]}"]`);
    const sooner = await town.hold({
      agent: 'release-bot',
      upstream: 'cluster',
      tool: 'delete_namespace',
      args: { namespace: 'staging-3' },
    });
    await rita.page.waitForSelector('text=1 new request: show');
    await answerAs(raj, held[3] ?? '', { decision: 'denied' });
    await rita.page.waitForSelector(`[data-request="${held[3]}"]:has-text("No longer waits")`);
    assert.deepEqual(await rows(rita.page), held);
    assert.equal(await focused(rita.page), held[1]);
    await rita.page.click('text=1 new request: show');
    held.splice(3, 1);
    held.splice(1, 0, sooner);
    await shows(rita.page, held);
  });

  it('of others: all that waits is one press away, and says why it is not theirs', async () => {
    const olivia = await openVisitor(browser, town, { person: 'olivia' });
    await olivia.go('/');
    await olivia.page.waitForSelector('text=All is well');
    await olivia.page.click('text=wait for somebody else');
    await shows(olivia.page, held);
    assert.match((await olivia.page.textContent(ROW)) ?? '', /not yours: you own this agent/);
    await olivia.close();
  });

  it('A7: several in one go: each whole, each seen, added up; one is left out; each is its own answer', async () => {
    const four = [];
    for (const [charge, amount] of [
      ['ch_11', 500],
      ['ch_12', 501],
      ['ch_13', 502],
    ] as const)
      four.push(await town.hold(refund(charge, amount)));
    await rita.go('/');
    await rita.page.click('div:has(> span > strong:text("4 alike")) > a');
    await rita.page.waitForSelector('h2:has-text("4. ")');
    const approve = '[data-answer="approve"]';
    assert.equal(await rita.page.isDisabled(approve), true);
    assert.match((await rita.page.textContent('main')) ?? '', /Together: amount comes to 1623/);
    await rita.page.click('article:has-text("ch_12") label:has-text("Answer this one too")');
    for (const item of await rita.page.locator('[data-end]').all()) {
      await item.evaluate((end) => end.scrollIntoView({ block: 'center' }));
      await until('it was looked at', () =>
        item.evaluate((end) => {
          const { top } = end.getBoundingClientRect();
          return top > 0 && top < innerHeight - 120;
        }),
      );
    }
    await rita.page.waitForSelector(`${approve}:not([disabled])`);
    await assertAccessible(rita, 'several together');
    await rita.page.fill('label:has-text("Reason") >> xpath=../input', 'same parcel');
    await rita.page.click(approve);
    await until(
      'three are approved',
      async () => (await rita.page.locator('article >> text=Approved').count()) > 2,
    );
    const found = await Promise.all(four.map((id) => raj.requests.show(id)));
    assert.deepEqual(
      found.map(({ status, reviews }) => [status, reviews[0]?.reason]),
      [
        ['approved', 'same parcel'],
        ['pending', undefined],
        ['approved', 'same parcel'],
      ],
    );
  });

  it('an address that says something else than a filter is the page without it', async () => {
    const odd = [
      '/?q=5&agent=%7B%22a%22%3A1%7D&risk=7',
      '/policy?span=ever&only=5',
      '/policy/draft?line=abc&file=5',
      '/policy/tried?span=5',
      '/runs/compare?a=%5B1%5D&b=5',
      '/runs/compare?a=x&b=y',
      `/requests/${held[0]}?do=run&as=5`,
    ];
    const visitor = await openVisitor(browser, town, { person: 'olivia' });
    for (const path of odd) {
      await visitor.go(path);
      assert.doesNotMatch((await visitor.page.textContent('main')) ?? '', /did not load|broke/, path);
    }
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  it('A7: what can no longer be answered is not taken with the others', async () => {
    const two = [await town.hold(refund('ch_21', 700)), await town.hold(refund('ch_22', 701))];
    const ids = encodeURIComponent(JSON.stringify(two));
    await rita.page.route('**/api/events', (route) => route.abort());
    await rita.go(`/requests/together?ids=${ids}`);
    await rita.page.waitForSelector('h2:has-text("2. ")');
    await answerAs(raj, two[1] ?? '', { decision: 'denied' });
    await rita.page.click('[data-answer="deny"]');
    await rita.page.waitForSelector('article:has-text("ch_22") >> text=Not taken');
    await rita.page.waitForSelector('article:has-text("ch_21") >> text=Denied');
    await rita.page.unrouteAll();
  });

  it('a new request is there in two browsers at once; on a phone it is all reachable', async () => {
    const phone = await openVisitor(browser, town, { person: 'mei', size: PHONE, colours: 'dark' });
    await Promise.all([rita.go('/'), phone.go('/')]);
    const id = await town.hold(rollout('checkout'));
    for (const { page } of [rita, phone]) await page.waitForSelector(`[data-request="${id}"]`);
    assert.equal(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await assertAccessible(phone, 'the inbox on a phone');
    await phone.close();
  });

  it('a line that was lost is said to be; once it is back, what was missed is there', async () => {
    const away = await openVisitor(browser, town, { person: 'mei' });
    const stream = '**/api/events';
    await away.page.route(stream, (route) => route.abort());
    await away.go('/');
    await away.page.waitForSelector('text=Not connected to the gateway');
    const id = await town.hold(rollout('billing'));
    await away.page.unroute(stream);
    await away.page.waitForSelector(`[data-request="${id}"]`, { timeout: 30_000 });
    await until('it is said no more', async () => !(await away.page.isVisible('text=Not connected')));
    await away.close();
  });

  it('a browser that goes offline says so at once, and goes on by itself', async () => {
    const away = await openVisitor(browser, town, { person: 'mei', size: PHONE });
    await away.go('/');
    await away.page.waitForSelector('main a[href^="/requests/"]');
    await away.page.evaluate(() => document.body.setAttribute('data-same-page', ''));
    await away.context.setOffline(true);
    // Long before the stream has been silent for too long.
    await away.page.waitForSelector('text=This browser is offline', { timeout: 5_000 });
    assert.equal(await away.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    const id = await town.hold(rollout('ledger'));
    await away.context.setOffline(false);
    await away.page.waitForSelector(`[data-request="${id}"]`);
    await until(
      'it is said no more',
      async () => !(await away.page.isVisible('text=/is offline|Not connected/')),
    );
    assert.equal(await away.page.locator('body[data-same-page]').count(), 1, 'it was never loaded anew');
    await away.close();
  });

  it('a gateway that answers all the same is not said to be away', async () => {
    const near = await openVisitor(browser, town, { person: 'mei' });
    await near.go('/');
    await near.page.waitForSelector('main a[href^="/requests/"]');
    await near.page.evaluate(() => dispatchEvent(new Event('offline')));
    await until('it was asked', async () => !(await near.page.isVisible('text=This browser is offline')));
    const id = await town.hold(rollout('mirror'));
    await near.page.waitForSelector(`[data-request="${id}"]`);
    assert.deepEqual(near.complaints, []);
    await near.close();
  });

  it('can be used by everybody, and broke no rule of its own', async () => {
    await rita.go('/');
    await assertAccessible(rita, 'the inbox');
    assert.deepEqual(
      rita.complaints.filter((text) => !/ERR_FAILED/.test(text)),
      [],
    );
  });
});
