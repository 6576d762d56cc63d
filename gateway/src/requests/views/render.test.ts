import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKnownSecrets } from '../../masking/known/known.ts';
import { createMasking } from '../../masking/masking.ts';
import { renderAction } from './render.ts';

const masking = createMasking(createKnownSecrets());
const token = ['gh', 'p_', 'a1B2'.repeat(9)].join('');

function render(context: { readonly [key: string]: string | { readonly [key: string]: string } }) {
  const action = { context };
  return renderAction(action, masking.redactions(action), false);
}

test('a secret is nowhere in a view: not in values, keys, pointers or reasons (A23)', () => {
  const shown = render({ [token]: { password: 'hunter2', cmd: `echo ${token}` } });
  assert.doesNotMatch(JSON.stringify(shown), new RegExp(`${token}|hunter2`));
  assert.match(JSON.stringify(shown), /github-token/);
});

test('a secret in a key or inside a text blocks approval, a whole value does not (I6)', () => {
  assert.equal(render({ [token]: 'x' }).approvable.ok, false);
  assert.equal(render({ sql: `SELECT '${token}'` }).approvable.ok, false);
  assert.equal(render({ token }).approvable.ok, true);
  assert.equal(render({ cmd: 'ls' }).approvable.ok, true);
});
