/**
 * Somebody in front of the console: a browser of their own, signed in as one person of the town, with an authenticator,
 * on a screen of some size. What the page or its policy complained of is kept; a test that ends with complaints has failed.
 */
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { addAuthenticator } from '../browser/browser.ts';
import type { Town } from './town/town.ts';

/** Any gateway will do; the town’s is one. */
export type Place = Pick<Town, 'url' | 'house'>;

export const DESKTOP = { width: 1280, height: 860 };
export const PHONE = { width: 360, height: 740 };

export type Screen = {
  readonly size?: typeof DESKTOP;
  readonly colours?: 'light' | 'dark';
  readonly reduced_motion?: boolean;
};

export type Visitor = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly cdp: CDPSession;
  readonly authenticator: string;
  readonly complaints: string[];
  /** Goes to an address of the console and waits for its title. */
  go(path: string): Promise<void>;
  close(): Promise<void>;
};

export async function openVisitor(
  browser: Browser,
  town: Place,
  { person, ...screen }: Screen & { readonly person?: string },
): Promise<Visitor> {
  const context = await openContext(browser, screen);
  if (person !== undefined) await signIn(context, town, person);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const cdp = await context.newCDPSession(page);
  const authenticator = await addAuthenticator(cdp);
  return {
    page,
    context,
    cdp,
    authenticator,
    complaints,
    async go(path) {
      await page.goto(town.url + path);
      await page.waitForSelector('h1');
    },
    close: () => context.close(),
  };
}

const openContext = (
  browser: Browser,
  { size = DESKTOP, colours = 'light', reduced_motion = true }: Screen,
): Promise<BrowserContext> =>
  browser.newContext({
    viewport: size,
    colorScheme: colours,
    hasTouch: size === PHONE,
    isMobile: size === PHONE,
    reducedMotion: reduced_motion ? 'reduce' : 'no-preference',
  });

/** By a one-time code, past the page and its limit of attempts; the cookie is this browser's from then on. */
export async function signIn(context: BrowserContext, town: Place, person: string): Promise<void> {
  const { sessions } = town.house.gateway;
  const signedIn = await sessions.signIn(await sessions.issueCode(person), 'browser');
  assert.ok(signedIn, `${person} could not sign in`);
  const cookie = { name: 'countersign', value: signedIn.token, url: town.url };
  await context.addCookies([{ ...cookie, httpOnly: true, sameSite: 'Strict' }]);
}

/** What somebody without eyes, mouse or fine fingers would trip over, by WCAG 2.2 AA. */
export async function assertAccessible({ page, complaints }: Visitor, where: string): Promise<void> {
  const before = complaints.length;
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    // What was read out names the button that was pressed, for some seconds after that has left with its dialog.
    .exclude('[data-live-announcer]')
    .analyze();
  // It copies the page's own styles to read them, which the page's policy stops, and says so.
  complaints.splice(before);
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html.slice(0, 160)).join('\n  ')}`,
  );
  assert.deepEqual(found, [], `axe at ${where}`);
}
