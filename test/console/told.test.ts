// Systems that are told what happens, as those who oversee them see it: a real gateway, and a real receiver that refuses, is
// found out about, and then takes what it was not told.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { newSecret } from '../../gateway/src/webhooks/sign.ts';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, picture, skip } from '../browser/browser.ts';
import { callHeld, openYard, type Yard } from '../gateway/yard.ts';
import { type Receiver, startReceiver } from '../webhooks/receiver.ts';
import { assertAccessible, openVisitor, PHONE, type Place, type Visitor } from './visitor.ts';

const AT_MOST = { timeout: 90_000 };

describe('systems that are told what happens', { skip }, () => {
  const [OLD, NEW] = [newSecret(), newSecret()];
  let yard: Yard;
  let there: Receiver;
  let browser: Browser;
  let visitor: Visitor;
  let place: Place;
  let request = '';
  before(async () => {
    there = await startReceiver([NEW]);
    yard = await openYard();
    await writeFile(path.join(yard.dir, 'old'), OLD, { mode: 0o600 });
    await writeFile(path.join(yard.dir, 'new'), NEW, { mode: 0o600 });
    await yard.restart(() =>
      yard.editConfig((text) =>
        `${text}
channels:
  webhooks:
    siem: { url: "${there.url}", secret: [file:./new, file:./old], allow_networks: [127.0.0.1], events: [countersign.request.opened, countersign.request.reviewed, countersign.request.resolved] }
    quiet: { url: "https://quiet.example.com/hook", secret: file:./new, events: [countersign.glass.broken] }
`.replace(
          '  bob: { name: Bob, roles: [reviewer] }',
          '  bob: { name: Bob, roles: [reviewer] }\n  ada: { name: Ada, roles: [auditor] }',
        ),
      ),
    );
    place = { url: yard.house.gateway.url.replace('127.0.0.1', 'localhost'), house: yard.house };
    browser = await openBrowser();
  }, AT_MOST);
  after(async () => {
    await browser?.close();
    await yard?.close();
    await there?.close();
  }, AT_MOST);
  afterEach(() => visitor?.close());

  const dead = async (): Promise<number> =>
    (await (await yard.house.signIn('alice')).webhooks.list()).items.find(
      ({ name }) => name === 'webhook:siem',
    )?.dead ?? 0;

  it('refuses, is found out about, is told again, and is well', AT_MOST, async () => {
    there.answer = 410;
    request = (await callHeld(yard)) ?? assert.fail('not held');
    await until('it is dead', async () => (await dead()) === 1);
    visitor = await openVisitor(browser, place, { person: 'alice' });
    const { page } = visitor;
    await visitor.go('/channels');
    const places = page.getByRole('list', { name: 'Systems that are told what happens' });
    await places.getByText('Says that it is gone', { exact: true }).waitFor();
    await places.getByText('0 told · 1 not told').waitFor();
    await places.getByText('every notice is signed with 2').waitFor();
    await places.getByText('Nothing told yet').waitFor();
    assert.ok(
      !(await page.content()).includes('path-secret'),
      'a path may be a secret: only the host is shown',
    );
    await assertAccessible(visitor, 'channels');
    await places.getByRole('link', { name: 'siem' }).click();
    await page.waitForURL(/\/channels\/told\/webhook/);
    const notices = page.getByRole('list', { name: 'Notices that were given up' });
    await notices.getByText('It says that it is gone (410)').waitFor();
    await notices.getByText('request opened').waitFor();
    assert.equal(
      await notices.getByRole('link', { name: request }).getAttribute('href'),
      `/requests/${request}`,
    );
    await page.getByText('2 secrets, while one replaces another').waitFor();
    await assertAccessible(visitor, 'a place that is told');
    await picture('told', { ...visitor });

    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('It did not take the test: It says that it is gone (410)').waitFor();
    there.answer = 204;
    await notices.getByRole('button', { name: /^Try again: request opened, entry \d+$/ }).click();
    await until('the receiver took it', () => there.taken.some(({ event }) => event.subject === request));
    await page.getByText('Nothing was given up').waitFor();
    await page.getByText('Well', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/^It took a test, in \d+ ms\.$/).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Tell it all again' }).count(), 0);
    assert.deepEqual(visitor.complaints, []);
  });

  it('all of it is told again at once, on a phone in the dark', AT_MOST, async () => {
    there.answer = 410;
    const bob = await yard.house.signIn('bob');
    const { action_digest, rendered_digest } = await bob.requests.show(request);
    await bob.requests.review(request, {
      decision: 'denied',
      reason: 'not today',
      action_digest,
      rendered_digest,
    });
    await until('both are dead', async () => (await dead()) === 2);
    visitor = await openVisitor(browser, place, { person: 'alice', size: PHONE, colours: 'dark' });
    const { page } = visitor;
    await visitor.go('/channels/told/webhook:siem');
    await page.getByRole('button', { name: 'Tell it all again' }).waitFor();
    await assertAccessible(visitor, 'a place that is told, on a phone');
    assert.ok(
      await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      'nothing sticks out',
    );
    const before = there.taken.length;
    there.answer = 204;
    await page.getByRole('button', { name: 'Tell it all again' }).click();
    await page.getByText('2 notices tried again.').waitFor();
    await until('both were taken', () => there.taken.length === before + 2);
    await page.getByText('Nothing was given up').waitFor();
    assert.deepEqual(visitor.complaints, []);
  });

  it('an auditor sees the same, and nothing to press', AT_MOST, async () => {
    visitor = await openVisitor(browser, place, { person: 'ada' });
    const { page } = visitor;
    await visitor.go('/channels/told/webhook:siem');
    await page.getByText('How it stands').waitFor();
    for (const name of ['Send a test', 'Tell it all again', 'Try again'])
      assert.equal(await page.getByRole('button', { name }).count(), 0, name);
    assert.deepEqual(visitor.complaints, []);
  });

  it(
    'says so where there is no such place, where nothing is configured, and when the gateway does not answer',
    AT_MOST,
    async () => {
      visitor = await openVisitor(browser, place, { person: 'alice' });
      const { page } = visitor;
      await visitor.go('/channels/told/webhook:nobody');
      await page.getByText('Nothing is known under this address').waitFor();
      await page.route('**/api/webhooks', (route) =>
        route.fulfill({ status: 200, contentType: 'application/json', body: '{"items":[]}' }),
      );
      await visitor.go('/channels');
      await page.getByText('None is configured').last().waitFor();
      await page.getByText('channels.webhooks').waitFor();
      await page.route('**/api/webhooks', (route) => route.abort());
      await visitor.go('/channels');
      await page.getByText('The gateway did not give what this page needs').waitFor();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
    },
  );
});
