/**
 * The console as a reviewer meets it, in a real Chromium with nothing kept: how much script comes, when the inbox can be
 * used, and how soon a new request is in it. The gateway and its upstreams are real and on this machine.
 * Run: npm run bench console/page
 */
import { globSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumPath, openBrowser } from '../../test/browser/browser.ts';
import { live } from '../../test/console/town/past.ts';
import { openTown, type Town } from '../../test/console/town/town.ts';
import { signIn } from '../../test/console/visitor.ts';
import { ensureConsole } from '../../tools/console.ts';
import { type Bench, median, runAlone, shown } from '../goals.ts';

const BUILT = fileURLToPath(new URL('../../console/dist/', import.meta.url));
const ROW = 'main a[href^="/requests/"]';

type Visit = { readonly usable_ms: number; readonly bare_ms: number; readonly scripts: readonly string[] };
type Seen = { readonly seen?: Record<string, number>; readonly usable_ms?: number };

/** Notes in the page when each row first stood there: by its own clock, which is this machine's. */
function note(row: string): void {
  const noted = globalThis as unknown as { seen: Record<string, number>; usable_ms?: number };
  noted.seen = {};
  const look = (): void => {
    for (const link of document.querySelectorAll<HTMLAnchorElement>(row)) {
      noted.usable_ms ??= performance.now();
      noted.seen[link.pathname] ??= Date.now();
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript(note, ROW);
  await page.goto(url);
  await page.waitForSelector(ROW);
  return page;
}

/** A browser that has never been here, but is signed in. */
async function visit(browser: Browser, town: Town, state: State): Promise<Visit> {
  const context = await browser.newContext({ storageState: state });
  try {
    const scripts: string[] = [];
    context.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname);
    });
    const bare = await context.newPage();
    await bare.goto(`${town.url}/favicon.svg`);
    const bare_ms = await bare.evaluate(() => performance.now());
    const page = await open(context, town.url);
    const { usable_ms = Number.NaN } = await page.evaluate(() => ({
      usable_ms: (globalThis as Seen).usable_ms,
    }));
    return { usable_ms, bare_ms, scripts };
  } finally {
    await context.close();
  }
}
type State = Awaited<ReturnType<BrowserContext['storageState']>>;

async function stateOf(browser: Browser, town: Town): Promise<State> {
  const context = await browser.newContext();
  await signIn(context, town, 'rita');
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Milliseconds from a request's opening to its row standing in an inbox that was open already. */
async function arrivals(context: BrowserContext, town: Town, count: number): Promise<number[]> {
  const page = await open(context, town.url);
  const rita = await town.person('rita');
  const found: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const args = { name: 'search', image: `search:${n}`, replicas: 1 };
    const id = await town.hold({ agent: 'release-bot', upstream: 'cluster', tool: 'rollout', args });
    const { opened_at } = await rita.requests.show(id);
    await page.waitForFunction((at) => at in ((globalThis as Seen).seen ?? {}), `/requests/${id}`);
    const at = await page.evaluate((where) => (globalThis as Seen).seen?.[where], `/requests/${id}`);
    found.push((at ?? Number.NaN) - opened_at);
    const { action_digest, rendered_digest } = await rita.requests.show(id);
    await rita.requests.review(id, { decision: 'denied', action_digest, rendered_digest });
  }
  await context.close();
  return found;
}

/** As they would come gzipped; a browser that takes brotli gets less. */
const packedKb = (scripts: readonly string[]): number =>
  scripts.reduce((sum, name) => sum + sizeOf(path.join(BUILT, name)), 0) / 1024;
const sizeOf = (file: string): number =>
  statSync(`${file}.gz`, { throwIfNoEntry: false })?.size ?? statSync(file).size;

export const bench: Bench = async ({ quick }) => {
  if (chromiumPath === undefined)
    throw new Error('there is no Chromium here: install chromium, or name one in CHROMIUM');
  await ensureConsole();
  const town = await openTown();
  const browser = await openBrowser();
  try {
    await live(town);
    const state = await stateOf(browser, town);
    const visits: Visit[] = [];
    for (let n = 0; n < (quick ? 1 : 15); n += 1) visits.push(await visit(browser, town, state));
    const bare_ms = median(visits.map((one) => one.bare_ms));
    const usable_ms = median(visits.map((one) => one.usable_ms));
    const script_kb = packedKb(visits[0]?.scripts ?? []);
    const all_kb = packedKb(globSync('assets/*.js', { cwd: BUILT }));
    const visible_ms = await arrivals(
      await browser.newContext({ storageState: state }),
      town,
      quick ? 1 : 20,
    );
    const bare = { name: 'a page without script', value: bare_ms, unit: ' ms' };
    return {
      measured: [
        {
          goal: 'console_script',
          got: script_kb,
          baseline: { name: 'all of its script', value: all_kb, unit: ' KB' },
          ratio: script_kb / all_kb,
        },
        { goal: 'console_usable', got: usable_ms, baseline: bare, ratio: usable_ms / bare_ms },
        {
          goal: 'console_news',
          got: median(visible_ms),
          baseline: bare,
          ratio: median(visible_ms) / bare_ms,
        },
      ],
      also: [
        ['the slowest visit', shown(Math.max(...visits.map((one) => one.usable_ms)), ' ms')],
        ['the slowest news', shown(Math.max(...visible_ms), ' ms')],
      ],
    };
  } finally {
    await browser.close();
    await town.close();
  }
};

await runAlone(import.meta.url, bench);
