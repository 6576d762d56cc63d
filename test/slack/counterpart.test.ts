/** That the counterpart refuses what Slack refuses: a test against it that passes would else mean nothing. */
import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { blockFaults, viewFaults } from './counterpart/block-kit.ts';
import { type Slack, type SlackOptions, startSlack } from './counterpart/counterpart.ts';
import type { Obj } from './counterpart/workspace.ts';
import { PEOPLE, peopled, ROOM } from './stage.ts';

let slack: Slack | undefined;
afterEach(async () => {
  await slack?.close();
  slack = undefined;
});
async function open(options: Partial<SlackOptions> = {}): Promise<Slack> {
  slack = await startSlack({ transport: 'url', unhurried: true, ...options });
  peopled(slack);
  return slack;
}

type Said = { readonly status: number; readonly after: string | null; readonly body: Obj };

type Asked = { readonly token?: string; readonly json?: true };

async function call(
  at: Slack,
  [method, fields]: readonly [method: string, fields: Record<string, string>],
  over: Asked = {},
): Promise<Said> {
  const token = over.token ?? at.bot_token;
  const answer = await fetch(`${at.api}${method}`, {
    method: 'POST',
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(over.json === true ? { 'content-type': 'application/json' } : {}),
    },
    body: over.json === true ? JSON.stringify(fields) : new URLSearchParams(fields),
  });
  return {
    status: answer.status,
    after: answer.headers.get('retry-after'),
    body: (await answer.json()) as Obj,
  };
}
const errorOf = async (...args: Parameters<typeof call>): Promise<unknown> =>
  (await call(...args)).body['error'];

const plain = (text: string): Obj => ({ type: 'plain_text', text });
const button = (over: Obj = {}): Obj => ({ type: 'button', action_id: 'a', text: plain('x'), ...over });
const actions = (...elements: readonly Obj[]): Obj => ({ type: 'actions', elements });
const richly = (...elements: readonly Obj[]): Obj => ({ type: 'rich_text', elements });
const x = (length: number): string => 'x'.repeat(length);

const BLOCKS: readonly (readonly [string, readonly Obj[], RegExp | undefined])[] = [
  ['50 blocks', Array(50).fill({ type: 'divider' }), undefined],
  ['51 blocks', Array(51).fill({ type: 'divider' }), /no more than 50/],
  ['3,000 characters', [{ type: 'section', text: plain(x(3_000)) }], undefined],
  ['3,001 characters', [{ type: 'section', text: plain(x(3_001)) }], /less than 3001/],
  ['no character', [{ type: 'section', text: plain('') }], /more than 0/],
  ['a section of nothing', [{ type: 'section' }], /either `text` or `fields`/],
  ['11 fields', [{ type: 'section', fields: Array(11).fill(plain('x')) }], /no more than 10/],
  ['a field of 2,001', [{ type: 'section', fields: [plain(x(2_001))] }], /less than 2001/],
  ['a header of 151', [{ type: 'header', text: plain(x(151)) }], /less than 151/],
  ['a header in mrkdwn', [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }], /plain_text/],
  ['mrkdwn with emoji', [{ type: 'section', text: { type: 'mrkdwn', text: 'x', emoji: false } }], /emoji/],
  [
    '26 buttons',
    [actions(...Array.from({ length: 26 }, (_, at) => button({ action_id: `a${at}` })))],
    /no more than 25/,
  ],
  ['a button of 76', [actions(button({ text: plain(x(76)) }))], /less than 76/],
  ['a value of 2,001', [actions(button({ value: x(2_001) }))], /less than 2001/],
  ['an action_id of 256', [actions(button({ action_id: x(256) }))], /less than 256/],
  ['an action_id twice', [actions(button(), button())], /already exists/],
  [
    'a block_id twice',
    [
      { type: 'divider', block_id: 'b' },
      { type: 'divider', block_id: 'b' },
    ],
    /already exists/,
  ],
  ['a style there is not', [actions(button({ style: 'warning' }))], /primary, danger/],
  [
    'a confirmation of 301',
    [
      actions(
        button({
          confirm: { title: plain('x'), text: plain(x(301)), confirm: plain('x'), deny: plain('x') },
        }),
      ),
    ],
    /less than 301/,
  ],
  [
    'a confirmation without a way back',
    [actions(button({ confirm: { title: plain('x'), text: plain('x'), confirm: plain('x') } }))],
    /deny/,
  ],
  ['no URL', [actions(button({ url: 'not a url' }))], /valid URL/],
  ['a property there is not', [{ type: 'divider', colour: 'red' }], /unsupported property/],
  ['a block there is not', [{ type: 'marquee' }], /unsupported type/],
  ['rich text of nothing', [richly({ type: 'rich_text_section', elements: [] })], /no fewer than 1/],
  [
    'an empty text in it',
    [richly({ type: 'rich_text_section', elements: [{ type: 'text', text: '' }] })],
    /more than 0/,
  ],
  [
    'a mention in a fixed-width face',
    [richly({ type: 'rich_text_preformatted', elements: [{ type: 'broadcast', range: 'channel' }] })],
    /unsupported type/,
  ],
  [
    'a list of no sections',
    [richly({ type: 'rich_text_list', style: 'bullet', elements: [{ type: 'text', text: 'x' }] })],
    /rich_text_section/,
  ],
  ['11 in a context', [{ type: 'context', elements: Array(11).fill(plain('x')) }], /no more than 10/],
];
for (const [name, blocks, want] of BLOCKS)
  it(`Block Kit: ${name}${want === undefined ? '' : ' is refused'}`, () => {
    const faults = blockFaults(blocks, 'message').join('; ');
    if (want === undefined) assert.equal(faults, '');
    else assert.match(faults, want);
  });

