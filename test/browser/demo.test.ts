// The demo by hand: a person at its terminal and in a real browser, from the printed address to the proof.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Browser } from 'playwright-core';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, openSeat, picture, type Seat, skip } from './browser.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/cli/main.ts', import.meta.url));

describe('the demo, by hand', { skip }, () => {
  let demo: ChildProcess;
  let told = '';
  let browser: Browser;
  let rita: Seat;

  before(async () => {
    const port = await freePort();
    demo = spawn(
      process.execPath,
      ['--conditions=countersign-source', MAIN, 'demo', '--port', String(port)],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    demo.stdout?.setEncoding('utf8').on('data', (text) => {
      told += stripVTControlCharacters(String(text));
    });
    browser = await openBrowser();
    rita = await openSeat(browser);
  });
  after(async () => {
    await browser?.close();
    if (demo?.exitCode === null) demo.kill('SIGKILL');
  });

  const says = (what: RegExp): Promise<void> =>
    until(`the terminal says ${what}`, async () => what.test(told));
  const type = (text: string): void => void demo.stdin?.write(text);
  const signInAs = async (button: string): Promise<void> => {
    await rita.page.click('button:has-text("Sign in with the demo’s provider")');
    await rita.page.waitForSelector('text=The demo’s own OpenID provider.');
    await picture('provider', rita);
    await rita.page.click(`button:has-text("${button}")`);
    await rita.page.waitForSelector('section[aria-label="Your answer"]');
  };

  it('puts the first held action before the person at the terminal', async () => {
    await says(/approve \(type the word\)/);
    type('approve\n');
    await says(/Why, for the record/);
    type('\n');
    await says(/ran {6}once/);
  });

  it('sends the reviewer to a browser; without the group they may not review', async () => {
    await says(/Press Enter to skip/);
    const [printed, origin, page] =
      /(http:\/\/localhost:\d+)\/sign-in\?other=1&to=(\/requests\/req_\w+)/.exec(told) ?? [];
    assert.ok(printed !== undefined && page !== undefined);
    const address = `${origin}${page}`;
    await rita.page.goto(printed);
    await signInAs('Rita (staff)');
    assert.equal(rita.page.url(), address, 'back where they came from');
    await rita.page.waitForSelector('text=You may not review this');
    await says(/no group in the token/);
    // One press on, whoever is signed in: nobody has to find out where to sign out.
    await rita.page.click('a:has-text("Sign in as somebody else")');
    await rita.page.waitForSelector('text=You are signed in as');
    await signInAs('Rita (reviewers)');
    assert.equal(rita.page.url(), address);
    await says(/the group reviewers in\s+the token/);
  });

  it('a passkey made there counts once the operator confirmed it; then it approves, and the log proves it', async () => {
    assert.equal(await rita.page.isDisabled('[data-answer="approve"]'), true);
    await rita.page.click('a:has-text("Your passkeys")');
    await rita.page.click('button:has-text("Add a passkey")');
    await rita.page.click('button:has-text("Make it")');
    await says(/confirmed it\./);
    await rita.page.waitForSelector('text=/^Confirmed$/');
    await rita.page.goBack();
    const approve = rita.page.locator('[data-answer="approve"]:not([disabled]):has-text("with passkey")');
    const first = rita.page.locator('button:has-text("Look at all of it first")');
    // Offered where the end of it is not on this screen yet.
    await approve.or(first).first().waitFor();
    if (await first.isVisible()) await first.click();
    await approve.waitFor();
    await picture('demo-review', rita);
    await rita.page.click('[data-answer="approve"]');
    await rita.page.waitForSelector('text=You approved');
    await says(/signature was checked again/);
    await says(/1 review signed with a passkey/);
    await says(/Ctrl-C ends it/);
    assert.doesNotMatch(told, /broken/);
    assert.equal(told.match(/An approved action ran once: the receipt/g)?.length, 2);
  });

  it('ends when told to', async () => {
    // The page would try to reach it.
    await rita.page.goto('about:blank');
    const ended = once(demo, 'exit');
    demo.kill('SIGTERM');
    const [code] = await ended;
    assert.equal(code, 0);
  });

  it('no page broke its own rules', () => {
    assert.deepEqual(
      rita.complaints.filter((text) => !/status of (401|403)/.test(text)),
      [],
    );
  });
});
