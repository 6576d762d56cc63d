/** Secrets of channels are opened at the start, named when they cannot be, and known to the masker (I7, A23). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configSchema } from '../config/config.ts';
import { createSecrets, SecretError } from '../config/secrets.ts';
import { openCredentials } from './upstreams.ts';

const CONFIG = configSchema.parse({
  channels: {
    slack: {
      app_id: 'A0123456789',
      bot_token: 'env:BOT',
      app_token: 'env:APP',
      workspaces: ['T0123456789'],
      to: ['C0123456789'],
    },
  },
});
const open = (env: NodeJS.ProcessEnv) => openCredentials(CONFIG, createSecrets(env, '/nowhere'));

describe('secrets of channels', () => {
  it('are known by value, each under the name of its key', () => {
    const { known } = open({ BOT: 'a-bot-token', APP: 'an-app-token' });
    assert.deepEqual(
      [...known].sort((a, b) => (a.value < b.value ? -1 : 1)),
      [
        { value: 'a-bot-token', label: 'channel-slack-bot-token' },
        { value: 'an-app-token', label: 'channel-slack-app-token' },
      ],
    );
  });

  it('that cannot be opened stop the start, and say which', () => {
    assert.throws(
      () => open({ BOT: 'a-bot-token' }),
      (error) =>
        error instanceof SecretError &&
        /channels\.slack\.app_token: environment variable APP/.test(error.message),
    );
  });

  it('are nothing else: a place is no secret', () => {
    assert.equal(open({ BOT: 'x', APP: 'y' }).known.length, 2);
  });
});
