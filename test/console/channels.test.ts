// Channels: how the services do, for those who oversee them; and the page on which somebody says that an account is theirs. The
// gateway of the town has no service: what its API says of them is put in its place here, and is tried where the API is.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, PHONE, type Visitor } from './visitor.ts';

const json = (status: number, body: unknown) => ({
  status,
  contentType: status < 300 ? 'application/json' : 'application/problem+json',
  body: JSON.stringify(body),
});
const SERVICES = [
  { kind: 'slack', places: ['C0123456789'], ok: true, says: 'Connected.', waiting: 2, failing: 1, dead: 1 },
  { kind: 'teams', places: [], ok: false, says: 'Refused.', since: 1, waiting: 0, failing: 0, dead: 0 },
];
const DEAD = {
  id: 'crd_1',
  request_id: 'req_01M7Y9VG7HED331GQN1D2A8A5P',
  channel: 'slack',
  place: 'C0987654321',
  trouble: 'channel_not_found',
  attempts: 1,
  made_at: 1,
};
const SET_ASIDE = {
  count: 1,
  oldest: [{ request_id: 'req_01M7Y9VG7HED331GQN1D2A8A6Q', since: 1, attempts: 3 }],
};
const ASKED = {
  channel: 'slack',
  account: 'slack:t01/u01',
  label: 'Olivia \u202e(admin)',
  expires_at: Date.now() + 600_000,
};

describe('channels', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let visitor: Visitor;
  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });
  afterEach(() => visitor.close());

  /** What was asked of the gateway, by path. */
  const answered = async (page: Page): Promise<string[]> => {
    const asked: string[] = [];
    const note = (path: string): void => void asked.push(path);
    await page.route('**/api/channels', (route) =>
      route.fulfill(json(200, { items: SERVICES, set_aside: SET_ASIDE })),
    );
    await page.route('**/api/channels/dead*', (route) => route.fulfill(json(200, { items: [DEAD] })));
    await page.route('**/api/channels/slack/test', (route) => {
      note('test');
      return route.fulfill(json(200, { places: ['C0123456789'] }));
    });
    await page.route('**/api/channels/cards/crd_1/replay', (route) => {
      note('replay');
      return route.fulfill({ status: 204 });
    });
    await page.route('**/api/account-links/look', (route) => {
      note(`look ${String(route.request().postData())}`);
      return route.fulfill(json(200, ASKED));
    });
    await page.route('**/api/account-links/confirm', (route) => {
      note('confirm');
      return route.fulfill(json(202, { status: 'pending', request_id: DEAD.request_id, expires_at: 2 }));
    });
    return asked;
  };

  it('shows operators whether each works, posts a test, and tries again what could not be shown', async () => {
    visitor = await openVisitor(browser, town, { person: 'olivia' });
    const { page } = visitor;
    const asked = await answered(page);
    await visitor.go('/channels');
    await page.getByText('Does not work').waitFor();
    await page.getByText('2 cards on the way').waitFor();
    await page.getByText('channel_not_found').waitFor();
    await page.getByText('tried 3 times').waitFor();
    await page.getByRole('button', { name: 'Post a test' }).first().click();
    await page.getByRole('button', { name: 'Try again' }).click();
    await until('both were asked for', () => asked.includes('test') && asked.includes('replay'));
    await assertAccessible(visitor, 'channels');
    assert.deepEqual(visitor.complaints, []);
  });

  it('asks nothing about services for somebody who may not see them', async () => {
    visitor = await openVisitor(browser, town, { person: 'rita' });
    const asked: string[] = [];
    visitor.page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await visitor.go('/channels');
    await visitor.page.getByText('Operators and auditors see here').waitFor();
    assert.deepEqual(
      asked.filter((path) => path.startsWith('/api/channels')),
      [],
    );
    assert.deepEqual(visitor.complaints, []);
  });

  it('A16: opening a link changes nothing and leaves no code behind; the button says whose it is', async () => {
    visitor = await openVisitor(browser, town, { person: 'rita', size: PHONE });
    const { page } = visitor;
    const asked = await answered(page);
    await visitor.go('/channels/link#one-time-code');
    await page.getByText('slack:t01/u01').waitFor();
    assert.equal(new URL(page.url()).hash, '');
    // A look changes nothing, so it may be asked again, as when the live stream opens.
    assert.deepEqual([...new Set(asked)], ['look {"code":"one-time-code"}']);
    await page.getByText('1 hidden character').waitFor();
    await page.getByText('(rita)').waitFor();
    await assertAccessible(visitor, 'channels');
    await page.getByRole('button', { name: 'This account is mine' }).click();
    await page.getByText('Another operator must agree first').waitFor();
    assert.deepEqual(
      asked.filter((one) => !one.startsWith('look')),
      ['confirm'],
    );
    assert.equal(await page.getByRole('button', { name: 'This account is mine' }).count(), 0);
    assert.deepEqual(visitor.complaints, []);
  });

  it('a link that is none says so, as the gateway says it', async () => {
    visitor = await openVisitor(browser, town, { person: 'rita' });
    await visitor.go('/channels/link#guessed');
    await visitor.page.getByText('This link is no good').waitFor();
    await visitor.page.getByText('ask for a new one where you got it').waitFor();
    assert.equal(await visitor.page.getByRole('button', { name: 'This account is mine' }).count(), 0);
  });

  it('somebody not signed in comes back to the link, code and all', async () => {
    visitor = await openVisitor(browser, town, {});
    await visitor.page.goto(`${town.url}/channels/link#one-time-code`);
    await visitor.page.waitForURL(/\/sign-in/);
    assert.equal(new URL(visitor.page.url()).searchParams.get('to'), '/channels/link#one-time-code');
  });
});