it('views: titles, metadata, size, and what a dialog needs', () => {
  const view = { type: 'modal', title: plain('x'), submit: plain('x'), blocks: [{ type: 'divider' }] };
  const input = { type: 'input', label: plain('x'), element: { type: 'plain_text_input' } };
  const table: readonly (readonly [string, Obj, RegExp | undefined])[] = [
    ['as it is', view, undefined],
    ['100 blocks', { ...view, blocks: Array(100).fill({ type: 'divider' }) }, undefined],
    ['101 blocks', { ...view, blocks: Array(101).fill({ type: 'divider' }) }, /no more than 100/],
    ['a title of 25', { ...view, title: plain(x(25)) }, /less than 25/],
    ['a button of 25', { ...view, submit: plain(x(25)) }, /less than 25/],
    ['metadata of 3,001', { ...view, private_metadata: x(3_001) }, /less than 3001/],
    ['an input and no way to send it', { type: 'modal', title: plain('x'), blocks: [input] }, /submit/],
    ['no title', { type: 'modal', blocks: [] }, /title/],
    [
      'a home with a title',
      { type: 'home', title: plain('x'), blocks: [], close: plain('x') },
      /unsupported property/,
    ],
  ];
  for (const [name, each, want] of table) {
    const faults = viewFaults(each).join('; ');
    if (want === undefined) assert.equal(faults, '', name);
    else assert.match(faults, want, name);
  }
});

