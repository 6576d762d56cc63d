// What surrounds every view: nobody gets in unsigned, places are reached by key and by thumb, nothing comes from elsewhere.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { openTown, type Town } from './town/town.ts';
import { assertAccessible, DESKTOP, openVisitor, PHONE, type Visitor } from './visitor.ts';

const PLACES = [
  '/',
  '/history',
  '/runs',
  '/audit',
  '/policy',
  '/insights',
  '/agents',
  '/upstreams',
  '/people',
  '/channels',
  '/start',
  '/account',
];

describe('the console’s frame', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let olivia: Visitor;
  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
    olivia = await openVisitor(browser, town, { person: 'olivia' });
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  it('sends nobody signed in to sign in, remembering where they wanted to go', async () => {
    const nobody = await openVisitor(browser, town, {});
    await nobody.go('/audit?agent=data-bot');
    const { pathname, searchParams } = new URL(nobody.page.url());
    assert.equal(pathname, '/sign-in');
    assert.equal(searchParams.get('to'), '/audit?agent=data-bot');
    await nobody.close();
  });

  it('asks nobody but its gateway for anything', async () => {
    const asked = new Set<string>();
    const note = (request: { url(): string }): void => void asked.add(new URL(request.url()).origin);
    olivia.page.on('request', note);
    for (const place of PLACES) await olivia.go(place);
    olivia.page.off('request', note);
    assert.deepEqual([...asked], [town.url]);
    assert.deepEqual(olivia.complaints, []);
  });

  it('goes by keys', async () => {
    await olivia.go('/');
    for (const [key, path] of [
      ['h', '/history'],
      ['a', '/audit'],
      ['i', '/'],
    ] as const) {
      await olivia.page.keyboard.press('g');
      // The second key is listened for once the first press is over.
      await olivia.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
      await olivia.page.keyboard.press(key);
      await until(`at ${path}`, () => new URL(olivia.page.url()).pathname === path);
    }
    await olivia.page.keyboard.press('?');
    await olivia.page.waitForSelector('[role="dialog"] >> text=Keys');
    await olivia.page.keyboard.press('Escape');
    await olivia.page.waitForSelector('[role="dialog"]', { state: 'detached' });
  });

  it('says that there is nothing where there is nothing, and leads back', async () => {
    await olivia.go('/history/no/such/page');
    assert.match((await olivia.page.textContent('main')) ?? '', /no page at this address/);
  });

  // Colours do not depend on the width, nor widths on the colours: each is looked at once.
  for (const [size, colours, name] of [
    [DESKTOP, 'light', 'wide'],
    [PHONE, 'dark', 'on a phone'],
  ] as const)
    it(`can be used by anybody, ${name}, ${colours}`, async () => {
      const visitor = await openVisitor(browser, town, { person: 'olivia', size, colours });
      for (const place of PLACES) {
        await visitor.go(place);
        await assertAccessible(visitor, `${place} ${name} ${colours}`);
        const overflow = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${place} is ${overflow} px too wide ${name}`);
      }
      await visitor.close();
    });
});
