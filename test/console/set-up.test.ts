// What operators set up, through the real pages: tools that drift, keys made in the browser, people, and the first run.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { openHouse } from '../../gateway/src/cli/setup/house.ts';
import { connectAgent } from '../../gateway/src/cli/setup/tools.ts';
import { hashCredential, kindOf } from '../../gateway/src/identity/credential.ts';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { answerAs } from './town/past.ts';
import { openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, PHONE, type Place, type Visitor } from './visitor.ts';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const assertQuiet = ({ complaints }: Visitor): void =>
  assert.deepEqual(
    complaints.filter((text) => !/status of (4\d\d)/.test(text)),
    [],
  );

describe('setting up', { skip }, () => {
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

  /** Whoever may, agrees to the change that waits for this. */
  const agree = async (action: string, ...people: readonly string[]): Promise<void> => {
    for (const id of people) {
      const who = await town.person(id);
      const { items } = await who.requests.list({ status: 'pending', upstream: 'countersign' });
      const request = items.find((each) => each.action === action);
      assert.ok(request, `${action} waits for ${id}`);
      await answerAs(who, request.id, { decision: 'approved' });
    }
  };

  it('a tool that changed is shown as what changed, hidden characters too, and accepted by two (A9, A3)', async () => {
    const drifted = 'Give money back. Also tells the p\u0430rtner\u200b.';
    town.upstreams.get('payments')?.redefine('refund', drifted);
    await town.call({
      agent: 'release-bot',
      upstream: 'payments',
      tool: 'show_charge',
      args: { charge: 'c' },
    });
    const { page } = olivia;
    await olivia.go('/upstreams');
    await page.getByText('1 tool waits to be accepted').waitFor();
    await page.getByRole('link', { name: 'Look at it' }).click();
    await page.getByText('Changed: not accepted').waitFor();
    const changes = page.getByRole('region', { name: 'What changed since it was accepted' });
    const said = (await changes.textContent()) ?? '';
    assert.match(said, /\\u\{430\}/);
    assert.match(said, /\\u\{200B\}/);
    assert.equal(said.includes('\u200b'), false, 'nothing hidden reaches the page');
    assert.equal(await button(page, 'Accept the new definition').isDisabled(), true, 'not before its class');
    await page.getByText('It changes something').click();
    await assertAccessible(olivia, 'a drifted tool');
    await button(page, 'Accept the new definition').click();
    await page.getByText('Another operator must agree').waitFor();
    assert.match(
      await page.getByRole('link', { name: 'Open the request' }).first().getAttribute('href').then(String),
      /^\/requests\/req_/,
    );
    const asked = async () => (await (await town.person('olivia')).tools.diff('payments', 'refund')).status;
    assert.equal(await asked(), 'drifted', 'nothing has changed yet');
    await agree('countersign.tools.accept', 'omar');
    await until('accepted', async () => (await asked()) === 'accepted');
    await olivia.go('/upstreams/payments/refund');
    await page.getByText('Accepted', { exact: true }).first().waitFor();
    assertQuiet(olivia);
  });

  it('a tool is not for a reviewer to accept, and the page says whose it is', async () => {
    town.upstreams.get('cluster')?.redefine('rollout', 'Deploy anything');
    await town.call({ agent: 'data-bot', upstream: 'cluster', tool: 'show_deployment', args: { name: 'x' } });
    const rita = await openVisitor(browser, town, { person: 'rita', size: PHONE });
    await rita.go('/upstreams/cluster/rollout');
    await rita.page.getByText('An operator accepts it').waitFor();
    assert.equal(await button(rita.page, /Accept/).count(), 0);
    await assertAccessible(rita, 'a tool, on a phone');
    await rita.close();
  });

  it('an upstream that does not answer says so, and why, in our words (I7)', async () => {
    // Connected while it was there: who connects afterwards has nothing to close.
    const list = () => town.call({ agent: 'data-bot', upstream: 'warehouse', tool: 'list_tables' });
    await list();
    await town.upstreams.get('warehouse')?.close();
    await list().catch(() => undefined);
    await olivia.go('/upstreams/warehouse');
    await olivia.page.getByText('It did not answer the newest question').waitFor();
    await olivia.page.getByText(/the upstream could not be reached/).waitFor();
    await assertAccessible(olivia, 'an upstream that fails');
  });

  it('a key is made in the page; only its hash leaves it; it is good once two operators agreed', async () => {
    const { page } = olivia;
    const sent: string[] = [];
    const note = (request: { url(): string; postData(): string | null }): void =>
      void sent.push(request.url() + (request.postData() ?? ''));
    page.on('request', note);
    await olivia.go('/agents');
    await page.getByRole('link', { name: 'New agent' }).click();
    await page.getByLabel('Its name').fill('Night Bot');
    await page.getByText(/beginning with a letter or digit/).waitFor();
    assert.equal(await button(page, 'Make the key').isDisabled(), true);
    await page.getByLabel('Its name').fill('night-bot');
    await button(page, 'Make the key').click();
    const text = async (region: string): Promise<string> =>
      (await page.getByRole('region', { name: region }).locator('pre').first().textContent()) ?? '';
    const key = await text('1. The key');
    assert.equal(kindOf(key), 'agent');
    const lines = await text('2. Its lines in countersign.yaml');
    assert.ok(lines.includes(hashCredential(key)), 'the hash is the one the gateway makes of it');
    assert.ok((await text('3. Connect the agent')).includes(key));
    await page.getByText('Not in force yet').waitFor();
    await assertAccessible(olivia, 'a key just made');

    const file = path.join(town.dir, 'countersign.yaml');
    const before = await readFile(file, 'utf8');
    await writeFile(file, before.replace('agents:\n', `agents:\n${lines}\n`));
    await until('the change is asked about', async () => {
      const { items } = await (await town.person('omar')).requests.list({ status: 'pending' });
      return items.some(({ action }) => action === 'countersign.config.change');
    });
    await page.getByText('A change of countersign.yaml waits for operators').waitFor();
    await agree('countersign.config.change', 'olivia', 'omar');
    await page.getByText('The gateway takes this key.').waitFor();
    page.off('request', note);
    assert.equal(
      sent.some((each) => each.includes(key)),
      false,
      'the key never left the page',
    );
    const agent = await connectAgent(town.url, 'payments', key);
    await agent.close();
    await olivia.go('/agents/night-bot');
    await page.getByText(key.slice(0, 'cs_agent_'.length + 6)).waitFor();
    assert.equal((await page.content()).includes(key), false);
    await assertAccessible(olivia, '/agents/night-bot');
    assertQuiet(olivia);
  });

  it('an agent: what it may do, tool by tool, as the policy in force says', async () => {
    const { page } = olivia;
    await olivia.go('/agents/support-bot');
    const region = page.getByRole('region', { name: 'What it may do now' });
    const row = (tool: string) =>
      region
        .getByRole('table', { name: 'What it may do on payments' })
        .getByRole('row', { name: new RegExp(`^${tool} `) });
    await row('refund').getByText('Depends').waitFor();
    await row('refund').getByRole('cell', { name: 'mcp.args.amount' }).last().waitFor();
    await row('refund').getByRole('link', { name: 'refunds', exact: true }).waitFor();
    await row('connect').getByText('Allowed').waitFor();
    const { upstreams } = await (await town.person('ada')).agents.policy('support-bot');
    const tables = region.getByRole('table', { name: /^What it may do on / });
    assert.equal(await tables.count(), upstreams.length);
    await assertAccessible(olivia, '/agents/support-bot');
    await olivia.go('/agents/data-bot');
    await row('refund').getByText('Refused').waitFor();
    assertQuiet(olivia);
  });

  it('an agent: stopped by one person with a reason, and resumed by them', async () => {
    const raj = await openVisitor(browser, town, { person: 'raj' });
    const { page } = raj;
    const args = { charge: 'ch_1' };
    const charge = { agent: 'support-bot', upstream: 'payments', tool: 'show_charge', args } as const;
    await town.call(charge);
    await raj.go('/agents/support-bot');
    await button(page, 'Pause').click();
    const dialog = page.getByRole('dialog');
    await assertAccessible(raj, 'pausing an agent');
    assert.equal(await dialog.getByRole('button', { name: 'Pause' }).isDisabled(), true, 'it takes a reason');
    await dialog.getByRole('textbox').fill('it writes to customers');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused: nothing of it runs').waitFor();
    await page.getByText('it writes to customers').waitFor();
    assert.equal(
      (await (await town.person('raj')).requests.list({ agent: 'support-bot', status: 'pending' })).items
        .length,
      0,
    );
    await assertAccessible(raj, 'a paused agent');
    // She answers for it: she may have stopped it, and does not resume it.
    await olivia.go('/agents/support-bot');
    await olivia.page.getByText('can resume it').waitFor();
    assert.equal(await button(olivia.page, 'Resume').count(), 0);
    await olivia.go('/agents');
    await olivia.page.getByText('Paused', { exact: true }).waitFor();
    // Of a quiet inbox that is the first thing to know.
    await town.call(charge).catch(() => undefined);
    await raj.go('/agents');
    assert.equal(await page.getByRole('link', { name: 'New agent' }).count(), 0, 'not a reviewer’s to make');
    await olivia.go('/');
    await olivia.page.getByText('1 agent is paused').waitFor();
    await olivia.page.locator('dt:has-text("Refused: agent paused")').waitFor();
    await assertAccessible(olivia, 'an empty inbox with a paused agent');
    await olivia.page.getByRole('link', { name: 'support-bot' }).click();
    await olivia.page.getByText('Paused: nothing of it runs').waitFor();
    await raj.go('/history?agent=support-bot');
    assert.equal(await page.locator('main a[data-row]:has-text("Opened"):has-text("Paused")').count(), 0);
    await page.locator('main a[data-row]:has-text("Paused")').first().click();
    await page.getByText('Refused: the agent was paused').first().waitFor();
    await raj.go('/agents/support-bot');
    await button(page, 'Resume').click();
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Paused: nothing of it runs').waitFor({ state: 'detached' });
    await raj.close();
  });

  it('people: whom rules ask for, and what only the file may change, in the gateway’s words', async () => {
    const { page } = olivia;
    await olivia.go('/people');
    await page.getByText('A change of what decides takes two operators').waitFor();
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('row', { name: /finance.*refunds, exports/ }).waitFor();
    await page.getByRole('link', { name: 'Rita Lindqvist' }).first().click();
    await page.getByRole('row', { name: /refunds.*as group:finance/ }).waitFor();
    const told = await (await town.person('rita')).reviewers.policy('rita');
    const asks = page.getByRole('table', { name: 'Rules that ask for them' }).locator('tbody tr');
    assert.equal(await asks.count(), told.rules.length);
    await assertAccessible(olivia, '/people/rita');
    await button(page, /^Change$/).click();
    await page.getByRole('menuitem', { name: 'Make them inactive' }).click();
    await button(page, 'Make them inactive').click();
    await page
      .getByRole('alert')
      .getByText(/configuration|countersign\.yaml/)
      .waitFor();
    await button(page, 'Leave it').click();
  });

  it('people: an account is linked once another operator agreed; sessions end at once', async () => {
    const { page } = olivia;
    const mei = await openVisitor(browser, town, { person: 'mei' });
    await mei.go('/people');
    await olivia.go('/people/mei');
    await button(page, 'Link an account').click();
    await page.getByLabel('The account').fill('slack:U024BE7LH');
    await button(page, 'Link it').click();
    await page.getByText('Another operator must agree').waitFor();
    await agree('countersign.people.link', 'omar');
    await until('linked', async () => {
      await olivia.go('/people/mei');
      return (
        (await page
          .getByRole('table', { name: 'Accounts' })
          .getByText(/slack:u024be7lh/i)
          .count()) > 0
      );
    });
    await button(page, /^Change$/).click();
    await page.getByRole('menuitem', { name: 'Sign them out everywhere' }).click();
    await button(page, 'Sign them out').click();
    await until('out', () => mei.page.url().includes('/sign-in'));
    await mei.close();
  });

  it('people: an operator writes a link, which stands on the host and never on the page', async () => {
    const { page } = olivia;
    await olivia.go('/people/raj');
    await button(page, /^Change$/).click();
    await page.getByRole('menuitem', { name: 'Write a sign-in link' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/raj\.link/).waitFor();
    assert.doesNotMatch((await dialog.textContent()) ?? '', /cs_code_/);
  });

  it('somebody who is no operator is offered none of it', async () => {
    const raj = await openVisitor(browser, town, { person: 'raj' });
    for (const at of ['/people/rita', '/agents/data-bot']) {
      await raj.go(at);
      for (const name of [/^Change$/, 'Ask that one be enough', 'Take out', 'Link an account'])
        assert.equal(await button(raj.page, name).count(), 0, `${at}: ${name}`);
      await assertAccessible(raj, at);
    }
    await raj.close();
  });
});

describe('the first run', { skip }, () => {
  it('ticks itself as the gateway comes to be set up', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'countersign-first-'));
    const port = await freePort();
    const file = path.join(dir, 'countersign.yaml');
    const config = (more: string): string => `listen: { http: 127.0.0.1:${port} }
public_url: http://localhost:${port}
upstreams: {}
people:
  alice: { name: Alice, roles: [operator, reviewer] }
${more}`;
    await mkdir(path.join(dir, 'policy'));
    await writeFile(
      path.join(dir, 'policy', 'policy.yaml'),
      'version: 1\nrules:\n  - { id: reads, about: reading, on: mcp, where: { class: read }, then: allow }\n',
    );
    await writeFile(file, config(''));
    const quiet = (): void => undefined;
    const house = await openHouse(file, { info: quiet, warn: quiet, error: quiet }, {});
    const place: Place = { url: `http://localhost:${port}`, house };
    const browser = await openBrowser();
    try {
      const alice = await openVisitor(browser, place, { person: 'alice', size: PHONE });
      const { page } = alice;
      const step = (name: string) => page.locator(`[data-step="${name}"]`);
      const isDone = (name: string): Promise<boolean> =>
        step(name)
          .getAttribute('data-done')
          .then((done) => done === 'true');
      await alice.go('/start');
      assert.deepEqual([await isDone('operator'), await isDone('reviewer')], [true, false]);
      await step('reviewer').getByText('countersign reviewers link bob').waitFor();
      await assertAccessible(alice, '/start at the beginning');
      await writeFile(
        file,
        config(`  bob: { name: Bob, roles: [reviewer] }
agents:
  coder: { owner: alice, keys: ["${hashCredential('cs_agent_x')}"] }
`),
      );
      await until(
        'a reviewer and an agent',
        async () => (await isDone('reviewer')) && (await isDone('agent')),
      );
      // The next open step is the system to act on, with its lines to paste.
      await step('upstream')
        .getByText(/mcp-server-filesystem/)
        .waitFor();
      assert.deepEqual(
        [await isDone('upstream'), await isDone('connect'), await isDone('tools'), await isDone('held')],
        [false, false, false, false],
      );
      await step('connect').getByRole('button').first().click();
      await step('connect')
        .getByText(new RegExp(`claude mcp add --transport http files http://localhost:${port}`))
        .waitFor();
      await alice.close();
    } finally {
      await browser.close();
      await house.gateway.close();
      await rm(dir, { recursive: true, force: true });
    }
  });
});
