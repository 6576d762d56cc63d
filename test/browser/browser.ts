/**
 * A real Chromium with an authenticator of its own: people on the gateway's own pages, as they will use them. The
 * authenticator is Chromium's virtual one (WebAuthn WebDriver extension, over the DevTools protocol).
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium is; undefined where there is none, and then these tests say so and are left out. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));

export const skip =
  chromiumPath === undefined ? 'there is no Chromium here: install chromium, or name one in CHROMIUM' : false;

/** Pictures to look at, where somebody asks for them. */
const PICTURES = process.env['PICTURES'];

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

/** One person's browser: a profile of its own, with one authenticator that knows them. */
export async function openSeat(browser: Browser): Promise<Seat> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const cdp = await context.newCDPSession(page);
  const authenticator = await addAuthenticator(cdp);
  return { page, context, cdp, authenticator, complaints };
}

/** Chromium's virtual one (WebAuthn WebDriver extension): it knows its owner. */
export async function addAuthenticator(cdp: CDPSession): Promise<string> {
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
  return authenticatorId;
}

/** Light and dark, wide and narrow, where `PICTURES` names a folder. */
export async function picture(name: string, { page }: Seat): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1200, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({
        path: path.join(PICTURES, `${name}-${colorScheme}-${width}.png`),
        fullPage: true,
      });
    }
}
