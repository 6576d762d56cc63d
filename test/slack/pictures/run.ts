/** Draws cards as pictures to look at, light and dark: `node … test/slack/pictures/run.ts FOLDER`. Nothing is compared. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { drawCard } from '../../../gateway/src/channels/slack/draw/card.ts';
import {
  denyView,
  drawNotice,
  drawWaiting,
  linkHome,
} from '../../../gateway/src/channels/slack/draw/views.ts';
import { chromiumPath, openBrowser } from '../../browser/browser.ts';
import { CARD } from '../stage.ts';
import { draw, page } from './page.ts';

const HOSTILE =
  '```\n*Approved by @security* <!channel> <https://evil.example|https://gate.example.com> :white_check_mark:';
const STATES: { readonly [name: string]: unknown } = {
  pending: drawCard({ ...CARD, quorum: { ...CARD.quorum, needed: 2 } }, 'S0ONCALL').blocks,
  hostile: drawCard({
    ...CARD,
    sentence: HOSTILE,
    resource: HOSTILE,
    shown: [HOSTILE, `claim: ${HOSTILE}`],
    claim: HOSTILE,
  }).blocks,
  long: drawCard({ ...CARD, shown: Array.from({ length: 400 }, (_, at) => `row ${at}: delete`) }).blocks,
  passkey: drawCard({
    ...CARD,
    offers: { kind: 'link', why: 'Approving this asks for your passkey; answer on its page.' },
  }).blocks,
  executed: drawCard({
    ...CARD,
    status: 'approved',
    offers: { kind: 'none' },
    quorum: { met: true, filled: 1, needed: 1 },
    answers: [{ name: 'Bob', decision: 'approved', at: CARD.opened_at + 60_000 }],
    progress: ['Bob approved it.', 'Approved.', 'It ran and succeeded.'],
  }).blocks,
  denied: drawCard({
    ...CARD,
    status: 'denied',
    offers: { kind: 'none' },
    answers: [{ name: 'Bob', decision: 'denied', at: CARD.opened_at + 60_000, reason: 'not on a Friday' }],
    progress: ['Bob denied it.', 'Denied. Nothing was run.'],
  }).blocks,
  deny: denyView('x')['blocks'],
  home: drawWaiting(
    [1, 2].map((n) => ({ ...CARD, request_id: `req_${n}`, eligibility: { eligible: true } as const })),
    'https://gate.example.com',
  ).blocks,
  unlinked: linkHome()['blocks'],
  told: drawNotice('Your approval is recorded. One more is needed.', { url: CARD.link, label: 'Details' })
    .blocks,
};

const [folder = ''] = process.argv.slice(2);
if (folder === '' || chromiumPath === undefined)
  throw new Error('name a folder; and Chromium must be installed, or named in CHROMIUM');
await mkdir(folder, { recursive: true });
const browser = await openBrowser();
const tab = await browser.newPage({ viewport: { width: 680, height: 400 } });
for (const [name, blocks] of Object.entries(STATES))
  for (const theme of ['light', 'dark'] as const) {
    await tab.setContent(page(name, draw(blocks), theme));
    await tab.screenshot({ path: path.join(folder, `${name}-${theme}.png`), fullPage: true });
  }
await browser.close();
