// The audit log as an auditor meets it: entries found by filter and address, checked in the browser against the log's own
// files, and every way a gateway could lie about them seen and said.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  cosignatureMessage,
  formatNote,
  formatVerifierKey,
  type Json,
  joinCosignature,
  parseJson,
  parseNote,
  verifierKey,
  verifyReceipt,
} from '@countersign/core';
import type { Browser } from 'playwright-core';
import { readKept, type Storage, trustWitnesses } from '../../console/src/data/log/kept.ts';
import { type LogState, lookAtLog } from '../../console/src/data/log/state.ts';
import { checkEntry, type ReadFile } from '../../console/src/data/log/verify.ts';
import { verdictOf } from '../../console/src/views/audit/verdict.ts';
import { until } from '../../gateway/testing/until.ts';
import { openBrowser, skip } from '../browser/browser.ts';
import { live } from './town/past.ts';
import { openTown, type Town } from './town/town.ts';
import { assertAccessible, openVisitor, PHONE, type Visitor } from './visitor.ts';

/** Another log's key: well formed, and of nobody here. */
const OTHER_KEY = formatVerifierKey(
  verifierKey('other.example.com/log', 'ed25519', new Uint8Array(32).fill(7)),
);

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const flip = (bytes: Uint8Array | undefined, at: number): Uint8Array =>
  Uint8Array.from(bytes ?? [], (byte, index) => (index === at ? byte ^ 1 : byte));

