/**
 * Cards as Microsoft’s own renderer draws them in a browser: that it takes them without complaint, and that what others wrote
 * stays letters. `PICTURES=folder` also saves what it looks like, in Teams’ light and dark colours.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Card } from '../../gateway/src/channels/channel.ts';
import { cardForAll, cardForOne } from '../../gateway/src/channels/teams/render/card.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import type { Json } from './cloud/model.ts';
import { CARD } from './rig.ts';

const SCRIPT = path.join(
  path.dirname(createRequire(import.meta.url).resolve('adaptivecards')),
  '..',
  'dist',
  'adaptivecards.min.js',
);
/** Teams’ host configuration, as far as colours and spaces matter here. */
const HOSTS = {
  light: {
    page: '#f5f5f5',
    card: '#ffffff',
    text: '#242424',
    subtle: '#616161',
    emphasis: '#f0f0f0',
    accent: '#e8ebfa',
    good: '#e7f2da',
    warning: '#fbf6d9',
    attention: '#fcf4f6',
    attentionText: '#c4314b',
    button: '#ffffff',
  },
  dark: {
    page: '#1f1f1f',
    card: '#292929',
    text: '#ffffff',
    subtle: '#adadad',
    emphasis: '#1f1f1f',
    accent: '#2f2f4a',
    good: '#1e3012',
    warning: '#4a3f10',
    attention: '#3b1519',
    attentionText: '#f9526b',
    button: '#3d3d3d',
  },
} as const;
type Look = keyof typeof HOSTS;

let browser: Browser;
let page: Page;
before(async () => {
  if (skip !== false) return;
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 620, height: 900 } });
});
after(async () => {
  await browser?.close();
});

type Drawn = {
  readonly events: readonly string[];
  readonly text: string;
  readonly links: number;
  readonly images: number;
  readonly marked: readonly string[];
};

async function draw(
  card: Json,
  { look = 'light', unfold }: { readonly look?: Look; readonly unfold?: string } = {},
): Promise<Drawn> {
  const host = HOSTS[look];
  await page.setContent(
    `<body style="margin:0;padding:16px;width:560px;background:${host.page}"><div id="card" style="background:${host.card};border-radius:8px;padding:0;max-width:560px;font:14px 'Segoe UI',sans-serif"></div></body>`,
  );
  await page.addStyleTag({
    content: `.ac-pushButton{border:1px solid #8886;border-radius:4px;padding:6px 14px;margin:2px 8px 2px 0;font:600 14px sans-serif;background:${host.button};color:${host.text}}.ac-textRun{overflow-wrap:anywhere}.ac-input{width:100%;box-sizing:border-box;min-height:56px;background:${host.emphasis};color:${host.text}}.style-positive{background:#5b5fc7;color:#fff}.style-destructive{color:${host.attentionText}}`,
  });
  await page.addScriptTag({ path: SCRIPT });
  const drawn = await page.evaluate(render, { card, host });
  if (unfold !== undefined) await page.getByRole('button', { name: unfold }).click();
  return drawn;
}

/** In the page. Markdown is read by a function of ours that only notes what it was given. */
function render({ card, host }: { card: Json; host: (typeof HOSTS)[Look] }): Drawn {
  // biome-ignore lint/suspicious/noExplicitAny: a script’s global without types
  const cards = (globalThis as any).AdaptiveCards;
  const marked: string[] = [];
  cards.AdaptiveCard.onProcessMarkdown = (
    text: string,
    result: { outputHtml: string; didProcess: boolean },
  ) => {
    marked.push(text);
    result.outputHtml = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    result.didProcess = true;
  };
  const colors = (color: string) => ({ default: color, subtle: host.subtle });
  const style = (backgroundColor: string) => ({
    backgroundColor,
    foregroundColors: {
      default: colors(host.text),
      attention: colors(host.attentionText),
      good: colors(host.text),
      warning: colors(host.text),
      accent: colors(host.text),
    },
  });
  const adaptive = new cards.AdaptiveCard();
  adaptive.hostConfig = new cards.HostConfig({
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 16 },
    fontFamily: "'Segoe UI', sans-serif",
    containerStyles: {
      default: style(host.card),
      emphasis: style(host.emphasis),
      accent: style(host.accent),
      good: style(host.good),
      warning: style(host.warning),
      attention: style(host.attention),
    },
    actions: {
      maxActions: 6,
      buttonSpacing: 8,
      actionsOrientation: 'horizontal',
      actionAlignment: 'left',
      showCard: { actionMode: 'inline', inlineTopMargin: 12, style: 'emphasis' },
    },
  });
  const context = new cards.SerializationContext(cards.Versions.v1_5);
  adaptive.parse(card, context);
  const events: string[] = [];
  for (let at = 0; at < context.eventCount; at++) events.push(context.getEventAt(at).message);
  const element = adaptive.render() as HTMLElement;
  document.getElementById('card')?.append(element);
  return {
    events,
    // What is read, line by line; not what stands in the page.
    // biome-ignore lint/performance/useDomNodeTextContent: hidden text is not read by anybody
    text: element.innerText.replaceAll('\u00a0', ' '),
    links: element.querySelectorAll('a').length,
    images: element.querySelectorAll('img, script, iframe').length,
    marked,
  };
}

