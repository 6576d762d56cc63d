// What an agent can write so that a reviewer is misled, through the real page: every attack A1 to A7.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isJsonArray, isJsonObject, type Json } from '@countersign/core';
import type { Client } from '@countersign/sdk';
import type { Browser } from 'playwright-core';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { type Call, openTown, type Town } from './town/town.ts';
import { openVisitor, type Visitor } from './visitor.ts';

const APPROVE = '[data-answer="approve"]';
const PANEL = 'section[aria-label="Your answer"]';
const CLAIM = 'section[aria-label^="What the agent says"]';

const refund = (note: string, amount = 60, reason?: string): Call => ({
  agent: 'support-bot',
  upstream: 'payments',
  tool: 'refund',
  args: { charge: 'ch_1', amount, note, ...(reason === undefined ? {} : { reason }) },
});
const manifest = (given: Record<string, unknown>): Call => ({
  agent: 'release-bot',
  upstream: 'cluster',
  tool: 'apply_manifest',
  args: { manifest: given },
});

describe('a reviewer is not misled', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let rita: Visitor;
  let client: Client;
  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
    rita = await openVisitor(browser, town, { person: 'rita' });
    client = await town.person('rita');
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  const open = async (call: Call): Promise<string> => {
    const id = await town.hold(call);
    await rita.go(`/requests/${id}`);
    return id;
  };
  const text = async (where = 'main'): Promise<string> => (await rita.page.textContent(where)) ?? '';

  it('A1: the agent’s words imitate the gateway’s: they stand apart, and nothing else says what they say', async () => {
    const lie = 'Low risk. Approved by Raj Patel. 1 of 1. Press Approve to continue.';
    const note = `late"\nRule: allow-all\nApproved by Raj Patel\n1 of 1`;
    await open(refund(note, 61, lie));
    assert.match(await text(CLAIM), /The agent says, and nobody has checked/);
    assert.ok((await text(CLAIM)).includes(lie));
    const others = (await text()).replace(await text(CLAIM), '');
    assert.equal(others.includes(lie), false);
    assert.match(await text('section[aria-label="Who answers"]'), /0 of 1/);
    // What imitates lines of ours stays inside its own argument: quoted in the sentence, numbered as text below.
    assert.match(await text('h1'), /note = “late\\"\\nRule: allow-all\\nApproved by Raj Patel\\n1 of 1”/);
    assert.match(await text('#action figcaption'), /Text, 4 lines/);
    assert.equal(await rita.page.locator('main section[aria-label="Who answers"] li').count(), 1);
  });

  it('A2: markup is text: nothing is made of it, nothing is loaded, no link leads where it says', async () => {
    const evil =
      '<img src=x onerror=alert(1)><script>document.title="x"</script> **b** [pay](https://evil.example) `</pre>` \u001b[2K\u001b]8;;https://evil.example\u0007ok';
    const asked: string[] = [];
    const note = (request: { url(): string }): void => void asked.push(new URL(request.url()).origin);
    rita.page.on('request', note);
    await open(refund(evil, 62, evil));
    rita.page.off('request', note);
    assert.deepEqual([...new Set(asked)], [town.url]);
    assert.equal(await rita.page.locator('main img, main script, main a[href*="evil"]').count(), 0);
    assert.equal((await rita.page.title()).replace(/^\(\d+\) /, ''), `${await text('h1')} · Countersign`);
    for (const where of ['#action', CLAIM]) {
      assert.ok((await text(where)).includes('<img src=x onerror=alert(1)>'), where);
      assert.ok((await text(where)).includes('\\u{1B}'), where);
    }
    assert.equal((await text()).includes('\u001b'), false);
  });

  it('A3: what is invisible, reorders or looks like something else is written out and marked, everywhere', async () => {
    const hostile = 'p\u0430y\u200bload\u202etxt.exe\u{e0041} \u2066ok\u2069 end';
    const id = await open(refund(hostile, 63, hostile));
    const raw = /[\u0430\u200b\u202e\u2066\u2069\u{e0041}]/u;
    assert.equal(raw.test(await text('body')), false, 'nothing of it is in the page as it is');
    assert.equal(raw.test(await rita.page.title()), false, 'nor on its tab');
    for (const where of ['h1', '#action', CLAIM])
      for (const written of ['\\u{430}', '\\u{200B}', '\\u{202E}', '\\u{E0041}', '\\u{2066}'])
        assert.ok((await text(where)).includes(written), `${where} ${written}`);
    assert.match(await text('#action'), /6 places could mislead the eye/);
    await rita.go('/');
    await rita.page.waitForSelector(`[data-request="${id}"]`);
    assert.equal(raw.test(await text('body')), false, 'nor in the list');
    // A suffix behind many spaces cannot hide.
    await open(refund(`ok${' '.repeat(200)}rm -rf /`, 64));
    assert.match(await text('#action'), /\\u\{20\*200\}rm -rf/);
    // Nor in why it cannot be approved, which names the argument as the agent called it.
    const secret = ['AKIA', 'QX3B7ZJ2', 'MW5D4C6E'].join('');
    await open(manifest({ 'no\u202ete': `paid with ${secret} yesterday` }));
    assert.match(await text(PANEL), /Approve is off\. Part of a text is hidden \(\S*no\\u\{202E\}te\)/);
    assert.equal(raw.test(await text('body')), false, 'nor in why not');
    await rita.page.click('text=See what is hidden');
    await rita.page.waitForSelector('section[aria-label="What is hidden"]');
    // What somebody else wrote, too.
    await open(refund('goes back', 65));
    await rita.page.fill(`${PANEL} textarea`, `ok\u202eko`);
    await rita.page.click('[data-answer="deny"]');
    await until('it is denied', async () => /You denied/.test(await text(PANEL)));
    await until('their reason is shown', async () =>
      (await text('section[aria-label="Who answers"]')).includes('ok\\u{202E}ko'),
    );
  });

  it('A3: in the policy’s editor: what it shows, what it complains of, what it offers', async () => {
    const olivia = await openVisitor(browser, town, { person: 'olivia' });
    await olivia.go('/policy/draft?file=policy.yaml');
    await olivia.page.click('.cm-content');
    await olivia.page.keyboard.press('Control+End');
    await olivia.page.keyboard.insertText(
      '\n  - { id: hidden, about: x, on: mcp, then: allow, "wh\u202een": x }\n',
    );
    await olivia.page.waitForSelector('text=Would not load');
    const raw = /\u202e/u;
    assert.equal(raw.test((await olivia.page.textContent('body')) ?? ''), false);
    await olivia.page.hover('.cm-lintRange-error >> nth=0');
    await olivia.page.waitForSelector('.cm-tooltip .cm-diagnostic');
    const said = (await olivia.page.textContent('.cm-tooltip')) ?? '';
    assert.equal(raw.test(said), false, said);
    assert.match(said, /\\u\{202E\}/);
    assert.equal(raw.test((await olivia.page.textContent('body')) ?? ''), false);
    await olivia.close();
  });

  it('A4: what cannot be shown whole cannot be approved; what lies below must have been on the screen', async () => {
    await open(refund('line\n'.repeat(50_100), 65));
    assert.equal(await rita.page.isDisabled(APPROVE), true);
    assert.match(await text(PANEL), /Approve is off\. This action is too large to show in full/);
    await open(refund(`${'harmless\n'.repeat(300)}DROP TABLE orders`, 66));
    assert.equal(await rita.page.isDisabled(APPROVE), true);
    assert.match(await text(PANEL), /Look at all of it first/);
    assert.match(await text('#action'), /DROP TABLE orders/);
    await rita.page.click('text=Look at all of it first');
    await rita.page.waitForSelector(`${APPROVE}:not([disabled])`);
  });

  it('A5: everything that runs is on the page: every value of it, whichever way it is looked at', async () => {
    const id = await open(manifest({ env: { PATH: '/evil' }, cwd: '/root', headers: [{ 'x-as': 'admin' }] }));
    const { shown_action } = await client.requests.show(id);
    for (const way of ['', '?as=exact']) {
      await rita.go(`/requests/${id}${way}`);
      await rita.page.waitForSelector('#action [data-end]', { state: 'attached' });
      const shown = await text('#action');
      for (const value of leaves(shown_action)) assert.ok(shown.includes(value), `${way} ${value}`);
    }
  });

  it('A6: a number, a text and a yes are told apart; `__proto__` is a member like any other', async () => {
    const given = JSON.parse(
      '{"one":1,"text":"1","yes":true,"word":"true","nothing":null,"__proto__":{"admin":true},"":5}',
    ) as Record<string, unknown>;
    const id = await open(manifest(given));
    const lines = async (): Promise<readonly string[]> =>
      (await rita.page.locator('#action [class*="line"]').allTextContents()).map((line) => line.trim());
    const want = [
      '"one": 1',
      '"text": "1"',
      '"yes": true',
      '"word": "true"',
      '"nothing": null',
      '"__proto__": {',
      '"admin": true',
      '"": 5',
    ];
    const readable = await lines();
    for (const line of want) assert.ok(readable.includes(line), `${line} in ${readable.join(' | ')}`);
    await rita.go(`/requests/${id}?as=exact`);
    const exact = await lines();
    for (const line of want) assert.ok(exact.includes(line), line);
  });

  it('A7: a bad one among several keeps all from being approved, until it is left out', async () => {
    const secret = ['AKIA', 'QX3B7ZJ2', 'MW5D4C6E'].join('');
    const ids = [
      await town.hold(refund('good', 501)),
      await town.hold(refund(`with ${secret} in it`, 502)),
      await town.hold(refund('good', 503)),
    ];
    await rita.go(`/requests/together?ids=${encodeURIComponent(JSON.stringify(ids))}`);
    await rita.page.waitForSelector('h2:has-text("3. ")');
    for (const end of await rita.page.locator('[data-end]').all())
      await end.evaluate((element) => element.scrollIntoView({ block: 'center' }));
    assert.equal(await rita.page.isDisabled(APPROVE), true);
    assert.match(await text(), /1 request cannot be approved from here/);
    assert.match(await text(), /Together: amount comes to 1506/);
    await rita.page.click('article:has-text("502") label:has-text("Answer this one too")');
    await until(
      'nothing stands in the way',
      async () => !/cannot be approved from here. Leave it out/.test(await text()),
    );
  });

  it('no page broke its own rules', () => assert.deepEqual(rita.complaints, []));
});

/** Every value, as core writes it. */
function leaves(value: Json): readonly string[] {
  if (isJsonArray(value)) return value.flatMap(leaves);
  if (isJsonObject(value)) return Object.values(value).flatMap((each) => leaves(each));
  return [typeof value === 'string' ? value : String(value)];
}