describe('the audit log, checked as the console checks it', () => {
  let town: Town;
  let read: ReadFile;
  before(async () => {
    town = await openTown();
    await live(town);
    // More than one tile of 256 hashes.
    for (let n = 0; n < 75; n += 1)
      await town.call({
        agent: 'support-bot',
        upstream: 'payments',
        tool: 'show_charge',
        args: { charge: `ch_${n}` },
      });
    await town.house.gateway.flushLog();
    read = async (path) => {
      const answer = await fetch(`${town.url}/log/${path}`);
      return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
    };
  });
  after(() => town?.close());

  const look = (kept: Storage, reading: ReadFile = read): Promise<LogState> =>
    lookAtLog({ read: reading, storage: kept, now: 1_795_000_000_000 });
  /** The log's files, some of them as a liar would give them. */
  const lying =
    (lies: {
      readonly [path: string]: (truth: Uint8Array | undefined) => Uint8Array | undefined;
    }): ReadFile =>
    async (path) => {
      const truth = await read(path);
      const lie = Object.entries(lies).find(([name]) => path.startsWith(name))?.[1];
      return lie === undefined ? truth : lie(truth);
    };

  it('holds on the first visit, is kept, and is compared with on the next', async () => {
    const kept = storage();
    const first = await look(kept);
    assert.deepEqual(verdictOf(first), { kind: 'holds' });
    assert.deepEqual([first.past.kind, first.trust.from], ['first-visit', 'served']);
    assert.ok(first.head.ok && first.head.head.checkpoint.size > 256);
    await town.call({
      agent: 'support-bot',
      upstream: 'payments',
      tool: 'show_charge',
      args: { charge: 'ch_9' },
    });
    await town.house.gateway.flushLog();
    const second = await look(kept);
    assert.deepEqual(verdictOf(second), { kind: 'holds' });
    const size = first.head.ok ? first.head.head.checkpoint.size : 0;
    assert.deepEqual(second.past, { kind: 'continues', from: size });
    assert.ok((readKept(kept)?.note_size ?? 0) > size, 'the newer checkpoint is kept');
  });

  it('is alarmed at a shorter log, another past, another key, and what is not signed; and then keeps what it kept', async () => {
    const kept = storage();
    const early = storage();
    const then = await look(early);
    await town.call({
      agent: 'support-bot',
      upstream: 'payments',
      tool: 'show_charge',
      args: { charge: 'ch_8' },
    });
    await town.house.gateway.flushLog();
    await look(kept);
    const before = kept.getItem('countersign.log');
    const old = then.head.ok ? then.head.head.note : '';
    const cases: readonly (readonly [title: RegExp, reading: ReadFile])[] = [
      [/shorter than it was/, lying({ checkpoint: () => encode(old) })],
      [/names another key/, lying({ vkey: () => encode(OTHER_KEY) })],
      [
        /checkpoint does not hold/,
        lying({ checkpoint: (truth) => flip(truth, text(truth).indexOf('\n') + 1) }),
      ],
      [/checkpoint does not hold/, lying({ checkpoint: () => undefined })],
      [/checkpoint does not hold/, lying({ 'entry-keys': (truth) => flip(truth, 60) })],
    ];
    for (const [title, reading] of cases) {
      const verdict = verdictOf(await look(kept, reading));
      assert.equal(verdict.kind, 'alarm');
      assert.match(verdict.kind === 'alarm' ? verdict.title : '', title);
      assert.equal(kept.getItem('countersign.log'), before, `kept as it was after ${title}`);
    }
    // The tree under the old checkpoint, changed: the same size and signature, other hashes on the way to the new root.
    const rewritten = verdictOf(await look(early, lying({ 'tile/0/': (truth) => flip(truth, 0) })));
    assert.match(rewritten.kind === 'alarm' ? rewritten.title : '', /rewritten/);
  });

  it('says which trusted witness saw this tree, and refuses what only claims to be one', async () => {
    const pair = generateKeyPairSync('ed25519');
    const raw = pair.publicKey.export({ format: 'jwk' }).x ?? '';
    const name = 'witness.example.com/w1';
    const witness = verifierKey(name, 'cosignature/v1', new Uint8Array(Buffer.from(raw, 'base64url')));
    const kept = storage();
    const first = await look(kept);
    const before = readKept(kept);
    assert.ok(first.head.ok && before !== undefined);
    trustWitnesses(kept, before, [formatVerifierKey(witness)]);
    const { text: body, signatures } = parseNote(first.head.head.note);
    const cosigned = (what: string): string => {
      const signed = sign(null, cosignatureMessage(what, 1_790_000_000), pair.privateKey);
      const signature = joinCosignature(1_790_000_000, new Uint8Array(signed));
      return formatNote({
        text: body,
        signatures: [...signatures, { name, keyId: witness.keyId, signature }],
      });
    };
    const seen = await look(kept, lying({ checkpoint: () => encode(cosigned(body)) }));
    assert.deepEqual(seen.head.ok && seen.head.head.witnesses, [{ name, time_s: 1_790_000_000 }]);
    const forged = await look(kept, lying({ checkpoint: () => encode(cosigned(`${body}x`)) }));
    assert.deepEqual(forged.head, {
      ok: false,
      why: `the signature of ${name} on the checkpoint does not hold`,
    });
  });

  it('passes nothing signed by another key than the pinned one', async () => {
    const kept = storage();
    kept.setItem(
      'countersign.log',
      JSON.stringify({ key: OTHER_KEY, pinned: true, since: 1, witnesses: [] }),
    );
    const verdict = verdictOf(await look(kept));
    assert.match(verdict.kind === 'alarm' ? verdict.what : '', /key is pinned here/);
  });

  it('proves an entry from the files alone, and refuses every other', async () => {
    const ada = await town.person('ada');
    const { items } = await ada.log.lookUp({ kind: 'execution', limit: 2 });
    await town.house.gateway.flushLog();
    const state = await look(storage());
    assert.ok(state.head.ok);
    const { head } = state.head;
    const [mine, other] = await Promise.all(items.map(({ event_id }) => ada.log.entry(event_id)));
    assert.ok(mine !== undefined && other !== undefined);
    const claim = { event_id: mine.event_id, index: mine.leaf_index, envelope: mine.envelope as Json };
    const check = (claimed: typeof claim, reading = read) =>
      checkEntry(reading, claimed, { head, keys: state.keys });

    const held = await check(claim);
    assert.ok(held.status === 'verified', JSON.stringify(held));
    assert.deepEqual(held.established, ['entry-signed', 'leaf-commits', 'leaf-included', 'tree-signed']);
    // One of the first tile too: its proof climbs through both.
    const [oldest] = (
      await ada.log.lookUp({ limit: 1, until: items[0]?.occurred_at ?? 0, kind: 'tool-change' })
    ).items;
    const old = await ada.log.entry(oldest?.event_id ?? '');
    assert.ok(old.leaf_index < 256);
    assert.equal(
      (await check({ event_id: old.event_id, index: old.leaf_index, envelope: old.envelope as Json })).status,
      'verified',
    );
    // What is saved is what was checked, and what anybody else can check.
    const { log } = state.keys;
    const saved = await verifyReceipt(parseJson(JSON.stringify(held.receipt)), {
      entryKeys: head.entryKeys,
      log,
      origin: log.name,
    });
    assert.equal(saved.status, 'verified');

    const signature = (
      mine.envelope['signatures'] as readonly { readonly keyid: string; readonly sig: string }[]
    )[0];
    const lies: readonly (readonly [why: RegExp, claimed: typeof claim, reading?: ReadFile])[] = [
      [/does not lead/, { ...claim, index: other.leaf_index }],
      [/not the one asked for/, { ...claim, event_id: other.event_id }],
      [
        /not the one asked for/,
        { event_id: mine.event_id, index: other.leaf_index, envelope: other.envelope as Json },
      ],
      [
        /does not hold/,
        { ...claim, envelope: { ...(other.envelope as object), signatures: [signature] } as unknown as Json },
      ],
      [/does not lead/, claim, lying({ 'tile/0/': (truth) => flip(truth, 32 * ((claim.index ^ 1) % 256)) })],
      [/no file/, claim, lying({ 'tile/0/': () => undefined })],
    ];
    for (const [why, claimed, reading] of lies) {
      const refused = await check(claimed, reading);
      assert.ok(refused.status === 'failed', `${why}: ${refused.status}`);
      assert.match(refused.why, why);
    }
    assert.equal((await check({ ...claim, index: head.checkpoint.size })).status, 'not-yet');
  });
});

