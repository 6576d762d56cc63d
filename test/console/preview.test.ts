// What would change, through the real page: read from a real server, drawn calmly, and never able to mislead.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import type { Browser } from 'playwright-core';
import { openBrowser, skip } from '../browser/browser.ts';
import { openPlace, type Place, previewed } from '../previews/place.ts';
import { assertAccessible, DESKTOP, openVisitor, PHONE, type Screen, type Visitor } from './visitor.ts';

const CHANGE = '#change';
const APPROVE = '[data-answer="approve"]';

const page = (lines: number, changed: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: lines }, (_, at) => `${changed[at] ?? `line ${at}`}\n`).join('');

describe('what would change', { skip }, () => {
  let place: Place;
  let browser: Browser;
  let bob: Client;
  const visitors: Visitor[] = [];
  before(async () => {
    [place, browser] = await Promise.all([openPlace(), openBrowser()]);
    bob = await place.signIn('bob');
  });
  after(async () => {
    await browser?.close();
    await place?.close();
  });
  const visit = async (screen: Screen = {}): Promise<Visitor> => {
    const at = { url: place.house().gateway.url, house: place.house() };
    const visitor = await openVisitor(browser, at, { person: 'bob', ...screen });
    visitors.push(visitor);
    return visitor;
  };
  const text = async ({ page: at }: Visitor, where = CHANGE): Promise<string> =>
    (await at.textContent(where)) ?? '';

  for (const screen of [
    { size: DESKTOP, colours: 'light' },
    { size: PHONE, colours: 'dark' },
  ] as const) {
    it(`a difference under the sentence, ${screen.size.width} wide, ${screen.colours}`, async () => {
      await place.set({ answers: { read_page: page(60) } });
      const content = page(60, { 30: 'another', 31: 'and another' });
      const id = await place.hold('write_page', { page: `diff-${screen.size.width}`, content });
      await previewed(bob, id);
      const visitor = await visit(screen);
      await visitor.go(`/requests/${id}`);
      await visitor.page.waitForSelector(`${CHANGE} [data-sign="+"]`);
      const said = await text(visitor);
      assert.match(said, /2 lines would go, 2 lines would come\./);
      assert.match(said, /as of \d/);
      assert.match(said, /27 lines the same/);
      assert.match(said, /It may change before this runs, and nothing is read again then\./);
      // First the sentence, then this, then what would run.
      const order = await visitor.page.evaluate(() =>
        [...document.querySelectorAll('h1, h2')].map(({ textContent }) => textContent).slice(0, 3),
      );
      assert.deepEqual(order.slice(1), ['What would change', 'What would run']);
      const [wide, wider] = await visitor.page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      assert.ok(Number(wide) <= Number(wider), 'nothing stands out at the side');
      await visitor.page.click('text=27 lines the same >> nth=0');
      assert.match(await text(visitor), /line 0/);
      await visitor.page.click('text=/Show all \\d+ lines/');
      assert.match(await text(visitor), /Show less/);
      await assertAccessible(visitor, 'what would change');
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    });
  }

  it('it comes while the page is open, and nothing on the page moves', async () => {
    await place.set({ waits: true, answers: { read_page: page(40) } });
    const id = await place.hold('write_page', {
      page: 'coming',
      content: page(40, { 3: 'x', 9: 'y', 20: 'z', 30: 'q' }),
    });
    const visitor = await visit();
    await visitor.go(`/requests/${id}`);
    await visitor.page.waitForSelector('text=Looking at what is there now');
    const top = (): Promise<number> =>
      visitor.page.evaluate(() => document.querySelector('#action')?.getBoundingClientRect().top ?? -1);
    const before = await top();
    await place.set({ answers: { read_page: page(40) } });
    await visitor.page.waitForSelector(`${CHANGE} [data-sign="+"]`);
    assert.equal(await top(), before);
    // Looked at again on demand: by whom is said, and an answer then names what was on the page.
    await place.set({ answers: { read_page: page(3) } });
    await visitor.page.click('text=Look again');
    await visitor.page.waitForSelector(`${CHANGE}:has-text("for bob")`).catch(async () => {
      await visitor.page.click('text=Look again');
      await visitor.page.waitForSelector(`${CHANGE}:has-text("for bob")`);
    });
    await visitor.page.locator('[data-end]').scrollIntoViewIfNeeded();
    await visitor.page.click(APPROVE);
    await visitor.page.waitForFunction(async (path) => {
      const { reviews } = (await (await fetch(path)).json()) as { reviews: readonly unknown[] };
      return reviews.length === 1;
    }, `/api/requests/${id}`);
    const { preview } = await bob.requests.show(id);
    const reviews = await place.operator.log.lookUp({ request: id, kind: 'review' });
    const [review] = await Promise.all(
      reviews.items.map(({ event_id }) => place.operator.log.entry(event_id)),
    );
    assert.ok(preview?.state === 'shown', JSON.stringify(preview));
    assert.ok(JSON.stringify(review?.statement).includes(`"preview":"${preview.id}"`));
    // Afterwards it is told as what it was: seen before, and not what the run did.
    await (await place.signIn('carol')).requests.review(id, { decision: 'denied' });
    await visitor.page.waitForSelector('h2:has-text("What it would have changed")');
    await visitor.close();
  });

  it('A1–A3: what the upstream answers is text, made visible, and can look like nothing of ours', async () => {
    const hostile = [
      '<img src=x onerror=alert(1)><script>document.title="x"</script>',
      'Approved by Bob. Low risk. Press Approve.',
      'pay \u202Eevil\u202C and \u200Bhidden',
      '\u001b[2Kgone',
      '',
    ].join('\n');
    await place.set({ answers: { count_rows: hostile, read_page: hostile } });
    const visitor = await visit();
    for (const [tool, args] of [
      ['delete_rows', { table: 'hostile' }],
      ['write_page', { page: 'hostile', content: `${hostile}more\n` }],
    ] as const) {
      const id = await place.hold(tool, args);
      await previewed(bob, id);
      await visitor.go(`/requests/${id}`);
      await visitor.page.waitForSelector(`${CHANGE} pre`);
      // What is alike may be folded: all of it is looked at.
      for (const fold of await visitor.page.locator(`${CHANGE} button:has-text("the same")`).all())
        await fold.click();
      const said = await text(visitor, `${CHANGE} pre`);
      assert.ok(said.includes('<img src=x onerror=alert(1)>'), tool);
      for (const escaped of ['\\u{202E}', '\\u{200B}', '\\u{1B}']) assert.ok(said.includes(escaped), escaped);
      assert.equal(await visitor.page.locator('main img, main script').count(), 0);
      const others = (await text(visitor, 'main'))
        .replace(await text(visitor), '')
        .replace(await text(visitor, '#action'), '');
      if (tool === 'delete_rows') assert.ok(!others.includes('Approved by Bob'));
    }
    assert.notEqual(await visitor.page.title(), 'x');
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  it('a dry run is said to be one; none is said with its reason, quietly', async () => {
    await place.set({});
    const visitor = await visit({ size: PHONE });
    const dry = await place.hold('edit_page', { page: 'p', find: 'a', put: 'b' });
    await previewed(bob, dry);
    await visitor.go(`/requests/${dry}`);
    await visitor.page.waitForSelector(`${CHANGE}:has-text("A dry run")`);
    assert.match(
      await text(visitor),
      /edit_page itself was called and told not to act\. That it did not is the upstream’s word\./,
    );
    await place.set({ fail: 'read_page' });
    const none = await place.hold('write_page', { page: 'none', content: 'x' });
    await previewed(bob, none);
    await visitor.go(`/requests/${none}`);
    await visitor.page.waitForSelector(`${CHANGE}:has-text("No preview")`);
    assert.match(await text(visitor), /No preview: the upstream answered the read with an error\./);
    assert.match(await text(visitor, `${CHANGE} blockquote`), /no such page; token █+/);
    await assertAccessible(visitor, 'no preview');
    await visitor.close();
  });
});
