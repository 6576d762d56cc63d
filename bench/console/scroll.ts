/**
 * A list of 100,000 requests in a real Chromium: turned with the wheel, sent to its end by key, dragged by its scroll bar,
 * on its first page and with every page loaded. How long an input waits until it is handled, how long the page shows
 * nothing new, and whether there are rows wherever it arrives. Beside it, a bare page of the same height, the same way.
 * Run: npm run bench console/scroll
 */
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { openHouse } from '../../gateway/src/cli/setup/house.ts';
import { openSqliteStore } from '../../gateway/src/store/sqlite/sqlite.ts';
import { chromiumPath } from '../../test/browser/browser.ts';
import { live } from '../../test/console/town/past.ts';
import { openTown, type Town } from '../../test/console/town/town.ts';
import { type Place, signIn } from '../../test/console/visitor.ts';
import { ensureConsole } from '../../tools/console.ts';
import { type Bench, median, runAlone, shown } from '../goals.ts';
import { fillLists } from '../lists/fill.ts';
import { type Felt, watch } from './felt.ts';

const SIZE = { width: 1280, height: 860 };
/** A hand on a wheel, fast: a notch each frame. */
const NOTCH = 100;
const EVERY_MS = 16;
const NEXT_MS_MAX = 20_000;
const LIST = 'ul[aria-label="Calls, newest first"]';
const ROW = 'main a[data-row]';
/** From the middle of the bar; it is 15 pixels wide. */
const BAR = SIZE.width - 7;

type Times = { readonly notches: number; readonly drags: number };

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function wheel(page: Page, notches: number, by: number): Promise<void> {
  await page.mouse.move(SIZE.width / 2, SIZE.height / 2);
  const sent: Promise<void>[] = [];
  for (let n = 0; n < notches; n += 1) {
    // As fast as a hand, whether the page keeps up or not.
    sent.push(page.mouse.wheel(0, by));
    await sleep(EVERY_MS);
  }
  await Promise.all(sent);
}

async function drag(page: Page, from: number, to: number): Promise<void> {
  await page.mouse.move(BAR, from);
  await page.mouse.down();
  const steps = 40;
  for (let n = 1; n <= steps; n += 1) {
    await page.mouse.move(BAR, from + ((to - from) * n) / steps);
    await sleep(EVERY_MS);
  }
  await page.mouse.up();
}

/** Every way a person moves through a list, one after the other. */
async function moveAbout(page: Page, { notches, drags }: Times): Promise<void> {
  await wheel(page, notches, NOTCH);
  await wheel(page, Math.ceil(notches / 2), -NOTCH);
  for (const key of ['End', 'Home', 'PageDown', 'PageDown', 'End', 'Home']) {
    await page.keyboard.press(key);
    await sleep(150);
  }
  for (let n = 0; n < drags; n += 1) {
    await page.evaluate(() => scrollTo(0, 0));
    await sleep(100);
    await drag(page, 6, SIZE.height - 20);
    await drag(page, SIZE.height - 20, SIZE.height / 3);
  }
}

async function felt(page: Page, times: Times, row: string | undefined): Promise<Felt> {
  await page.evaluate(watch.begin, row);
  await moveAbout(page, times);
  return page.evaluate(watch.end);
}

type Grown = 'more' | 'end' | 'same';

/** Runs in the page. */
function grown({ list, height }: { readonly list: string; readonly height: number }): Grown {
  const found = document.querySelector(list);
  if (found === null) return 'same';
  if (found.clientHeight > height) return 'more';
  return found.querySelector('li[aria-setsize="-1"]') === null ? 'end' : 'same';
}

/** To the end by key until there are no more pages; answers the longest from the end of what there is to more of it. */
async function loadAll(page: Page): Promise<number> {
  let worst = 0;
  for (;;) {
    const height = await page.evaluate((list) => document.querySelector(list)?.clientHeight ?? 0, LIST);
    const began = performance.now();
    let found: Grown = 'same';
    while (found === 'same') {
      if (performance.now() - began > NEXT_MS_MAX) throw new Error('the list goes on and does not grow');
      // Its end may have moved while the key was on its way there.
      await page.keyboard.press('End');
      await sleep(EVERY_MS);
      found = await page.evaluate(grown, { list: LIST, height });
    }
    if (found === 'end') return worst;
    worst = Math.max(worst, performance.now() - began);
  }
}

