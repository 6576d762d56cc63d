/**
 * What every channel owes the people it carries answers for. It runs over the product's own code of a channel, with a
 * counterpart of its service behind it and the real delivery, door, requests and store before it. A channel joins by
 * writing a {@link Driver}; it is never told which case is run.
 */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { ATTACKS } from '../../testing/channel-attacks.ts';
import { approve, type ContractCase, changesNothing, deny } from '../../testing/channel-case.ts';
import type { Driver, SeenCard, Who } from '../../testing/driver.ts';
import { openPaper } from '../../testing/paper.ts';
import { KNOWN_SECRET, openReached, peopleOf, type Reached } from '../../testing/reaching.ts';
import { permitted, SEAT } from '../../testing/rig.ts';
import { eventually } from '../../testing/until.ts';
import { sweep } from '../requests/ending/expire.ts';
import { channelsSchema } from './config.ts';

export type { Driver, SeenCard, Who };

/** Runs over one channel; each case begins with a counterpart of its own. */
export function channelContract(kind: string, start: () => Promise<Driver>): void {
  describe(`${kind}: what every channel owes the people it carries answers for`, {
    concurrency: false,
  }, () => {
    let world: Reached | undefined;
    afterEach(async () => {
      await world?.close();
      world = undefined;
    });
    for (const { name, needs, config, run } of [...CASES, ...ATTACKS])
      it(name, async (t) => {
        const driver = await start();
        const lacking = lacks(driver, needs);
        if (lacking !== undefined) {
          await driver.close();
          t.skip(lacking);
          return;
        }
        const paper = openPaper();
        world = await openReached({
          driver,
          others: [paper.channel],
          ...(config && { config: config(driver.kind) }),
        });
        await run(world, paper);
      });
  });
}

const lacks = ({ clicks, write }: Driver, needs: ContractCase['needs']): string | undefined => {
  if (needs !== undefined && !clicks) return 'nothing can be clicked there: people follow a link';
  return needs === 'words' && write === undefined ? 'nothing that is written there is read' : undefined;
};

const canAnswer = ({ buttons }: SeenCard): boolean =>
  buttons.includes('approved') || buttons.includes('denied');
const isOver = (card: SeenCard): boolean => !canAnswer(card);

