// Breaking the glass in the console, with an authenticator, against a whole gateway (A13, A16, A17).
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import type { Browser } from 'playwright-core';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { enrol } from './passkey.ts';
import { openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, type Visitor } from './visitor.ts';

const WHY = 'the cluster is full, and every order waits for room in it';

describe('break-glass in the console', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let people: { readonly olivia: Client; readonly rita: Client; readonly raj: Client };
  /** Rita is of platform: she may break it. Raj is of finance: he judges. */
  let rita: Visitor;
  let raj: Visitor;
  let named = 0;

  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
    const [olivia, r, j] = await Promise.all(['olivia', 'rita', 'raj'].map((who) => town.person(who)));
    assert.ok(olivia && r && j);
    people = { olivia, rita: r, raj: j };
    rita = await openVisitor(browser, town, { person: 'rita' });
    raj = await openVisitor(browser, town, { person: 'raj' });
    await rita.go('/account');
    await rita.page.evaluate(enrol);
    const [key] = (await people.rita.passkeys.list()).items;
    await olivia.passkeys.confirm(key?.id ?? '', key?.key_digest ?? '');
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const args = (n: number) => ({ namespace: `shop-${n}` });
  const deletion = (n: number) =>
    ({ agent: 'release-bot', upstream: 'cluster', tool: 'delete_namespace', args: args(n) }) as const;
  const pending = async (): Promise<string> => {
    named += 1;
    return town.hold(deletion(named));
  };
  const ask = async ({ page }: Visitor, reason: string): Promise<void> => {
    await page.click('button:has-text("Break the glass …")');
    await page.fill('[role="dialog"] textarea', reason);
  };
  const press = ({ page }: Visitor): Promise<void> =>
    page.click('[role="dialog"] button:has-text("Break it")');
  const refusal = async ({ page }: Visitor): Promise<string> => {
    await page.waitForSelector('[role="dialog"] >> text=The glass is whole');
    return (await page.textContent('[role="dialog"]')) ?? '';
  };

  it('is offered to whoever is named, and to nobody else', async () => {
    const request = await pending();
    await raj.go(`/requests/${request}`);
    assert.equal(await raj.page.isVisible('text=Break the glass'), false);
    await rita.go(`/requests/${request}`);
    await ask(rita, 'asap');
    await assertAccessible(rita, 'the dialog of breaking the glass');
    await press(rita);
    assert.match(await refusal(rita), /say what the emergency is/);
    assert.equal((await people.rita.requests.show(request)).status, 'pending');
  });

  for (const [member, edit] of [
    ['decision', (text: string) => text.replace('"decision":"break-glass"', '"decision":"approved"')],
    ['number of runs', (text: string) => text.replace('"uses":1,', '"uses":9,')],
    ['end', (text: string) => text.replace(/"until":(\d+)/, (_, until) => `"until":${Number(until) + 1}`)],
  ] as const)
    it(`signs nothing when the document asked for names another ${member}`, async () => {
      const request = await pending();
      await rita.page.route('**/review-challenge', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: edit(await response.text()) });
      });
      await rita.go(`/requests/${request}`);
      await ask(rita, WHY);
      await press(rita);
      assert.match(await refusal(rita), new RegExp(`another ${member} than this page shows|must be 1`));
      await rita.page.unrouteAll();
      assert.equal((await people.rita.requests.show(request)).status, 'pending');
    });

  it('is broken with the passkey, runs once, is marked, and is judged by somebody of finance', async () => {
    const request = await pending();
    const mine = deletion(named);
    await rita.go(`/requests/${request}`);
    await ask(rita, WHY);
    await press(rita);
    await rita.page.waitForSelector('text=The glass is broken');
    const { status, broken_glass } = await people.rita.requests.show(request);
    assert.deepEqual([status, broken_glass?.by, broken_glass?.review], ['approved', 'rita', 'open']);
    const answer = await town.call(mine);
    assert.equal(answer.isError ?? false, false, JSON.stringify(answer.content));
    const [glass] = (await people.raj.breakGlass.list({ open: true })).items;
    assert.deepEqual(
      [glass?.reason, glass?.executions.length, glass?.you.may_close],
      [WHY, 1, { eligible: true }],
    );
    assert.deepEqual(glass?.told.map(({ person }) => person).sort(), ['mei', 'olivia', 'omar', 'raj']);
    const note = 'orders were being lost';
    await people.raj.breakGlass.close(glass?.id ?? '', { verdict: 'justified', note });
    await town.house.gateway.flushLog();
    const { vkey, data_dir } = town.house.gateway;
    const report = await verifyLog({ source: openLogSource(path.join(data_dir, 'log')), vkey });
    assert.deepEqual([report.ok, report.findings], [true, []]);
    assert.deepEqual(
      [report.broken_glass_total, report.broken_glass_open, report.signed_reviews.verified],
      [1, 0, 1],
    );
  });

  it('a signature taken on its way is good for nothing else, and nowhere else', async () => {
    const request = await pending();
    let sent = '';
    await rita.page.route(`**/api/requests/${request}/break-glass`, async (route) => {
      sent = route.request().postData() ?? '';
      await route.abort();
    });
    await rita.go(`/requests/${request}`);
    await ask(rita, WHY);
    await press(rita);
    await refusal(rita);
    await rita.page.unrouteAll();
    // Another session of the same person; and the same signature as an approval.
    await assert.rejects(people.rita.breakGlass.break(request, JSON.parse(sent)), /answers no open question/);
    const answer = { ...JSON.parse(sent), decision: 'approved' };
    await assert.rejects(people.rita.requests.review(request, answer), /answers no open question/);
    assert.equal((await people.rita.requests.show(request)).status, 'pending');
  });

  it('no page broke its own rules', () => {
    const others = [...rita.complaints, ...raj.complaints].filter(
      (text) => !/status of (400|403|404|409)|ERR_FAILED/.test(text),
    );
    assert.deepEqual(others, []);
  });
});
