// `npm run pictures [-- FOLDER [NAME…]]`: every view and state of the console, light and dark, wide and narrow, as PNGs in
// FOLDER (default: pictures/ in the temporary folder), to be looked at. The few kept for the documents are in docs/pictures.
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromiumPath, openBrowser } from '../../browser/browser.ts';
import { live } from '../town/past.ts';
import { openTown } from '../town/town.ts';
import { DESKTOP, openVisitor, PHONE } from '../visitor.ts';
import { statesOf } from './states.ts';

if (chromiumPath === undefined)
  throw new Error('there is no Chromium here: install chromium, or name one in CHROMIUM');
const [folder = path.join(tmpdir(), 'pictures'), ...names] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const town = await openTown();
const browser = await openBrowser();
try {
  const states = statesOf(await live(town));
  for (const { name, person, at, ready = 'h1', act } of states.filter(
    (one) => names.length === 0 || names.includes(one.name),
  ))
    for (const colours of ['light', 'dark'] as const)
      for (const size of [DESKTOP, PHONE]) {
        const visitor = await openVisitor(browser, town, {
          ...(person === undefined ? {} : { person }),
          colours,
          size,
        });
        await visitor.go(at);
        await visitor.page.waitForSelector(ready);
        await act?.(visitor.page);
        await visitor.page.evaluate(() => document.fonts.ready.then(() => undefined));
        const file = `${name}-${colours}-${size.width}.png`;
        // What one sees at first: bars that stick would lie across the middle of a whole page.
        await visitor.page.screenshot({ path: path.join(folder, file) });
        for (const complaint of visitor.complaints) console.error(`${file}: ${complaint}`);
        console.log(file);
        await visitor.close();
      }
} finally {
  await browser.close();
  await town.close();
}
