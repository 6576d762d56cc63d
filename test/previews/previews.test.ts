import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isJsonObject, type Json } from '@countersign/core';
import type { Client, LogEntryDetail, Preview } from '@countersign/sdk';
import { connectAgent } from '../../gateway/src/cli/setup/tools.ts';
import { until } from '../../gateway/testing/until.ts';
import { openPlace, type Place, previewed } from './place.ts';

const TOKEN = `ghp_${'0123456789abcdefghijABCDEFGHIJ012345'}`;
const shownIn = (preview: Preview | undefined): Extract<Preview, { state: 'shown' }> => {
  if (preview?.state !== 'shown') throw new Error(`nothing is shown: ${JSON.stringify(preview)}`);
  return preview;
};
const noneIn = (preview: Preview | undefined): Extract<Preview, { state: 'none' }> => {
  if (preview?.state !== 'none') throw new Error(`it is not none: ${JSON.stringify(preview)}`);
  return preview;
};

/** What the store keeps on disk, as text: for what must not be there. */
async function onDisk({ dir }: Place): Promise<string> {
  const folder = path.join(dir, 'data');
  const names = (await readdir(folder)).filter((name) => name.startsWith('store.db'));
  return (await Promise.all(names.map((name) => readFile(path.join(folder, name), 'latin1')))).join('');
}

async function entriesOf(client: Client, request_id: string): Promise<readonly LogEntryDetail[]> {
  const { items } = await client.log.lookUp({ request: request_id, limit: 100 });
  return Promise.all(items.map(({ event_id }) => client.log.entry(event_id)));
}

type Said = { readonly [key: string]: Json };
const predicateIn = ({ statement }: LogEntryDetail): Said => {
  const { predicate } = statement;
  assert.ok(predicate !== undefined && isJsonObject(predicate));
  return predicate;
};

