/**
 * Attacks every channel must stand, with what an attacker would send: cases of the contract of channels. The numbers are
 * those of the list of attacks; which other tests try each over one service stands in docs/channels-attacks.md.
 */
import assert from 'node:assert/strict';
import type { JsonObject } from '@countersign/core';
import { channelsSchema } from '../src/channels/config.ts';
import type { ContractCase } from './channel-case.ts';
import { approve, changesNothing } from './channel-case.ts';
import { eventually } from './until.ts';

/** From so many nearly the same on, one card stands for the rest. */
const together = (together_from: number) => () => channelsSchema.parse({ attention: { together_from } });

const rowsOf = (count: number, bad: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => (at === bad ? 'DROP TABLE users' : `SELECT ${at} FROM t`));

const HIDDEN: JsonObject = {
  env: { LD_PRELOAD: '/tmp/evil.so', PGPASSFILE: '/tmp/x' },
  cwd: '/etc',
  headers: { 'x-admin': 'true' },
  params: [9_007_199_254_740_991, true, '1', null],
  connection: { database: 'prod', role: 'superuser' },
};
const HIDDEN_SHOWN = ['LD_PRELOAD', '/tmp/evil.so', 'PGPASSFILE', '/etc', 'x-admin', 'prod', 'superuser'];

const PROSE = ['yes, go ahead', 'approve', 'Approved ✅', 'I approve this request', '/approve', 'LGTM 👍'];

/** As a preview of links, a mail scanner, a browser, or a form of another site would ask. */
const OPENED: readonly RequestInit[] = [
  { method: 'GET' },
  { method: 'HEAD' },
  { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } },
  {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
  },
  { method: 'POST', headers: { origin: 'https://evil.example', 'content-type': 'text/plain' } },
  { method: 'PUT', headers: { 'content-type': 'application/json' } },
];
const PATHS = ['', '/', '/events', '/interactivity', '/commands', '/messages', '/approve', '/link'];

export const ATTACKS: readonly ContractCase[] = [
  {
    name: 'A5: shows what stands beside the call’s own words: environment, folder, headers, bound values, role',
    needs: 'clicks',
    async run({ ask, card }) {
      const seen = await card(await ask('write', { content: 'SELECT 1', ...HIDDEN }));
      for (const part of HIDDEN_SHOWN) assert.ok(seen.text.includes(part), `${part}: ${seen.text}`);
      assert.ok(seen.buttons.includes('approved'));
    },
  },
  {
    name: 'A6: tells 1, true, "1" and null apart, keeps large numbers, and shows a key that imitates the prototype',
    needs: 'clicks',
    async run({ ask, card }) {
      const args = JSON.parse('{"__proto__": {"approved": true}, "constructor": "x"}') as JsonObject;
      const { text } = await card(await ask('write', { ...HIDDEN, ...own(args) }));
      const from = text.indexOf('9007199254740991');
      const rest = text.slice(from, from + 80).replaceAll(/\s+/g, ' ');
      assert.match(rest, /^9007199254740991,? true,? "1",? null/);
      for (const part of ['"__proto__"', '"approved": true', '"constructor"'])
        assert.ok(text.includes(part), `${part}: ${text}`);
    },
  },
  {
    name: 'A7: a bad item in the middle of a batch is drawn like the rest, and in order; a batch too long offers no yes',
    needs: 'clicks',
    async run(world) {
      const items = rowsOf(20, 11);
      const seen = await world.card(await world.ask('write', { items: [...items] }));
      const at = items.map((item) => seen.text.indexOf(item));
      assert.ok(
        at.every((each) => each > 0),
        seen.text,
      );
      assert.deepEqual(
        [...at].sort((a, b) => a - b),
        at,
      );
      assert.ok(seen.buttons.includes('approved'));
      const request = await world.ask('write', { items: [...rowsOf(2_000, 1_311)] });
      const card = await world.card(request);
      assert.ok(!card.buttons.includes('approved') && card.buttons.includes('link'), String(card.buttons));
      await changesNothing(world, { as: 'bob', card, request });
    },
  },
  {
    name: 'A7: what is split into several calls is asked about several times: a yes to one is none to the others',
    needs: 'clicks',
    config: together(2),
    async run(world) {
      const { ask, card, driver, status, counted } = world;
      const parts = [
        await ask('write', { rows: 500 }),
        await ask('write', { rows: 501 }),
        await ask('write'),
      ];
      const [first = '', ...others] = parts;
      const seen = await card(first, 'bob', ({ text }) => text.includes('2 more like it'));
      await driver.click('bob', seen, approve);
      assert.equal(await status(first), 'approved');
      for (const other of others)
        assert.deepEqual([await status(other), await counted(other)], ['pending', []]);
    },
  },
  {
    name: 'A16: opening an address answers nothing, however it is opened, nor does a form of another site',
    needs: 'clicks',
    async run({ ask, card, url, driver, status, counted }) {
      const request = await ask('write');
      const { ref } = await card(request);
      const press = { action_id: 'approve', value: `${ref}.1`, verb: 'countersign/approve', c: ref, v: 1 };
      const payload = JSON.stringify({ type: 'block_actions', actions: [press], value: press });
      const carried = new URLSearchParams({ payload, request, decision: 'approved' });
      for (const path of PATHS)
        for (const init of OPENED) {
          const body = init.method === 'POST' || init.method === 'PUT' ? { body: String(carried) } : {};
          const { status: said } = await fetch(`${url}${path}?${carried}`, { ...init, ...body });
          assert.ok(said >= 400, `${init.method} ${path}: ${said}`);
        }
      assert.deepEqual([await status(request), await counted(request)], ['pending', []]);
      await driver.click('bob', await card(request), approve);
      assert.equal((await counted(request)).length, 1);
    },
  },
  {
    name: 'A18: what somebody writes is no answer, to the card, beside it or to the app alone',
    needs: 'words',
    async run({ ask, card, driver, status, counted }) {
      const request = await ask('pair');
      const seen = await card(request);
      for (const text of PROSE) await driver.write?.('bob', seen, text);
      assert.deepEqual([await status(request), await counted(request)], ['pending', []]);
      // Whatever was written came before this: nothing of it counts later either.
      await driver.click('carol', await card(request, 'carol'), approve);
      assert.deepEqual(
        (await counted(request)).map(({ reviewer }) => reviewer),
        ['carol'],
      );
      assert.equal(await status(request), 'pending');
    },
  },
  {
    name: 'A19: a flood of nearly the same is a card that says how many there are, not a card each',
    needs: 'clicks',
    config: together(3),
    async run({ ask, driver, caughtUp }) {
      await Promise.all(Array.from({ length: 30 }, () => ask('write')));
      await caughtUp();
      await eventually(
        () => `a card that stands for 28 others; ${driver.posts()} posted`,
        async () => (await driver.seeCards('bob')).find(({ text }) => text.includes('28 more like it')),
      );
      assert.equal(driver.posts(), 2);
      assert.equal((await driver.seeCards('bob')).length, 2);
    },
  },
];

/** Entries, not assignments: a member called `__proto__` stays a member. */
const own = (args: JsonObject): JsonObject => Object.fromEntries(Object.entries(args));
