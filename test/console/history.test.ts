// What agents did, as somebody looks into it: found by words and filters, one call whole, a run replayed, two compared,
// and what it all adds up to.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { everyItem } from '@countersign/sdk';
import type { Browser } from 'playwright-core';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { answerAs, live } from './town/past.ts';
import { openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, PHONE, type Visitor } from './visitor.ts';

const ROWS = 'main ul[aria-label^="Calls"] a';

describe('history, runs and insights in the browser', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let ada: Visitor;
  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
    await live(town);
    const client = await town.person('ada');
    // The history follows the log by a moment.
    await until('the history has seen it all', async () => {
      const { items, followed } = await client.calls.list({ outcome: 'waiting', limit: 200 });
      return followed.behind === 0 && items.length >= 6;
    });
    ada = await openVisitor(browser, town, { person: 'ada' });
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });
  const path = (): string => {
    const { pathname, search } = new URL(ada.page.url());
    return pathname + search;
  };
  const rows = (): Promise<readonly string[]> => ada.page.locator(ROWS).allTextContents();

  it('finds by words as they are typed, and keeps them in the address', async () => {
    await ada.go('/history');
    await ada.page.waitForSelector('input[placeholder^="Words"]');
    await ada.page.keyboard.press('/');
    await ada.page.waitForSelector('input[placeholder^="Words"]:focus');
    await ada.page.keyboard.type('wrong siz');
    await until('only those are left', async () => (await rows()).length === 2);
    assert.ok((await rows()).every((row) => row.includes('wrong size')));
    // The last letter may follow what was found by those before it.
    await until('the address has them all', () => path() === '/history?q=wrong+siz');
    await ada.page.fill('input[placeholder^="Words"]', 'nothing says this');
    await ada.page.waitForSelector('text=Nothing matches');
    await ada.page.fill('input[placeholder^="Words"]', '');
    await until('no words, no filter', () => path() === '/history');
  });

  it('takes any filter from the address, and leaves what is none alone', async () => {
    await ada.go('/history?agent=data-bot&outcome=denied&risk=enormous&from=yesterday');
    const found = await rows();
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /export_table.*raj.*Denied/);
    await ada.page.click('[aria-label="Take away the filter: Ended"]');
    await until('more are shown', async () => (await rows()).length > 1);
    assert.ok((await rows()).every((row) => row.includes('data-bot')));
  });

  it('goes through the list by keys, and opens one', async () => {
    await ada.go('/history?outcome=succeeded&decision=held&upstream=payments');
    const [first, second] = await ada.page.locator(ROWS).all();
    await ada.page.keyboard.press('j');
    await ada.page.keyboard.press('j');
    const href = await second?.getAttribute('href');
    assert.equal(await ada.page.evaluate(() => document.activeElement?.getAttribute('href')), href);
    await ada.page.keyboard.press('k');
    assert.equal(
      await ada.page.evaluate(() => document.activeElement?.getAttribute('href')),
      await first?.getAttribute('href'),
    );
    await ada.page.keyboard.press('Enter');
    await until('the call is open', () => path().startsWith('/history/evl_'));
  });

  it('shows one call whole: asked, decided, run, answered, and where it stands in the log', async () => {
    await ada.go('/history?q=double+charge');
    await ada.page.click(ROWS);
    await ada.page.waitForSelector('h1:has-text("double charge")');
    const said = (await ada.page.textContent('main')) ?? '';
    for (const words of [
      'Asked by support-bot',
      'Held: policy wants people to decide',
      'Approved by rita',
      'Begun on an approval',
      '"charge": "ch_2210"',
      'refunded 480 of ch_2210',
      'Medium risk',
    ])
      assert.ok(said.includes(words), words);
    await assertAccessible(ada, 'one call');
    await ada.page.click('a:has-text("resolution")');
    await ada.page.waitForSelector('text=In the log, signed and unchanged');
  });

  it('shows no secret, and writes out what misleads the eye (A3, I7)', async () => {
    await ada.go('/history?agent=support-bot&outcome=waiting');
    const found = (await rows()).join('\n');
    assert.match(found, /‹secret: aws-access-key-id/);
    assert.ok(found.includes('\\u{202E}') && !found.includes('\u202e'));
    await ada.page.click(`${ROWS}:has-text("ch_2301")`);
    await ada.page.waitForSelector('h1:has-text("ch_2301")');
    const whole = (await ada.page.textContent('main')) ?? '';
    assert.ok(whole.includes('\\u{202E}') && !whole.includes('\u202e'));
  });

  it('saves a search for its owner alone, opens it again, removes it and takes that back', async () => {
    await ada.go('/history?agent=data-bot');
    await ada.page.click('button:has-text("Save this search")');
    await ada.page.fill('[role="dialog"] input', 'The data bot');
    await ada.page.keyboard.press('Enter');
    await ada.page.waitForSelector('[role="dialog"]', { state: 'detached' });
    await ada.go('/history');
    await ada.page.click('button:has-text("Saved searches")');
    await ada.page.click('[role="menuitem"]:has-text("The data bot")');
    await until('its filters are set', () => path() === '/history?agent=data-bot');
    const others = await (await town.person('rita')).searches.list();
    assert.deepEqual(others.items, []);
    await ada.page.click('button:has-text("Remove it")');
    await ada.page.waitForSelector('button:has-text("Save this search")');
    await ada.page.click('button:has-text("Undo")');
    await ada.page.waitForSelector('button:has-text("Remove it")');
  });

  it('replays a run step by step, by keys, each step with an address', async () => {
    await ada.go('/runs?agent=support-bot');
    await ada.page.click('main ul[aria-label^="Runs"] a:has-text("9 calls"), main ul[aria-label^="Runs"] a');
    await ada.page.waitForSelector('article[aria-label^="Step 1 of"]');
    await ada.page.keyboard.press('j');
    await ada.page.waitForSelector('article[aria-label^="Step 2 of"]');
    await ada.page.keyboard.press('j');
    await ada.page.waitForSelector('article[aria-label^="Step 3 of"]');
    assert.match(path(), /^\/runs\/trl_[^?]+\?call=evl_/);
    const third = await ada.page.textContent('article h2');
    await ada.page.reload();
    await ada.page.waitForSelector('article[aria-label^="Step 3 of"]');
    assert.equal(await ada.page.textContent('article h2'), third);
    await ada.page.keyboard.press('k');
    await ada.page.waitForSelector('article[aria-label^="Step 2 of"]');
    await assertAccessible(ada, 'a run');
  });

  it('lays two runs side by side', async () => {
    const client = await town.person('ada');
    const trails = [];
    for await (const trail of everyItem((paging) => client.trails.list(paging))) trails.push(trail);
    const [one] = trails.filter(({ agent, calls }) => agent === 'support-bot' && calls > 3);
    assert.ok(one !== undefined);
    await ada.go(`/runs/${one.id}`);
    await ada.page.click('a:has-text("Compare with another")');
    await ada.page.waitForSelector('text=Choose the run to compare with');
    await ada.page.click('[aria-label="Take away the filter: Agent"]');
    await ada.page.click('main ul[aria-label^="Runs"] a:has-text("release-bot")');
    await ada.page.waitForSelector('h1:has-text("Two runs side by side")');
    await ada.page.waitForSelector('td:has-text("Only the second")');
    await assertAccessible(ada, 'two runs');
    // A run beside itself differs nowhere.
    await ada.go(`/runs/compare?a=${one.id}&b=${one.id}`);
    await ada.page.waitForSelector('table[aria-label="Calls of both runs"]');
    const kinds = await ada.page.$$eval('tr[data-kind]', (found) => [
      ...new Set(found.map((row) => row.getAttribute('data-kind'))),
    ]);
    assert.deepEqual(kinds, ['same']);
  });

  it('adds up what the gateway counts, each number a link to its list', async () => {
    const { asked, volume } = await (await town.person('ada')).insights();
    await ada.go('/insights');
    const figures = await ada.page.locator('dl').first().textContent();
    assert.match(figures ?? '', new RegExp(`Held for people${asked.held}`));
    await assertAccessible(ada, 'insights');
    const bots = volume.agents.filter(({ name }) => name === 'data-bot');
    const denied = bots.reduce((sum, day) => sum + day.denied, 0);
    await ada.page.click('table[aria-label="Calls by agent"] tr:has-text("data-bot") td:last-child a');
    await until('the list is open', () => path().startsWith('/history?'));
    await until('it has as many', async () => (await rows()).length === denied);
    await ada.go('/insights?days=7');
    await ada.page.click('summary:has-text("day by day")');
    assert.equal(await ada.page.locator('table[aria-label="Calls a day"] tbody tr').count(), 7);
  });

  it('asks for narrower rules where somebody may, and says why there are none', async () => {
    await ada.go('/insights');
    await ada.page.click('button:has-text("Propose narrower rules")');
    await ada.page.waitForSelector('text=No narrower rule can be proposed');
    await ada.page.click('summary:has-text("Where nothing narrower is proposed")');
    await ada.page.waitForSelector('li:has-text("exports"):has-text("not every request was approved")');
    const rita = await openVisitor(browser, town, { person: 'rita' });
    await rita.go('/insights');
    await rita.page.waitForSelector('h2:has-text("Rules that always approve")');
    assert.equal(await rita.page.locator('button:has-text("Propose")').count(), 0);
    await rita.page.waitForSelector('text=you see yourself');
    const named = 'table[aria-label="Approvals by reviewer"] tbody tr td:first-child';
    assert.deepEqual(await rita.page.locator(named).allTextContents(), ['rita']);
    await rita.close();
  });

  it('a call’s page follows it to its end, without being loaded anew', async () => {
    const refund = { agent: 'support-bot', upstream: 'payments', tool: 'refund' } as const;
    const call = { ...refund, args: { charge: 'ch_7001', amount: 7001, note: 'late' } };
    const id = await town.hold(call);
    const found = (await (await town.person('ada')).calls.list({ q: 'ch_7001' })).items[0];
    await ada.go(`/history/${found?.id}`);
    await ada.page.waitForSelector('text=Waiting');
    await ada.page.evaluate(() => document.body.setAttribute('data-same-page', ''));
    await answerAs(await town.person('raj'), id, { decision: 'approved' });
    const moments = ada.page.locator('section:has(h2:text-is("What happened"))');
    await moments.getByText('Approved').waitFor();
    const goOn = town.upstreams.get('payments')?.stall('refund');
    const running = town.call(call);
    await ada.page.waitForSelector('text=Running');
    goOn?.();
    await running;
    await moments.getByText('Succeeded').waitFor();
    assert.equal(await ada.page.locator('body[data-same-page]').count(), 1);
  });

  it('a run that policy alone let through is followed too', async () => {
    const goOn = town.upstreams.get('cluster')?.stall('show_deployment');
    const args = { name: 'followed-here' };
    const running = town.call({ agent: 'release-bot', upstream: 'cluster', tool: 'show_deployment', args });
    const client = await town.person('ada');
    const found = async () => (await client.calls.list({ q: 'followed-here' })).items[0];
    await until('it runs', async () => (await found())?.outcome === 'running');
    await ada.go(`/history/${(await found())?.id}`);
    await ada.page.waitForSelector('text=Running');
    goOn?.();
    await running;
    await ada.page.waitForSelector('text=Succeeded');
  });

  it('an address that is none says so, with a way back', async () => {
    const visitor = await openVisitor(browser, town, { person: 'ada' });
    const none = 'req_01M7Y9VG7HED331GQN1D2A8A5P';
    const places = ['history', 'runs', 'requests', 'audit'].flatMap((place) =>
      ['nonsense', '..%2f..%2fetc', none, '%E0%A4%A'].map((id) => `/${place}/${id}`),
    );
    for (const place of places) {
      await visitor.go(place);
      await visitor.page.getByRole('heading', { name: /^(Nothing here|No such request)$/ }).waitFor();
      await visitor.page.getByRole('link', { name: 'Back to the inbox' }).waitFor();
    }
    await assertAccessible(visitor, 'an address of nothing');
    assert.deepEqual(
      visitor.complaints.filter((text) => !/status of (400|404)|ProblemError/.test(text)),
      [],
    );
    await visitor.close();
  });

  it('can be used on a phone, in the dark', async () => {
    const visitor = await openVisitor(browser, town, { person: 'ada', size: PHONE, colours: 'dark' });
    const client = await town.person('ada');
    const { items } = await client.trails.list({ limit: 2 });
    const [a, b] = items;
    const call = (await client.calls.list({ q: 'double charge' })).items[0];
    assert.ok(a !== undefined && b !== undefined && call !== undefined);
    for (const at of [
      '/history?agent=support-bot&q=refund',
      `/history/${call.id}`,
      '/runs',
      `/runs/${a.id}`,
      `/runs/compare?a=${a.id}&b=${b.id}`,
      '/insights',
    ]) {
      await visitor.go(at);
      await assertAccessible(visitor, `${at} on a phone`);
      const over = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${at} is ${over} px too wide`);
    }
    assert.deepEqual(visitor.complaints, []);
    assert.deepEqual(ada.complaints, []);
    await visitor.close();
  });
});
