/** Which entries are told, as what. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { typeOf } from './event.ts';

it('tells of a ticket system that is over its limit; never of its comments, which would loop, nor that it was in vain', () => {
  const of = (change: string) => typeOf({ kind: 'system', predicate: { change, ticketing: 'jira' } });
  assert.equal(of('ticketing over its limit'), 'countersign.authority.changed');
  for (const change of ['ticket comment', 'ticket refusal too late', 'relayed answer refused'])
    assert.equal(of(change), undefined, change);
});