it('the Web API: tokens, scopes, places, sizes, metadata', async () => {
  const at = await open({ scopes: ['chat:write'] });
  at.workspace.channels.set('C0PRIVATE', { id: 'C0PRIVATE', members: new Set(), archived: false });
  const text = { channel: ROOM, text: 'x' };
  const long = JSON.stringify({ event_type: 'e', event_payload: { a: x(8_200) } });
  const table: readonly (readonly [string, Record<string, string>, unknown, Asked?])[] = [
    ['chat.postMessage', text, undefined],
    ['chat.postMessage', text, 'not_authed', { token: '' }],
    ['chat.postMessage', text, 'invalid_auth', { token: 'xoxb-wrong' }],
    ['chat.postMessage', text, 'not_allowed_token_type', { token: at.app_token }],
    ['apps.connections.open', {}, 'not_allowed_token_type'],
    ['users.info', { user: PEOPLE.bob.id }, 'missing_scope'],
    ['chat.postMessage', { channel: 'C0PRIVATE', text: 'x' }, 'not_in_channel'],
    ['chat.postMessage', { channel: 'C0NOWHERE', text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel: ROOM }, 'no_text'],
    ['chat.postMessage', { channel: ROOM, text: x(40_001) }, 'msg_too_long'],
    ['chat.postMessage', { ...text, blocks: '{' }, 'invalid_blocks_format'],
    ['chat.postMessage', { ...text, blocks: '[{"type":"marquee"}]' }, 'invalid_blocks'],
    ['chat.postMessage', { ...text, metadata: '{"event_type":"e"}' }, 'invalid_metadata_format'],
    ['chat.postMessage', { ...text, metadata: long }, 'metadata_too_large'],
    ['chat.postMessage', { ...text, thread_ts: '1.000001' }, 'thread_not_found'],
    ['chat.postMessage', text, 'channel_not_found', { json: true }],
    ['chat.update', { ...text, ts: '1.000001' }, 'message_not_found'],
    ['chat.postEphemeral', { ...text, user: 'U0OUTSIDE' }, 'user_not_in_channel'],
    ['chat.shout', {}, 'unknown_method'],
  ];
  for (const [method, fields, want, over] of table)
    assert.equal(await errorOf(at, [method, fields], over), want, `${method} ${JSON.stringify(want)}`);
});

it('a trigger opens one dialog, within three seconds', async () => {
  let clock = 1_700_000_000_000;
  const at = await open({ now: () => clock });
  const view = JSON.stringify({ type: 'modal', title: plain('x'), blocks: [{ type: 'divider' }] });
  const trigger_id = at.triggerFor(PEOPLE.bob.id);
  assert.equal(await errorOf(at, ['views.open', { trigger_id, view }]), undefined);
  assert.equal(await errorOf(at, ['views.open', { trigger_id, view }]), 'trigger_exchanged');
  const late = at.triggerFor(PEOPLE.bob.id);
  clock += 3_001;
  assert.equal(await errorOf(at, ['views.open', { trigger_id: late, view }]), 'trigger_expired');
  assert.equal(await errorOf(at, ['views.open', { trigger_id: 'x', view }]), 'invalid_trigger_id');
});

it('a response URL is answered five times, for half an hour', async () => {
  let clock = 1_700_000_000_000;
  const at = await open({ now: () => clock });
  const answer = async (
    url: string,
    body: Obj = { response_type: 'ephemeral', text: 'x' },
  ): Promise<number> => (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status;
  const url = at.responseUrl(PEOPLE.bob.id, ROOM);
  for (const _ of [1, 2, 3, 4, 5]) assert.equal(await answer(url), 200);
  assert.equal(await answer(url), 404);
  const other = at.responseUrl(PEOPLE.bob.id, ROOM);
  assert.equal(await answer(other, { text: 'x', blocks: [{ type: 'marquee' }] }), 400);
  clock += 1_800_001;
  assert.equal(await answer(other), 404);
});

it('rates: one message a second in a channel, tiers by method, with how long to wait', async () => {
  let clock = 1_700_000_000_000;
  const at = await open({ now: () => clock, unhurried: false });
  const post = (): Promise<Said> => call(at, ['chat.postMessage', { channel: ROOM, text: 'x' }]);
  const burst = [];
  for (const _ of [1, 2, 3, 4]) burst.push((await post()).status);
  assert.deepEqual(burst, [200, 200, 200, 429]);
  clock += 1_000;
  assert.deepEqual([(await post()).status, (await post()).status], [200, 429]);
  const looks = [];
  for (let n = 0; n < 51; n += 1) looks.push(await call(at, ['conversations.history', { channel: ROOM }]));
  assert.deepEqual(looks.map(({ status }) => status).filter((status) => status === 429).length, 1);
  assert.deepEqual([looks.at(-1)?.after, looks.at(-1)?.body['error']], ['60', 'ratelimited']);
  clock += 60_000;
  assert.equal((await call(at, ['conversations.history', { channel: ROOM }])).status, 200);
});