describe('a preview', () => {
  let place: Place;
  let bob: Client;
  before(async () => {
    place = await openPlace();
    bob = await place.signIn('bob');
  });
  after(() => place.close());
  const callsOf = async (name: string, page?: string): Promise<number> =>
    (await place.calls()).filter(
      ({ call, args }) => call === name && (page === undefined || (args as { page?: string }).page === page),
    ).length;

  test('is read by the gateway when the request is opened, and drawn as a difference', async () => {
    await place.set({ answers: { read_page: 'one\ntwo\nthree\n' } });
    const id = await place.hold('write_page', { page: 'plans', content: 'one\n2\nthree\n' });
    const preview = shownIn((await previewed(bob, id)).preview);
    assert.equal(preview.tool, 'read_page');
    assert.equal(preview.by, undefined);
    assert.ok(preview.show === 'diff');
    assert.deepEqual(
      [preview.before, preview.after, preview.added, preview.removed],
      ['one\ntwo\nthree\n', 'one\n2\nthree\n', 1, 1],
    );
    assert.equal(await callsOf('read_page', 'plans'), 1);
    assert.equal(await callsOf('write_page'), 0);
  });

  test('is on the record before its first byte, names the call, and commits to what was shown', async () => {
    await place.set({ answers: { read_page: 'what is there' } });
    const id = await place.hold('write_page', { page: 'recorded', content: 'what would be' });
    const { preview, timeline } = await previewed(bob, id);
    assert.deepEqual(
      timeline.slice(2).map(({ summary }) => summary),
      ['a look at what it would change was begun', 'what it would change was looked at'],
    );
    const told = (await entriesOf(place.operator, id))
      .map(predicateIn)
      .filter(({ change }) => change === 'preview');
    const [started, result] = told.sort((a) => (a['phase'] === 'started' ? -1 : 1));
    assert.equal(told.length, 2);
    assert.deepEqual(started?.['what'], {
      action: 'tools/call',
      env: 'dev',
      resource: 'read_page',
      upstream: 'pages',
    });
    assert.equal(result?.['preview_id'], shownIn(preview).id);
    assert.match(JSON.stringify(result?.['shown']), /"\$sealed":\{"alg":"sha-256","digest":"/);
    assert.deepEqual(result?.['answers'], [started?.['event_id']]);
    assert.doesNotMatch(JSON.stringify(told), /what is there|what would be|recorded/);
  });

  test('is made once however often the agent asks, and again when a reviewer asks', async () => {
    await place.set({ answers: { read_page: 'first' } });
    const held = { page: 'again', content: 'x' };
    const id = await place.hold('write_page', held);
    const first = shownIn((await previewed(bob, id)).preview);
    assert.equal(await place.hold('write_page', held), id);
    assert.equal(await callsOf('read_page', 'again'), 1);
    await place.set({ answers: { read_page: 'second' } });
    const eve = await place.signIn('eve');
    await assert.rejects(eve.requests.preview(id), /Only people who may review/);
    await assert.rejects(place.operator.requests.preview(id), /Only people who may review/);
    await untilAllowed(() => bob.requests.preview(id));
    const second = shownIn(
      (await previewed(bob, id, (preview) => preview?.state === 'shown' && preview.id !== first.id)).preview,
    );
    assert.ok(second.show === 'diff');
    assert.deepEqual([second.before, second.by], ['second', 'bob']);
    assert.equal(await callsOf('read_page', 'again'), 2);
    await assert.rejects(bob.requests.preview(id), /a moment ago/);
  });

  test('an approval names the preview it was given on; one that is not the newest is refused', async () => {
    await place.set({ answers: { read_page: 'then' } });
    const id = await place.hold('write_page', { page: 'bound', content: 'x' });
    const seen = await previewed(bob, id);
    const stale = shownIn(seen.preview).id;
    await untilAllowed(() => bob.requests.preview(id));
    const now = await previewed(bob, id, (preview) => preview?.state === 'shown' && preview.id !== stale);
    const answer = {
      decision: 'approved',
      action_digest: now.action_digest,
      rendered_digest: now.rendered_digest,
    } as const;
    await assert.rejects(
      bob.requests.review(id, { ...answer, preview: stale }),
      /looked at anew after you saw it/,
    );
    const newest = shownIn(now.preview).id;
    await bob.requests.review(id, { ...answer, preview: newest });
    const reviews = (await entriesOf(place.operator, id))
      .filter(({ kind }) => kind === 'review')
      .map(predicateIn);
    const counted = reviews.filter((review) => review['counted'] === true);
    assert.deepEqual(
      counted.map((review) => review['preview']),
      [newest],
    );
  });

  test('delays nothing: the call is held, and may be answered, while it is read', async () => {
    await place.set({ waits: true });
    const id = await place.hold('write_page', { page: 'slow', content: 'x' });
    const detail = await bob.requests.show(id);
    assert.equal(detail.preview?.state, 'making');
    await bob.requests.review(id, { decision: 'denied', reason: 'not waiting for it' });
    assert.equal((await bob.requests.show(id)).status, 'denied');
    await place.set({});
    // The read was begun, and its end is on the record whatever became of the request.
    await until('it was made', async () => (await bob.requests.show(id)).preview?.state !== 'making');
  });

  test('what the upstream answers instead of a text is said, blanked', async () => {
    await place.set({ fail: 'read_page' });
    const id = await place.hold('write_page', { page: 'missing', content: 'x' });
    const none = noneIn((await previewed(bob, id)).preview);
    assert.match(none.why, /answered the read with an error/);
    assert.match(none.said ?? '', /^no such page; token █+$/);
    await place.set({ image: 'count_rows' });
    const other = await place.hold('delete_rows', { table: 'pictures' });
    assert.match(noneIn((await previewed(bob, other)).preview).why, /not text/);
  });

  test('where the reader says that there is nothing yet, all of it is new', async () => {
    await place.set({ fail: 'read_page', fails_with: 'Error: there is nothing here' });
    const id = await place.hold('write_page', { page: 'new', content: 'a\nb\n' });
    const preview = shownIn((await previewed(bob, id)).preview);
    assert.ok(preview.show === 'diff');
    assert.deepEqual([preview.before, preview.after, preview.removed], ['', 'a\nb\n', 0]);
  });

  test('A4: words of the call, said back in another error, are no word of the reader that there is nothing', async () => {
    const words = 'there is nothing here';
    for (const page of [words, `${words}.md`, words.toUpperCase()]) {
      await place.set({
        fail: 'read_page',
        fails_with: `Error: not allowed: ${page.replace(/^.{21}/, words)}`,
      });
      const id = await place.hold('write_page', { page, content: 'a\nb\n' });
      assert.match(noneIn((await previewed(bob, id)).preview).why, /answered the read with an error/);
    }
  });

  test('secrets are blanked in it, before it is kept, and a change among them is told', async () => {
    await place.set({ answers: { read_page: `key = ${TOKEN}\nname = x\n` } });
    const content = `key = ${TOKEN.replace('0123', '9876')}\nname = x\n`;
    const id = await place.hold('write_page', { page: 'keys', content });
    const preview = shownIn((await previewed(bob, id)).preview);
    assert.ok(preview.show === 'diff');
    assert.match(preview.before, /^key = █+\nname = x\n$/);
    assert.equal(preview.before, preview.after);
    assert.deepEqual([preview.hidden, preview.hidden_differs], [2, true]);
    assert.ok(!(await onDisk(place)).includes(TOKEN), 'what was read is not kept in clear');
  });

  test('a rule that denies the read to the agent denies it to the preview', async () => {
    await place.set({});
    const id = await place.hold('write_page', { page: 'secret', content: 'x' });
    assert.match(noneIn((await previewed(bob, id)).preview).why, /policy denies this read/);
    assert.equal(await callsOf('read_page', 'secret'), 0);
  });

  test('a read that is none of what may be read is never made', async () => {
    const id = await place.hold('delete_rows', { table: 'a'.repeat(40) });
    await previewed(bob, id);
    const odd = await place.hold('write_page', { page: 7, content: 'x' } as never).catch(() => undefined);
    if (odd !== undefined) assert.match(noneIn((await previewed(bob, odd)).preview).why, /do not fit/);
  });

  test('nothing the upstream asks meanwhile is answered', async () => {
    await place.set({ ask: true, answers: { count_rows: '3' } });
    const id = await place.hold('delete_rows', { table: 'asking' });
    assert.equal(shownIn((await previewed(bob, id)).preview).tool, 'count_rows');
    await place.set({});
    const told = (await place.journal()).filter(({ answered }) => answered === 'q1');
    assert.deepEqual(told, [{ answered: 'q1', error: -32601 }]);
  });

  test('its answer never reaches the agent, nor the answer of the run', async () => {
    await place.set({ answers: { read_page: 'only for reviewers', write_page: 'written' } });
    const args = { page: 'mine', content: 'x' };
    const id = await place.hold('write_page', args);
    const detail = await previewed(bob, id);
    const carol = await place.signIn('carol');
    for (const person of [bob, carol])
      await person.requests.review(id, {
        decision: 'approved',
        action_digest: detail.action_digest,
        rendered_digest: detail.rendered_digest,
      });
    const agent = await connectAgent(place.house().gateway.url, 'pages', place.key);
    const answer = await agent.callTool({ name: 'write_page', arguments: args });
    await agent.close();
    assert.doesNotMatch(JSON.stringify(answer), /only for reviewers/);
    assert.match(JSON.stringify(answer), /written/);
    // Nothing is read again when it runs.
    assert.equal(await callsOf('read_page', 'mine'), 1);
  });

  test('goes when the request is erased', async () => {
    await place.set({ answers: { read_page: 'a sentence nobody else wrote' } });
    const id = await place.hold('write_page', { page: 'erased', content: 'x' });
    await previewed(bob, id);
    assert.ok((await onDisk(place)).includes('a sentence nobody else wrote'));
    await bob.requests.review(id, { decision: 'denied', reason: 'no' });
    await place.operator.requests.erase(id, 'asked to');
    assert.equal((await bob.requests.show(id)).preview, undefined);
    assert.ok(!(await onDisk(place)).includes('a sentence nobody else wrote'));
  });
});

describe('previews and what is accepted', () => {
  test('a tool accepted as anything but read is not called, nor a dry run its definition does not know', async () => {
    const place = await openPlace({
      reads: ['count_rows'],
      previews: `
        write_page: { call: read_page, with: { page: args.page } }
        delete_rows: { call: delete_rows, with: { table: args.table, dryRun: true }, dry_run: dryRun }`,
    });
    try {
      const bob = await place.signIn('bob');
      const id = await place.hold('write_page', { page: 'p', content: 'x' });
      assert.match(
        noneIn((await previewed(bob, id)).preview).why,
        /accepted as destructive, and a preview only reads/,
      );
      const other = await place.hold('delete_rows', { table: 't' });
      assert.match(
        noneIn((await previewed(bob, other)).preview).why,
        /has no argument dryRun, so it would act/,
      );
      await assert.rejects(bob.requests.preview(other), /There can be no preview/);
      assert.deepEqual(await place.calls(), []);
    } finally {
      await place.close();
    }
  });

  test('a tool that is no longer what was accepted is not called; the dry run of one that is, is', async () => {
    const place = await openPlace();
    try {
      const bob = await place.signIn('bob');
      const args = { page: 'p', find: 'a', put: 'b' };
      const id = await place.hold('edit_page', args);
      const preview = shownIn((await previewed(bob, id)).preview);
      assert.equal(preview.dry_run, true);
      assert.deepEqual(await place.calls(), [{ call: 'edit_page', args: { ...args, dryRun: true } }]);
      await place.set({ drifted: true });
      await untilAllowed(() => bob.requests.preview(id));
      const then = await previewed(bob, id, (now) => now?.state === 'none');
      assert.match(noneIn(then.preview).why, /no longer what was accepted/);
      assert.equal((await place.calls()).length, 1);
    } finally {
      await place.close();
    }
  });

  test('one that takes too long is none, and the gateway goes on', async () => {
    const place = await openPlace({ timeout_ms: 1_500 });
    try {
      const bob = await place.signIn('bob');
      await place.set({ waits: true });
      const id = await place.hold('write_page', { page: 'p', content: 'x' });
      assert.match(noneIn((await previewed(bob, id)).preview).why, /took longer/);
      assert.equal((await bob.requests.show(id)).status, 'pending');
    } finally {
      await place.close();
    }
  });

  test('previews are no part of what runs: changed, the same call is the same request', async () => {
    const place = await openPlace({ previews: '' });
    try {
      const args = { page: 'p', content: 'x' };
      const id = await place.hold('write_page', args);
      const bob = await place.signIn('bob');
      assert.equal((await bob.requests.show(id)).preview, undefined);
      await place.restart((write) =>
        write(`
        write_page: { call: read_page, with: { page: args.page } }`),
      );
      assert.equal(await place.hold('write_page', args), id);
      // What waited when the gateway started is looked at, too.
      const again = await place.signIn('bob');
      assert.equal(shownIn((await previewed(again, id)).preview).show, 'text');
    } finally {
      await place.close();
    }
  });

  test('what no tool could make right stops a start; what does not fit the accepted tools is logged with its line', async () => {
    const place = await openPlace();
    try {
      await assert.rejects(
        place.restart((write) =>
          write(`
        write_page: { call: read_page, with: { page: args.page + } }`),
        ),
        /countersign\.yaml:\d+: upstreams\.pages\.mcp\.previews\.write_page\.with\.page: the expression is cut off/,
      );
    } finally {
      await place.close().catch(() => undefined);
    }
    const other = await openPlace();
    try {
      await other.restart((write) =>
        write(`
        write_page: { call: read_pages, with: { page: args.page } }
        delete_rows: { call: count_rows, with: { table: args.tabel } }`),
      );
      const said = other.log.filter((line) => line.includes('no preview will be made'));
      assert.equal(said.length, 2);
      assert.match(
        said[0] ?? '',
        /write_page\.call: there is no accepted tool “read_pages”; did you mean “read_page”/,
      );
      assert.match(
        said[1] ?? '',
        /delete_rows\.with\.table: the tool has no argument|delete_rows\.with\.table: args has no field "tabel"; did you mean “table”/,
      );
    } finally {
      await other.close();
    }
  });
});

/** Between two looks some time must pass. */
async function untilAllowed(ask: () => Promise<unknown>): Promise<void> {
  await until('it may be asked again', () =>
    ask().then(
      () => true,
      (error: unknown) => {
        if (/a moment ago|made already/.test(String(error))) return false;
        throw error;
      },
    ),
  );
}
