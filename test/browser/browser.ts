/**
 * A real Chromium with an authenticator of its own: people on the gateway's own pages, as they will use them. The
 * authenticator is Chromium's virtual one (WebAuthn WebDriver extension, over the DevTools protocol).
 */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium is; undefined where there is none, and then these tests say so and are left out. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));

export const openBrowser = (): Promise<Browser> =>
  // A container's root may not use the sandbox; what is opened here is our own.
  chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });

export type Seat = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly cdp: CDPSession;
  readonly authenticator: string;
  /** What the page's policy or scripts complained of. */
  readonly complaints: readonly string[];
};

/** One person's browser: a profile of its own, signed in by a one-time link, with one authenticator that knows them. */
export async function seatOf(browser: Browser, { url, code }: Signing): Promise<Seat> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${url}/sign-in#${code}`);
  await page.click('#browser');
  await page.waitForSelector('#done:not([hidden])');
  return { page, context, cdp, authenticator: authenticatorId, complaints };
}
type Signing = { readonly url: string; readonly code: string };
