// Signing in and one's own account: links (A16), deep links, sessions that end, passkeys confirmed by somebody else, seats.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, PHONE, type Visitor } from './visitor.ts';

describe('signing in, and one’s own account', { skip }, () => {
  let town: Town;
  let browser: Browser;
  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const at = (page: Page): string => page.url().slice(town.url.length);
  const nobody = (): Promise<Visitor> => openVisitor(browser, town, {});
  const as = (person: string): Promise<Visitor> => openVisitor(browser, town, { person });
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  const code = (person: string): Promise<string> => town.house.gateway.sessions.issueCode(person);
  /** Nothing a page or its policy complained of but answers it asked for. */
  const assertQuiet = ({ complaints }: Visitor): void =>
    assert.deepEqual(
      complaints.filter((text) => !/status of (401|409)/.test(text)),
      [],
    );

  it('a link signs in on a press, and on nothing else; the code leaves the address bar at once (A16)', async () => {
    const visitor = await nobody();
    const { page } = visitor;
    const sent: string[] = [];
    page.on('request', (request) => void sent.push(`${request.url()} ${request.postData() ?? ''}`));
    const secret = await code('rita');
    await visitor.go(`/sign-in?to=%2Faccount%23sessions#${secret}`);
    assert.equal(page.url().includes(secret), false);
    assert.equal(
      await page.evaluate((text) => JSON.stringify(history.state ?? '').includes(text), secret),
      false,
    );
    assert.equal(
      sent.some((each) => each.includes(secret)),
      false,
      'nothing is sent before the press',
    );
    await button(page, 'Sign in on this browser').click();
    await page.getByRole('heading', { name: 'Rita Lindqvist' }).waitFor();
    assert.equal(at(page), '/account#sessions', 'back where they wanted to go');
    assert.equal(sent.filter((each) => each.includes(secret)).length, 1);
    await page.goBack().catch(() => undefined);
    assert.equal(page.url().includes(secret), false, 'nor is it in the history');
    assertQuiet(visitor);
    await visitor.close();
  });

  it('a used link says so before anybody presses anything, and is forgotten', async () => {
    const secret = await code('raj');
    for (const refused of [false, true]) {
      const visitor = await nobody();
      await visitor.go(`/sign-in#${secret}`);
      if (refused) {
        await visitor.page.getByText(/wrong, used, or older than ten minutes/).waitFor();
        assert.equal(await button(visitor.page, 'Sign in on this browser').count(), 0);
        await assertAccessible(visitor, 'a used link');
        await button(visitor.page, 'Sign in another way').click();
        await visitor.page.getByRole('heading', { name: 'Sign in with a one-time link' }).waitFor();
      } else {
        await button(visitor.page, 'Sign in on this browser').click();
        await until('signed in', () => at(visitor.page) === '/');
      }
      await visitor.close();
    }
  });

  it('a link pasted over the open page is taken, and signs in another person', async () => {
    const visitor = await as('rita');
    await visitor.go('/account');
    const secret = await code('raj');
    await visitor.page.goto(`${town.url}/sign-in#${secret}`);
    await button(visitor.page, 'Continue as Raj Patel').click();
    await until('signed in', () => at(visitor.page) === '/');
    await visitor.go('/account');
    assert.equal(await visitor.page.textContent('h1'), 'Raj Patel');
    const second = await code('mei');
    await visitor.page.goto(`${town.url}/sign-in?fresh=1`);
    await visitor.page.waitForSelector('h1');
    await visitor.page.evaluate((text) => {
      location.hash = text;
    }, second);
    await button(visitor.page, 'Continue as Mei Tanaka').click();
    await until('signed in', () => at(visitor.page) === '/');
    assert.equal(visitor.page.url().includes(second), false);
    await visitor.go('/account');
    assert.equal(await visitor.page.textContent('h1'), 'Mei Tanaka');
    await visitor.close();
  });

  it('a link for somebody else says who is signed in and whom it signs in; one press, either way', async () => {
    const visitor = await as('rita');
    const { page } = visitor;
    const secret = await code('raj');
    await visitor.go(`/sign-in?to=%2Fhistory#${secret}`);
    await page.getByText('You are signed in as Rita Lindqvist').waitFor();
    await assertAccessible(visitor, 'a link for somebody else');
    await button(page, 'Stay Rita Lindqvist').click();
    await until('where they wanted to go', () => at(page) === '/history');
    await visitor.go(`/sign-in?to=%2Faccount#${secret}`);
    await button(page, 'Continue as Raj Patel').click();
    await page.getByRole('heading', { name: 'Raj Patel' }).waitFor();
    assert.equal(at(page), '/account', 'the link was still good');
    await visitor.go('/sign-in?other=1&to=%2Faccount');
    await page.getByText('You are signed in as Raj Patel').waitFor();
    await button(page, 'Stay Raj Patel').click();
    await page.getByRole('heading', { name: 'Raj Patel' }).waitFor();
    assertQuiet(visitor);
    await visitor.close();
  });

  it('never leads to another site', async () => {
    const visitor = await nobody();
    for (const to of ['//evil.example.com', '/..//evil.example.com']) {
      await visitor.go(`/sign-in?to=${encodeURIComponent(to)}#${await code('rita')}`);
      await button(visitor.page, /^(Sign in on this browser|Continue as Rita Lindqvist)$/).click();
      await until(`home from ${to}`, () => at(visitor.page) === '/');
    }
    await visitor.close();
  });

  it('a session that ends while a view is open leads to signing in, and back to that view', async () => {
    const visitor = await as('ada');
    const { page } = visitor;
    await visitor.go('/people?by=groups');
    await town.house.gateway.sessions.revokeAll('ada', { by: 'olivia' });
    await until('sent to sign in', () => at(page).startsWith('/sign-in'));
    await page.getByText('Your session ended.').waitFor();
    assert.equal(new URL(page.url()).searchParams.get('to'), '/people?by=groups');
    const { searchParams } = new URL(page.url());
    await page.goto(
      `${town.url}/sign-in?to=${encodeURIComponent(searchParams.get('to') ?? '')}#${await code('ada')}`,
    );
    await button(page, 'Sign in on this browser').click();
    await page.getByRole('heading', { name: 'People' }).waitFor();
    assert.equal(at(page), '/people?by=groups');
    await visitor.close();
  });

  it('whoever is signed in is not asked again; signing out ends it', async () => {
    const visitor = await as('raj');
    const { page } = visitor;
    await page.goto(`${town.url}/sign-in?to=/people`);
    await until('let through', () => at(page) === '/people');
    await visitor.go('/account');
    await button(page, 'Sign out').click();
    await page.getByText('Signed out.').waitFor();
    await page.goto(`${town.url}/account`);
    await until('asked to sign in', () => at(page).startsWith('/sign-in?to='));
    await visitor.close();
  });

  it('a passkey counts once somebody else confirmed it, having compared', async () => {
    const [olivia, omar] = [await as('olivia'), await as('omar')];
    await olivia.go('/account');
    await button(olivia.page, 'Add a passkey').click();
    await olivia.page.getByLabel('Its name').fill('Olivia’s laptop');
    await button(olivia.page, 'Make it').click();
    const own = olivia.page.getByRole('list', { name: 'Your passkeys' });
    await own.getByText('Waits to be confirmed').waitFor();
    await own.getByText(/Read this fingerprint to omar/).waitFor();
    assert.equal(await own.getByRole('button', { name: 'Confirm' }).count(), 0, 'nobody confirms their own');
    await assertAccessible(olivia, '/account');
    const read = await own.locator('code').textContent();

    await omar.go('/people/olivia');
    const theirs = omar.page.getByRole('list', { name: 'Passkeys' });
    await theirs.getByRole('button', { name: 'Confirm' }).click();
    const dialog = omar.page.getByRole('dialog');
    assert.ok((await dialog.textContent())?.includes(read ?? 'none'), 'both are shown the same');
    assert.equal(await dialog.getByRole('button', { name: 'Confirm it' }).isDisabled(), true);
    await assertAccessible(omar, 'confirming');
    await dialog.getByText('They read me exactly this').click();
    await dialog.getByRole('button', { name: 'Confirm it' }).click();
    await theirs.getByText('Confirmed', { exact: true }).waitFor();

    await olivia.go('/account');
    await own.getByText('Confirmed', { exact: true }).waitFor();
    await own.getByRole('button', { name: 'Rename' }).click();
    await olivia.page.getByLabel('Its name').fill('Blue laptop');
    await olivia.page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await own.getByText('Blue laptop').waitFor();
    await own.getByRole('button', { name: 'Revoke' }).click();
    await button(olivia.page, 'Revoke it').click();
    await olivia.page.getByText('1 revoked passkey').waitFor();
    for (const visitor of [olivia, omar]) {
      assertQuiet(visitor);
      await visitor.close();
    }
  });

  it('gives one’s seat away and takes it back; an end before the beginning is refused', async () => {
    const rita = await openVisitor(browser, town, { person: 'rita', size: PHONE });
    await rita.go('/account');
    await button(rita.page, 'Give your seat').click();
    await rita.page.getByLabel('Until the end of').fill('2020-01-01');
    await button(rita.page, 'Give it').click();
    await rita.page.getByRole('alert').waitFor();
    const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    await rita.page.getByLabel('Until the end of').fill(soon);
    await assertAccessible(rita, 'giving a seat, on a phone');
    await button(rita.page, 'Give it').click();
    const seats = rita.page.getByRole('list', { name: 'Seats given' });
    await seats.getByText(/sits in for you/).waitFor();
    const { items } = await (await town.person('rita')).delegations.list({ active: true });
    assert.deepEqual(
      items.map(({ from }) => from),
      ['rita'],
    );
    await seats.getByRole('button', { name: 'Take it back' }).click();
    await rita.page.getByText(/You answer for yourself, and sit in for nobody/).waitFor();
    await rita.close();
  });

  it('lists where one is signed in, and ends another session', async () => {
    const [here, there] = [await as('mei'), await as('mei')];
    await here.go('/account');
    const sessions = here.page.getByRole('table', { name: 'Sessions' });
    await sessions.getByText('This one').waitFor();
    const before = await sessions.getByRole('button', { name: 'End' }).count();
    assert.ok(before > 0);
    // Newest first or last: end all the others.
    for (let left = before; left > 0; left--) {
      await sessions.getByRole('button', { name: 'End' }).first().click();
      await until(
        'one less',
        async () => (await sessions.getByRole('button', { name: 'End' }).count()) < left,
      );
    }
    await there.page.goto(`${town.url}/account`);
    await until('the other is out', () => at(there.page).startsWith('/sign-in'));
    await Promise.all([here.close(), there.close()]);
  });

  it('for a command line that waits, the page begins a sign-in that ends there; else one that ends where they were', async () => {
    const visitor = await nobody();
    const { page } = visitor;
    const asked: unknown[] = [];
    // No provider is in the town; what the page asks of one is what is looked at. Real ones: test/sign-in, test/browser.
    await page.route('**/api/sign-in/providers', (route) =>
      route.fulfill({ json: { items: [{ id: 'idp', name: 'Exa\u200bmple' }] } }),
    );
    await page.route('**/api/sign-in/providers/idp', (route) => {
      asked.push(route.request().postDataJSON());
      return route.fulfill({ json: { url: `${town.url}/favicon.svg` } });
    });
    const [challenge, state] = ['c'.repeat(43), 's'.repeat(43)];
    for (const search of [
      `cli=${challenge}.40123.${state}`,
      'to=%2Faudit%3Fagent%3Ddata-bot',
      'fresh=1&to=%2Fpeople',
    ]) {
      await visitor.go(`/sign-in?${search}`);
      await button(page, /Sign in with Exa\\u\{200B\}mple/).click();
      await page.waitForURL(/favicon/);
    }
    assert.deepEqual(asked, [
      { loopback: { challenge, port: 40_123, state } },
      { return_to: '/audit?agent=data-bot' },
      { return_to: '/people', fresh: true },
    ]);
    await visitor.close();
  });

  for (const path of ['/sign-in', '/sign-in?cli=a.b', '/sign-in?fresh=1', '/sign-in?why=out'])
    it(`${path} can be used by anybody, on a phone`, async () => {
      const visitor = await openVisitor(browser, town, { size: PHONE });
      await visitor.go(path);
      await assertAccessible(visitor, path);
      const overflow = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} px too wide`);
      await visitor.close();
    });
});
