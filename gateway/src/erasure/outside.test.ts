/** Channels hold clear text too: where people were shown a request. What can be changed there is drawn anew without it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import type { ChannelsConfig } from '../channels/config.ts';

/** Typed by what can be configured, so that a new one must say. */
const OUTSIDE: { readonly [K in keyof ChannelsConfig]-?: 'changed' | 'stays' | 'no place' | 'names' } = {
  slack: 'changed',
  teams: 'changed',
  mail: 'stays', // nobody can take a mail back; docs/mail.md says so
  webhooks: 'stays', // what was posted; what waits is made when it is sent, of what is left
  callbacks: 'names',
  answers_up_to: 'no place',
  routes: 'no place',
  attention: 'no place',
};

it('a channel whose messages can be changed runs the contract for that', () => {
  const tests = path.resolve(import.meta.dirname, '../../../test');
  for (const [kind, then] of Object.entries(OUTSIDE))
    if (then === 'changed')
      assert.match(readFileSync(path.join(tests, kind, 'erased.test.ts'), 'utf8'), /^erasureContract\(/m);
});
