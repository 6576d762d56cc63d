import assert from 'node:assert/strict';
import { it } from 'node:test';
import { diff } from './diff.ts';

const tool = {
  name: 'read',
  description: 'Reads',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
};

it('the difference names each place, old and new', () => {
  const now = {
    name: 'read',
    title: 'Read',
    inputSchema: { type: 'object', properties: { path: { type: 'number' }, 'a/b': {} } },
  };
  assert.deepEqual(diff(tool, now), [
    { path: '/description', kind: 'removed', before: 'Reads' },
    { path: '/inputSchema/properties/a~1b', kind: 'added', now: {} },
    { path: '/inputSchema/properties/path/type', kind: 'changed', before: 'string', now: 'number' },
    { path: '/title', kind: 'added', now: 'Read' },
  ]);
  assert.deepEqual(diff(tool, tool), []);
  assert.deepEqual(diff(undefined, { name: 'x' }), [{ path: '/name', kind: 'added', now: 'x' }]);
});
