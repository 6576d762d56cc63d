import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { reasonArgument, takeReason, withReason } from './reason.ts';

const tool = (properties: JsonObject): JsonObject => ({
  name: 't',
  inputSchema: { type: 'object', properties, additionalProperties: false },
});

it('adds an optional argument under a name the tool does not have', () => {
  assert.equal(reasonArgument(tool({})), 'reason');
  assert.equal(reasonArgument(tool({ reason: {} })), 'countersign_reason');
  assert.equal(reasonArgument(tool({ reason: {}, countersign_reason: {} })), undefined);
  assert.equal(reasonArgument({ name: 't', inputSchema: { oneOf: [] } }), undefined);
  const listed = withReason(tool({ path: { type: 'string' } }));
  assert.deepEqual(Object.keys((listed['inputSchema'] as JsonObject)['properties'] as JsonObject), [
    'path',
    'reason',
  ]);
  assert.equal((listed['inputSchema'] as JsonObject)['required'], undefined);
});

it('takes it off again, as a claim; the tool’s own argument stays', () => {
  assert.deepEqual(
    takeReason({ name: 't', arguments: { path: '/x', reason: 'to tidy up' } }, tool({ path: {} })),
    {
      params: { name: 't', arguments: { path: '/x' } },
      claim: { reason: 'to tidy up' },
    },
  );
  const own = { name: 't', arguments: { reason: 'mine' } };
  assert.deepEqual(takeReason(own, tool({ reason: {} })), { params: own });
  assert.deepEqual(takeReason({ name: 't', arguments: { reason: '  ' } }, tool({})), {
    params: { name: 't', arguments: {} },
  });
  assert.equal(
    takeReason({ name: 't', arguments: { reason: 'x'.repeat(9_000) } }, tool({})).claim?.reason.length,
    2_000,
  );
});