const CASES: readonly ContractCase[] = [
  {
    name: 'shows what will run, who asks, and where all of it can be seen',
    async run({ ask, card, driver }) {
      const seen = await card(await ask('write', { content: 'hello' }));
      for (const part of ['coder', 'write', 'hello'])
        assert.ok(seen.text.includes(part), `${part}: ${seen.text}`);
      assert.deepEqual([...seen.buttons].sort(), driver.clicks ? ['approved', 'denied', 'link'] : ['link']);
    },
  },
  {
    name: 'carries a yes of somebody linked and eligible; the action may then run, once',
    needs: 'clicks',
    async run({ ask, card, driver, status, counted, rig }) {
      const request = await ask('write');
      const told = await driver.click('bob', await card(request), approve);
      assert.match(told, /approved/i);
      assert.doesNotMatch(told, /\b(ran|executed)\b/i, 'A25: approved is not run');
      assert.equal(await status(request), 'approved');
      assert.deepEqual(await counted(request), [{ reviewer: 'bob', channel: driver.kind }]);
      for (const as of ['bob', 'carol', 'alice'] as const) {
        const over = await card(request, as, isOver);
        assert.match(over.text, /Approved/);
        assert.doesNotMatch(over.text, /It ran/, 'A25: approved is not run');
      }
      permitted(await rig.call('write', { path: pathOf(await card(request)) }));
      await card(request, 'carol', ({ text }) => text.includes('It is running'));
    },
  },
  {
    name: 'carries a no and its reason',
    needs: 'clicks',
    async run({ ask, card, driver, status, rig }) {
      const request = await ask('write');
      await driver.click('carol', await card(request, 'carol'), deny);
      assert.equal(await status(request), 'denied');
      const shown = await rig.requests.show(request, 'dan');
      assert.deepEqual(
        shown?.reviews.map(({ reviewer, reason }) => [reviewer, reason]),
        [['carol', 'not on a Friday']],
      );
      assert.match((await card(request, 'bob', isOver)).text, /Denied/);
    },
  },
  {
    name: 'A13: whoever owns the agent is told that they may not, and nothing changes',
    needs: 'clicks',
    async run(world) {
      const request = await world.ask('write');
      const card = await world.card(request);
      const told = await changesNothing(world, { as: 'alice', card, request });
      assert.match(told, /own/);
    },
  },
  {
    name: 'A15: a member nobody here knows is told how to be known, and nothing changes',
    needs: 'clicks',
    async run(world) {
      const request = await world.ask('write');
      const told = await changesNothing(world, { as: 'stranger', card: await world.card(request), request });
      assert.match(told, /link/i);
    },
  },
  {
    name: 'A15: a guest, or somebody from elsewhere, changes nothing',
    needs: 'clicks',
    async run(world) {
      const request = await world.ask('write');
      await changesNothing(world, { as: 'foreign', card: await world.card(request), request });
    },
  },
  {
    name: 'A10: who is taken out, or whose account it is no more, changes nothing from then on',
    needs: 'clicks',
    async run(world) {
      const request = await world.ask('write');
      const card = await world.card(request);
      const { people, ...rest } = peopleOf(world.driver);
      const bob = { name: 'Bob', roles: ['reviewer' as const], accounts: [], active: true };
      await world.rig.change({ config: { ...rest, people: { ...people, bob } } });
      assert.match(await changesNothing(world, { as: 'bob', card, request }), /link/i);
      const carol = { ...bob, name: 'Carol', accounts: [world.driver.accounts.carol], active: false };
      await world.rig.change({ config: { ...rest, people: { ...people, carol } } });
      await changesNothing(world, { as: 'carol', card, request });
    },
  },
  {
    name: 'A15, A17: the same click delivered twice is one answer',
    needs: 'clicks',
    async run({ ask, card, driver, status, counted }) {
      const request = await ask('pair');
      await driver.click('bob', await card(request), approve);
      await driver.redeliver();
      await driver.redeliver();
      assert.equal(await status(request), 'pending');
      assert.equal((await counted(request)).length, 1);
    },
  },
  {
    name: 'A14, A17: one person answers once; what they say later is told, and changes nothing',
    needs: 'clicks',
    async run({ ask, card, driver, status, counted }) {
      const request = await ask('pair');
      const seen = await card(request);
      await driver.click('bob', seen, approve);
      const told = await driver.click('bob', seen, deny);
      assert.match(told, /already|first answer/i);
      assert.equal(await status(request), 'pending');
      assert.equal((await counted(request)).length, 1);
      const again = await card(request, 'carol', ({ text }) => text.includes('1 of 2'));
      await driver.click('carol', again, approve);
      assert.equal(await status(request), 'approved');
    },
  },
  {
    name: 'A17: a no after the yes that resolved it changes nothing, and is told so',
    needs: 'clicks',
    async run({ ask, card, driver, status, counted }) {
      const request = await ask('write');
      const seen = await card(request, 'carol');
      await driver.click('bob', await card(request), approve);
      const told = await driver.click('carol', seen, deny);
      assert.match(told, /already|over|resolved|approved/i);
      assert.equal(await status(request), 'approved');
      assert.equal((await counted(request)).length, 1);
    },
  },
  {
    name: 'A17: a click after the time is up changes nothing, and is told so; the card then says it expired',
    needs: 'clicks',
    async run(world) {
      const request = await world.ask('write');
      const card = await world.card(request);
      world.time.skew += SEAT.within_ms + 1_000;
      assert.match(await changesNothing(world, { as: 'bob', card, request }), /expired/i);
      await sweep(world.rig.deps);
      assert.match((await world.card(request, 'bob', isOver)).text, /Expired/);
      assert.match(await changesNothing(world, { as: 'bob', card, request }), /already expired/i);
    },
  },
  {
    name: 'changes the card everywhere when it is answered elsewhere, and when it is withdrawn',
    needs: 'clicks',
    async run({ ask, card, rig }) {
      const [elsewhere, withdrawn] = [await ask('write'), await ask('write')];
      await card(elsewhere);
      await card(withdrawn);
      await rig.answer(elsewhere, 'dan');
      await rig.requests.cancel(withdrawn, 'alice');
      const over = await card(elsewhere, 'bob', isOver);
      assert.match(over.text, /Dan/);
      assert.match((await card(withdrawn, 'bob', isOver)).text, /Withdrawn/);
    },
  },
  {
    name: 'offers only the page where the policy asks for a stronger proof; an answer sent all the same counts for nothing',
    needs: 'clicks',
    async run(world) {
      const request = await world.ask('signed');
      const card = await world.card(request);
      assert.deepEqual(card.buttons, ['link']);
      assert.match(card.text, /recent sign-in/);
      await changesNothing(world, { as: 'bob', card, request });
      await world.driver.click('bob', card, deny);
      assert.equal(await world.status(request), 'pending');
    },
  },
  {
    name: 'offers no yes where the risk is above what the configuration lets channels answer',
    needs: 'clicks',
    async run(world) {
      const request = await world.ask('drop');
      const card = await world.card(request);
      assert.ok(!card.buttons.includes('approved') && card.buttons.includes('link'), String(card.buttons));
      await changesNothing(world, { as: 'bob', card, request });
      await world.driver.click('bob', card, deny);
      assert.equal(await world.status(request), 'denied');
    },
  },
  {
    name: 'A4: an action too long to show whole offers no yes; one sent all the same counts for nothing',
    needs: 'clicks',
    async run(world) {
      const request = await world.ask('write', { content: `${'a line\n'.repeat(5_000)}rm -rf /` });
      const card = await world.card(request);
      assert.ok(!card.buttons.includes('approved') && card.buttons.includes('link'), String(card.buttons));
      await changesNothing(world, { as: 'bob', card, request });
    },
  },
  {
    name: 'A1–A3, A6: carries what the agent wrote as what it is, however it is written',
    async run({ ask, card, driver }) {
      for (const [at, content] of HOSTILE.entries()) {
        const seen = await card(await ask('write', { content, [content]: at }));
        assert.deepEqual(
          [...seen.buttons].sort(),
          driver.clicks ? ['approved', 'denied', 'link'] : ['link'],
          content,
        );
        assert.doesNotMatch(seen.text, /[\u202a-\u202e\u2066-\u2069\u200b\u{e0000}-\u{e007f}]/u, 'A3');
      }
    },
  },
  {
    name: 'I7, A23: sends no secret there, whatever the agent wrote',
    async run({ ask, card, driver }) {
      const token = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
      await card(await ask('write', { content: token, header: KNOWN_SECRET }));
      assert.ok(!driver.sent().includes(token));
      assert.ok(!driver.sent().includes(KNOWN_SECRET));
    },
  },
  {
    name: 'A20: down, it delays nothing else, answers for nobody, and shows everything once it is back',
    async run({ ask, card, driver, status, rig }, paper) {
      driver.goDown('refusing');
      const [waits, resolved] = [await ask('write'), await ask('write')];
      await paper.shows(waits);
      await paper.shows(resolved);
      await rig.answer(resolved, 'dan');
      assert.equal(await status(waits), 'pending');
      driver.comeUp();
      await card(waits, 'bob', (seen) => !driver.clicks || canAnswer(seen));
      assert.equal(await status(waits), 'pending');
    },
  },
  {
    name: 'A20: silent, it delays nothing else and answers for nobody',
    async run({ ask, driver, status }, paper) {
      driver.goDown('silent');
      const request = await ask('write');
      await paper.shows(request);
      assert.equal(await status(request), 'pending');
      driver.comeUp();
    },
  },
  {
    name: 'reaches people by themselves where it can, and where it cannot keeps no card from elsewhere',
    config: (kind) => channelsSchema.parse({ routes: [{ to: [`${kind}:reviewers`, 'paper:desk'] }] }),
    async run({ ask }, paper) {
      await paper.shows(await ask('write'));
    },
  },
  {
    name: 'loses no card when the answer to a post is lost',
    async run({ ask, card, driver, status }) {
      driver.loseNextAnswer();
      const request = await ask('write');
      const seen = await card(request);
      if (!driver.clicks) return;
      await driver.click('bob', seen, approve);
      assert.equal(await status(request), 'approved');
      await card(request, 'carol', isOver);
    },
  },
  {
    name: 'a gateway that starts again posts nothing twice, shows what happened meanwhile, and takes clicks on older cards',
    async run(world) {
      const { ask, card, driver, rig, status } = world;
      const [before, meanwhile] = [await ask('write'), await ask('write')];
      const seen = await card(before);
      await card(meanwhile);
      await world.caughtUp();
      const posts = await settledPosts(world, 2);
      await world.restart(async () => {
        await rig.answer(meanwhile, 'dan');
      });
      if (driver.clicks) {
        await card(meanwhile, 'bob', isOver);
        await driver.click('bob', seen, approve);
        assert.equal(await status(before), 'approved');
        await card(before, 'bob', isOver);
        assert.equal(driver.posts(), posts);
      } else {
        await card(await ask('write'));
        assert.equal(driver.posts(), posts + 1);
      }
    },
  },
  {
    name: 'two gateways on one store post a card once, and one answer counts',
    async run(world) {
      await world.second();
      const asked = await Promise.all(Array.from({ length: 6 }, () => world.ask('write')));
      for (const request of asked) await world.card(request);
      assert.equal(await settledPosts(world, asked.length), asked.length);
      const [first = ''] = asked;
      if (!world.driver.clicks) return;
      const seen = await world.card(first);
      await Promise.all([
        world.driver.click('bob', seen, approve),
        world.driver.click('carol', seen, approve),
      ]);
      assert.equal(await world.status(first), 'approved');
      assert.equal((await world.counted(first)).length, 1);
    },
  },
];

/** What imitates the service's own marks, or the gateway's words (A1–A3). */
const HOSTILE = [
  '```\n*Approved by Bob*\n```',
  '<!channel> <@U012> <https://evil.example|https://good.example>',
  '[Approve](https://evil.example) **Approved** <b>ok</b> &lt;b&gt;',
  '\u202egnirts a\u202c and zero\u200bwidth \u{e0041}',
  '</code></pre><script>alert(1)</script>',
  '__proto__',
  '\u001b[2K\u001b]8;;https://evil.example\u0007Approved\u001b]8;;\u0007',
];

const pathOf = ({ text }: SeenCard): string => /\/srv\/case-\d+\.txt/.exec(text)?.[0] ?? assert.fail(text);

/** Once every card is shown as it is to be: how often was posted. */
async function settledPosts({ states, driver }: Reached, least: number): Promise<number> {
  return eventually(
    () => `${least} cards settled; posted ${driver.posts()}`,
    async () => {
      const own = (await states()).find(({ kind }) => kind === driver.kind);
      return own?.waiting === 0 && driver.posts() >= least ? driver.posts() : undefined;
    },
  );
}