async function openList(browser: Browser, town: Place): Promise<Page> {
  const context = await browser.newContext({ viewport: SIZE });
  await signIn(context, town, 'rita');
  const page = await context.newPage();
  await page.goto(`${town.url}/history`);
  await page.waitForSelector(ROW);
  return page;
}

/** Nothing but height: what this browser and machine do by themselves. */
async function openBare(browser: Browser, height: number): Promise<Page> {
  const page = await (await browser.newContext({ viewport: SIZE })).newPage();
  await page.setContent(`<body style="height:${height}px;margin:0"></body>`);
  return page;
}

export const bench: Bench = async ({ quick }) => {
  if (chromiumPath === undefined)
    throw new Error('there is no Chromium here: install chromium, or name one in CHROMIUM');
  const rows = quick ? 1_000 : 100_000;
  const times: Times = quick ? { notches: 20, drags: 1 } : { notches: 250, drags: 3 };
  await ensureConsole();
  const town = await openTown();
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox'],
    // Playwright hides them; a person drags them.
    ignoreDefaultArgs: ['--hide-scrollbars'],
  });
  let place: Place | undefined;
  try {
    await live(town);
    place = await filled(town, rows);
    const page = await openList(browser, place);
    const first = await felt(page, times, ROW);
    const next_ms = await loadAll(page);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const all = await felt(page, times, ROW);
    const bare = await felt(await openBare(browser, height), times, undefined);
    return reportOf({ first, all, bare, next_ms, height });
  } finally {
    await browser.close();
    await place?.house.gateway.close();
    await town.close();
  }
};

/** A store is one gateway's: it is stopped, the rows are put in, and it goes on. */
async function filled(town: Town, rows: number): Promise<Place> {
  await town.house.gateway.close();
  const store = await openSqliteStore({ path: path.join(town.dir, 'data', 'store.db') });
  try {
    await fillLists(store, rows);
  } finally {
    await store.close();
  }
  const nothing = (): void => undefined;
  const log = { info: nothing, warn: nothing, error: nothing };
  return { url: town.url, house: await openHouse(path.join(town.dir, 'countersign.yaml'), log, {}) };
}

type Found = {
  readonly first: Felt;
  readonly all: Felt;
  readonly bare: Felt;
  readonly next_ms: number;
  readonly height: number;
};

function reportOf({ first, all, bare, next_ms, height }: Found): Awaited<ReturnType<Bench>> {
  const most = (of: (felt: Felt) => number): number => Math.max(of(first), of(all));
  const waits = most(({ delay_ms }) => Math.max(...delay_ms));
  const gaps = most(({ gap_ms }) => Math.max(...gap_ms));
  const blank = most(({ blank_ms }) => blank_ms);
  const [bareWait, bareGap] = [Math.max(...bare.delay_ms), Math.max(...bare.gap_ms)];
  return {
    measured: [
      {
        goal: 'scroll_input',
        got: waits,
        baseline: { name: 'a bare page of that height', value: bareWait, unit: ' ms' },
        ratio: waits / bareWait,
      },
      {
        goal: 'scroll_frame',
        got: gaps,
        baseline: { name: 'a bare page of that height', value: bareGap, unit: ' ms' },
        ratio: gaps / bareGap,
      },
      {
        goal: 'scroll_blank',
        got: blank,
        baseline: { name: 'the longest gap between its frames', value: bareGap, unit: ' ms' },
        ratio: blank / bareGap,
      },
    ],
    also: [
      ['inputs', String(first.inputs + all.inputs)],
      [
        'an input, median',
        `${shown(median(first.delay_ms), ' ms')} on the first page, ${shown(median(all.delay_ms), ' ms')} with all pages`,
      ],
      [
        'between frames, median',
        `${shown(median(first.gap_ms), ' ms')} on the first page, ${shown(median(all.gap_ms), ' ms')} with all pages`,
      ],
      ['the slowest next page at the end', shown(next_ms, ' ms')],
      ['height', `${height.toLocaleString('en-US')} px`],
    ],
  };
}

await runAlone(import.meta.url, bench);
