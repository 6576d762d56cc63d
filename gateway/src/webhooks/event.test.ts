/** Which entries are told, as what. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { typeOf } from './event.ts';

it('tells of a ticket system that is over its limit, or hands over what is no proof; never of its comments, which would loop', () => {
  const of = (change: string) => typeOf({ kind: 'system', predicate: { change, ticketing: 'jira' } });
  assert.equal(of('ticketing over its limit'), 'countersign.authority.changed');
  assert.equal(of('relayed answer refused'), 'countersign.authority.changed');
  assert.equal(of('ticket comment'), undefined);
});