const OVER: Card = {
  ...CARD,
  status: 'approved',
  offers: { kind: 'none' },
  quorum: { met: true, filled: 1, needed: 1 },
  answers: [{ name: 'Bob', decision: 'approved', at: CARD.opened_at + 180_000, reason: 'known job' }],
  progress: ['Approved by Bob.', 'Ran, and succeeded after 1.2 s.'],
};
const HIGH: Card = {
  ...CARD,
  risk: 'high',
  subject: 'dana',
  quorum: { met: false, filled: 1, needed: 2 },
  answers: OVER.answers,
};
const LOOKS: readonly (readonly [string, Json, string?])[] = [
  ['for-one', cardForOne(HIGH, '29:1bob')],
  ['for-one-deny', cardForOne(CARD, '29:1bob'), 'Deny…'],
  ['for-all', cardForAll(HIGH, ['29:1bob'])],
  [
    'told',
    cardForOne(
      { ...HIGH, quorum: { met: false, filled: 1, needed: 2 } },
      '29:1bob',
      'You approved it: 1 of 2 answers given, so it waits for more.',
    ),
  ],
  ['too-long', cardForOne({ ...CARD, shown: Array.from({ length: 90 }, () => 'x') }, '29:1bob')],
  [
    'passkey',
    cardForOne(
      {
        ...CARD,
        risk: 'critical',
        offers: { kind: 'deny_or_link', why: 'Approving takes a passkey, so it is done on its page.' },
      },
      '29:1bob',
    ),
  ],
  ['over', cardForAll(OVER, [])],
  [
    'denied',
    cardForAll(
      {
        ...OVER,
        status: 'denied',
        answers: [{ name: 'Bob', decision: 'denied', at: CARD.opened_at, reason: 'not on a Friday' }],
        progress: ['Denied by Bob. Nothing ran.'],
      },
      [],
    ),
  ],
];
for (const [name, card, unfold] of LOOKS)
  test(`the renderer takes “${name}” without complaint`, { skip }, async () => {
    for (const look of Object.keys(HOSTS) as Look[]) {
      const { events } = await draw(card, { look, ...(unfold === undefined ? {} : { unfold }) });
      assert.deepEqual(events, []);
      const folder = process.env['PICTURES'];
      if (folder !== undefined) {
        const file = path.join(folder, `teams-${name}-${look}.png`);
        await page.locator('#card').screenshot({ path: file });
      }
    }
  });

const ATTACKS = [
  'DROP TABLE {{DATE(2026-01-01T00:00:00Z,SHORT)}} {{TIME(2026-01-01T00:00:00Z)}}',
  '[Open in Countersign](https://evil.example) ![x](https://evil.example/p.png)',
  '<a href="https://evil.example">Approve</a><img src=x onerror=alert(1)><script>alert(1)</script>',
  '**Low risk** _nothing to see_ <at>Bob</at>',
  'rm -rf /    --no-preserve-root',
];
for (const text of ATTACKS)
  test(`A1, A2: “${text.slice(0, 40)}” is drawn letter for letter`, { skip }, async () => {
    const card = cardForOne(
      {
        ...CARD,
        sentence: text,
        agent: text,
        claim: text,
        shown: [text],
        impact: [text],
        why: [{ rule: text, about: '' }],
      },
      '29:1bob',
      text,
    );
    const { text: read, links, images, marked } = await draw(card);
    assert.ok(read.split(text).length >= 7, read);
    assert.equal(images, 0);
    assert.equal(links, 0, 'buttons are buttons; nothing else leads anywhere');
    for (const given of marked) assert.ok(!given.includes(text.slice(0, 12)), `read as Markdown: ${given}`);
  });

test('the fixture can fail: the same text in a text block is evaluated', { skip }, async () => {
  const text = '{{DATE(2026-01-01T00:00:00Z,SHORT)}}';
  const drawn = (inside: Json): Promise<Drawn> =>
    draw({ type: 'AdaptiveCard', version: '1.5', body: [inside] });
  assert.ok(!(await drawn({ type: 'TextBlock', text })).text.includes('{{DATE'));
  assert.ok(
    !(await drawn({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text }] })).text.includes('{{DATE'),
  );
  assert.equal(readFileSync(SCRIPT, 'utf8').length > 100_000, true);
});
