import assert from 'node:assert/strict';
import { it } from 'node:test';
import { slackSchema } from './config.ts';
import { manifestOf } from './manifest.ts';
import { placeOfAccount } from './verify.ts';

const GOOD = {
  app_id: 'A0123456789',
  bot_token: 'env:BOT',
  app_token: 'env:APP',
  workspaces: ['T0123456789'],
  to: ['C0123456789'],
};

it('says which field is wrong and what would be right', () => {
  const table: readonly (readonly [string, object, RegExp | undefined])[] = [
    ['as it is', {}, undefined],
    ['GovSlack', { api: 'https://slack-gov.com/api/' }, undefined],
    [
      'every kind of place',
      { to: ['C0123456789', 'G0123456789+S0123456789', 'U0123456789', 'W0123456789', 'S0123456789'] },
      undefined,
    ],
    ['a secret itself', { bot_token: 'xoxb-1-2' }, /bot_token: must be a reference/],
    ['both ways in', { signing_secret: 'env:S' }, /app_token: give app_token .* or signing_secret/],
    ['no way in', { app_token: undefined }, /app_token: give app_token/],
    ['nobody who may answer', { workspaces: [] }, /workspaces: name at least one workspace/],
    ['an organisation alone', { workspaces: [], enterprise: 'E0123456789' }, undefined],
    ['a channel’s name', { to: ['#approvals'] }, /to\.0: must be a channel C/],
    ['two user groups', { to: ['S0123456789+S0123456789'] }, /to\.0/],
    ['plain http', { api: 'http://slack.com/api/' }, /api: must be an https URL/],
    ['another path', { api: 'https://slack.com/' }, /api/],
    ['a user in the address', { api: 'https://a@slack.com/api/' }, /api/],
    ['a misspelled key', { workspace: 'T0123456789' }, /Unrecognized key|workspace/],
  ];
  for (const [name, over, want] of table) {
    const read = slackSchema.safeParse(JSON.parse(JSON.stringify({ ...GOOD, ...over })));
    const said = (read.error?.issues ?? [])
      .map(({ path, message }) => `${path.join('.')}: ${message}`)
      .join('; ');
    if (want === undefined) assert.equal(said, '', name);
    else assert.match(said, want, name);
  }
});

it('takes the app from a manifest with what is used, and no more', () => {
  const plain = { name: 'Countersign', email: false, groups: false, history: false, org: false };
  assert.deepEqual(manifestOf(plain).oauth_config.scopes.bot, [
    'chat:write',
    'commands',
    'im:write',
    'users:read',
  ]);
  const all = manifestOf({
    ...plain,
    email: true,
    groups: true,
    history: true,
    org: true,
    url: 'https://gate.example.com',
  });
  assert.deepEqual(all.oauth_config.scopes.bot, [
    'chat:write',
    'commands',
    'im:write',
    'users:read',
    'users:read.email',
    'usergroups:read',
    'channels:history',
    'groups:history',
    'im:history',
  ]);
  const { settings, features } = all;
  assert.equal(settings.socket_mode_enabled, false);
  assert.equal(settings.event_subscriptions.request_url, 'https://gate.example.com/channels/slack/events');
  assert.equal(settings.interactivity.request_url, 'https://gate.example.com/channels/slack/interactivity');
  assert.deepEqual(
    features.slash_commands.map((each) => 'url' in each && each.url),
    ['https://gate.example.com/channels/slack/commands'],
  );
  assert.equal(manifestOf(plain).settings.socket_mode_enabled, true);
  // Nobody can write to it, and it hears no messages (A18).
  assert.equal(features.app_home.messages_tab_read_only_enabled, true);
  assert.deepEqual(settings.event_subscriptions.bot_events, ['app_home_opened']);
});

it('knows a person’s direct messages by their account, and nobody else’s', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['slack:t0123456789/u0123456789', 'U0123456789'],
    ['slack:e0123456789/w0123456789', 'W0123456789'],
    ['slack:u0123456789', undefined],
    ['slack:t0123456789/u0123456789/x', undefined],
    ['teams:t0123456789/u0123456789', undefined],
    ['email:bob@example.com', undefined],
  ];
  for (const [account, want] of table) assert.equal(placeOfAccount(account), want, account);
});