describe('the audit log in the browser', { skip }, () => {
  let town: Town;
  let browser: Browser;
  let ada: Visitor;
  before(async () => {
    [town, browser] = await Promise.all([openTown(), openBrowser()]);
    await live(town);
    ada = await openVisitor(browser, town, { person: 'ada' });
  });
  after(async () => {
    await browser?.close();
    await town?.close();
  });

  it('lists what happened, narrowed by what stands in the address', async () => {
    await ada.go('/audit?agent=nobody&kind=review');
    await ada.page.waitForSelector('text=No entry matches');
    await ada.go('/audit?kind=review');
    await ada.page.waitForSelector('a:has-text("raj denied export_table on warehouse")');
    const rows = await ada.page.locator('ul[aria-label^="Entries"] a').allTextContents();
    assert.ok(rows.length > 2);
    for (const row of rows) assert.match(row, /Review/);
    await ada.page.click('[aria-label="Take away the filter: Kind"]');
    await until('no filter is left', () => new URL(ada.page.url()).search === '');
  });

  it('adds a filter by keyboard', async () => {
    await ada.go('/audit');
    await ada.page.focus('button:has-text("Filter")');
    await ada.page.keyboard.press('Enter');
    await ada.page.click('[role="menuitem"]:has-text("Agent")');
    await ada.page.waitForSelector('input[aria-label="Agent"]:focus');
    await ada.page.keyboard.type('data-bot');
    await ada.page.keyboard.press('Enter');
    await until('the filter is in the address', () => ada.page.url().endsWith('/audit?agent=data-bot'));
    await ada.page.waitForSelector('a:has-text("data-bot asked for export_table on warehouse")');
  });

  it('checks an entry and says what it found, and what it did not', async () => {
    await ada.go('/audit?kind=review');
    await ada.page.click('a:has-text("raj denied export_table")');
    await ada.page.waitForSelector('text=In the log, signed and unchanged');
    const said = (await ada.page.textContent('main')) ?? '';
    for (const words of [
      'The checkpoint is signed by the log.',
      'it came from this gateway',
      'no witness trusted here has cosigned',
      'A commitment: the log holds its digest, not its text.',
    ])
      assert.ok(said.includes(words), words);
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page.click('button:has-text("Save the receipt")'),
    ]);
    assert.match(download.suggestedFilename(), /^receipt-[0-9A-Z]{26}\.json$/);
    await assertAccessible(ada, 'one entry');
  });

  it('pins the key somebody gave, and no other passes', async () => {
    const visitor = await openVisitor(browser, town, { person: 'ada' });
    const { page } = visitor;
    const pin = async (key: string): Promise<void> => {
      await page.click('button:has-text("Pin the key"), button:has-text("Pin another key")');
      await page.fill('[role="dialog"] input', key);
      await page.click('[role="dialog"] button:has-text("Pin")');
    };
    await visitor.go('/audit/checkpoint');
    await pin('not a key');
    await page.waitForSelector('text=Not a log key');
    await page.keyboard.press('Escape');
    await pin(town.house.gateway.vkey);
    await page.waitForSelector('text=Somebody pinned it in this browser');
    await page.waitForSelector('td:has-text("Signed, and still its beginning")');
    assert.equal(
      await page.locator('td:has-text("Not its beginning"), td:has-text("Does not hold")').count(),
      0,
    );
    await assertAccessible(visitor, 'the checkpoint');
    await pin(OTHER_KEY);
    await page.waitForSelector('text=The gateway now names another key for its log');
    await visitor.go('/audit');
    await page.waitForSelector('text=The gateway now names another key for its log');
    await visitor.close();
  });

  it('says so when a gateway serves changed files', async () => {
    const visitor = await openVisitor(browser, town, { person: 'ada' });
    await visitor.page.route('**/log/tile/**', async (route) => {
      const answer = await route.fetch();
      const body = await answer.body();
      await route.fulfill({ response: answer, body: Buffer.from(body.map((byte) => byte ^ 1)) });
    });
    await visitor.go('/audit?kind=review');
    await visitor.page.click('a:has-text("raj denied export_table")');
    await visitor.page.waitForSelector('text=This entry does not hold');
    assert.equal(await visitor.page.isDisabled('button:has-text("Save the receipt")'), true);
    await visitor.close();
  });

  it('exports what the filters leave, and is on the record for it', async () => {
    await ada.go('/audit?kind=review');
    await ada.page.click('button:has-text("Export")');
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page.click('[role="dialog"] button:has-text("Export")'),
    ]);
    const stream = await download.createReadStream();
    let lines = '';
    for await (const part of stream) lines += String(part);
    const kinds = lines
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    assert.ok(kinds.length > 2);
    assert.deepEqual([...new Set(kinds)], ['review']);
    const { items } = await (await town.person('ada')).log.lookUp({ kind: 'export', limit: 1 });
    assert.equal(items[0]?.reviewer, 'ada');
  });

  it('can be read on a phone', async () => {
    const visitor = await openVisitor(browser, town, { person: 'ada', size: PHONE, colours: 'dark' });
    await visitor.go('/audit?kind=evaluation');
    await visitor.page.click('ul[aria-label^="Entries"] a >> nth=0');
    await visitor.page.waitForSelector('text=In the log, signed and unchanged');
    await assertAccessible(visitor, 'one entry on a phone');
    const over = (): Promise<number> =>
      visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await over()) <= 0, `an entry is ${await over()} px too wide`);
    await visitor.go('/audit/checkpoint');
    await visitor.page.waitForSelector('td:has-text("Signed, and still its beginning")');
    await visitor.page.waitForSelector('text=No witnesses are configured');
    assert.ok((await over()) <= 0, `the checkpoint is ${await over()} px too wide`);
    await visitor.close();
    assert.deepEqual(ada.complaints, []);
  });
});
