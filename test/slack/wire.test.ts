import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { createSeen } from '../../gateway/src/channels/slack/wire/seen.ts';
import { createVerifier } from '../../gateway/src/channels/slack/wire/signature.ts';
import { until } from '../../gateway/testing/until.ts';
import { sign } from './counterpart/delivery.ts';
import { buttonsOf, click, clickPayload, command, wordsTo } from './counterpart/people.ts';
import { CARD, openStage, PEOPLE, ROOM, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

it('agrees with the example of Slack’s own documentation', () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const now = (): number => 1531420618 * 1000;
  const verify = createVerifier({
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    now,
    seen: createSeen(now, { lasts_ms: 1, most: 1 }),
  });
  const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
  assert.deepEqual(verify({ timestamp: '1531420618', signature, body: Buffer.from(body) }), { ok: true });
});

const post = async (
  at: Stage,
  over: {
    path?: string;
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    secret?: string;
    at_ms?: number;
  },
): Promise<number> => {
  const [message] = at.seen();
  assert.ok(message);
  const [button = {}] = buttonsOf(message.blocks);
  const body =
    over.body ??
    new URLSearchParams({
      payload: JSON.stringify(clickPayload(at.slack, { user: PEOPLE.bob, message, button })),
    }).toString();
  const timestamp = String(Math.floor((over.at_ms ?? Date.now()) / 1000));
  const url = (await lastUrl(at)).replace('/commands', over.path ?? '/interactivity');
  const { status } = await fetch(url, {
    method: over.method ?? 'POST',
    body: over.method === 'GET' ? null : body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': sign(over.secret ?? at.slack.signing_secret, timestamp, body),
      ...over.headers,
    },
  });
  return status;
};

async function lastUrl(at: Stage): Promise<string> {
  await command(at.slack, { user: PEOPLE.carol, text: 'help', channel: ROOM });
  return at.slack.delivery.last()?.url ?? '';
}

it('takes nothing that Slack did not sign just now (A15)', async () => {
  stage = await openStage();
  await stage.channel.post(CARD, ROOM);
  const at = stage;
  const minutes = 60_000;
  const table: readonly (readonly [string, Parameters<typeof post>[1], number])[] = [
    ['another secret', { secret: 'x'.repeat(32) }, 401],
    ['no signature', { headers: { 'x-slack-signature': '' } }, 401],
    ['half a signature', { headers: { 'x-slack-signature': 'v0=abcd' } }, 401],
    ['another version', { headers: { 'x-slack-signature': `v1=${'0'.repeat(64)}` } }, 401],
    [
      'a time that was not signed',
      { headers: { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000) - 1) } },
      401,
    ],
    ['no time', { headers: { 'x-slack-request-timestamp': 'now' } }, 401],
    ['six minutes old', { at_ms: Date.now() - 6 * minutes }, 401],
    ['six minutes ahead', { at_ms: Date.now() + 6 * minutes }, 401],
    ['another path', { path: '/elsewhere' }, 404],
    ['GET (A16)', { method: 'GET' }, 405],
    ['much too long', { body: `payload=${'x'.repeat(600_000)}` }, 413],
    ['no JSON', { body: 'payload=%7B' }, 400],
    ['another kind of body', { headers: { 'content-type': 'text/plain' } }, 415],
  ];
  for (const [name, over, want] of table) {
    // A body nobody wants may be answered by ending the connection.
    const status = await post(at, over).catch((error: unknown) =>
      want === 413 ? 413 : Promise.reject(error),
    );
    assert.equal(status, want, name);
  }
  assert.equal(await post(at, {}), 200);
  await until('the one that was right', () => at.behind.answers.length === 1);
});

it('a signed request that is sent again is refused, and says so to operators', async () => {
  stage = await openStage();
  const at = stage;
  await at.channel.post(CARD, ROOM);
  const [message] = at.seen();
  assert.ok(message);
  await click(at.slack, { user: PEOPLE.bob, message, button: buttonsOf(message.blocks)[0] ?? {} });
  const again = await at.slack.delivery.again();
  assert.equal(again.status, 401);
  assert.ok(at.behind.log.some((line) => line.includes('replayed')));
  await until('told', () => wordsTo(at.slack, PEOPLE.bob) !== '');
  assert.equal(at.behind.answers.length, 1);
});

it('a body that could be read in two ways is read in none, though Slack’s own signature is under it (A6, A7)', async () => {
  stage = await openStage();
  const at = stage;
  await at.channel.post(CARD, ROOM);
  const [message] = at.seen();
  assert.ok(message);
  const [approve = {}] = buttonsOf(message.blocks);
  const clicked = clickPayload(at.slack, { user: PEOPLE.stranger, message, button: approve });
  const text = JSON.stringify(clicked);
  const actions = clicked['actions'] as readonly object[];
  const form = (payload: string): string => new URLSearchParams({ payload }).toString();
  const own = JSON.stringify({ id: PEOPLE.bob.id, team_id: PEOPLE.bob.team_id });
  const twice: readonly (readonly [string, string, number])[] = [
    ['who clicked, twice', form(text.replace('"user":', `"user":${own},"user":`)), 400],
    [
      'who clicked, twice, one of them escaped',
      form(text.replace('"user":', `"\\u0075ser":${own},"user":`)),
      400,
    ],
    ['a user by the prototype', form(text.replace('"user":', `"__proto__":{"user":${own}},"nobody":`)), 200],
    [
      'half of a character',
      form(text.replace('"type":"block_actions"', '"type":"block_actions","x":"\\ud800"')),
      400,
    ],
    ['two payloads in one form', `${form(text)}&${form(text)}`, 400],
    ['a command of two people', 'command=%2Fcountersign&user_id=U0STRANGE&user_id=U0BOB0001&text=link', 400],
    [
      'two presses in one click',
      form(JSON.stringify({ ...clicked, actions: [...actions, ...actions] })),
      200,
    ],
  ];
  for (const [name, body, want] of twice) assert.equal(await post(at, { body }), want, name);
  await until('the one that was right', async () => {
    await post(at, {});
    return at.behind.answers.length > 0;
  });
  assert.deepEqual(
    new Set(at.behind.answers.map(({ account }) => account)),
    new Set(['slack:t0example/u0bob0001']),
  );
});

it('answers Slack’s challenge only when it is signed', async () => {
  stage = await openStage();
  const url = (await lastUrl(stage)).replace('/commands', '/events');
  const body = JSON.stringify({
    type: 'url_verification',
    challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
    token: 'x',
  });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const ask = (secret: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': sign(secret, timestamp, body),
      },
    });
  assert.equal((await ask('another')).status, 401);
  const right = await ask(stage.slack.signing_secret);
  assert.deepEqual(await right.json(), { challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P' });
});

it('remembers for as long as something could come again, and takes nothing new when it cannot', () => {
  let clock = 0;
  const seen = createSeen(() => clock, { lasts_ms: 10, most: 2 });
  assert.deepEqual([seen.first('a'), seen.first('a'), seen.first('b')], [true, false, true]);
  assert.throws(() => seen.first('c'), /too much/);
  clock = 11;
  assert.deepEqual([seen.first('c'), seen.first('a')], [true, true]);
});
