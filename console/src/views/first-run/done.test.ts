// Steps tick from what the gateway says. Above all: an owner alone is no reviewer of their agent (I4).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Agent, Call, Reviewer, Tool, Upstream } from '@countersign/sdk';
import { doneSteps, type Found, type Step } from './done.ts';

const NOTHING: Found = {
  people: [],
  operators: { needed: 1, why: '', operators: [] },
  agents: [],
  upstreams: [],
  tools: [],
  calls: [],
  held: [],
};
const person = (id: string, active = true): Reviewer => ({
  id,
  name: id,
  active,
  roles: ['reviewer'],
  groups: [],
  source: 'configuration',
});
const agent = (owner: string | null, state?: 'live' | 'expired'): Agent => ({
  id: 'coder',
  owner,
  team: null,
  active: true,
  keys: 0,
  credentials: state === undefined ? [] : [{ kind: 'key', id: '0'.repeat(12), state, oldest: false }],
  pending_requests: 0,
});
const one = <T>(value: object): readonly T[] => [value as T];

const CASES: readonly (readonly [name: string, found: Partial<Found>, want: readonly Step[]])[] = [
  ['nothing', {}, []],
  ['an operator', { operators: { needed: 1, why: '', operators: ['alice'] } }, ['operator']],
  ['one reviewer', { people: [person('alice')] }, []],
  ['two reviewers', { people: [person('alice'), person('bob')] }, ['reviewer']],
  ['the agent’s owner alone', { people: [person('alice')], agents: [agent('alice')] }, []],
  ['an inactive other', { people: [person('alice'), person('bob', false)], agents: [agent('alice')] }, []],
  ['another than the owner', { people: [person('bob')], agents: [agent('alice')] }, ['reviewer']],
  ['an agent whose key expired', { agents: [agent(null, 'expired')] }, []],
  ['an agent with a key', { agents: [agent(null, 'live')] }, ['agent']],
  ['an upstream', { upstreams: one<Upstream>({ name: 'files' }) }, ['upstream']],
  ['a tool that waits', { tools: one<Tool>({ status: 'quarantined' }) }, []],
  ['an accepted tool', { tools: one<Tool>({ status: 'accepted' }) }, ['tools']],
  ['a call', { calls: one<Call>({}) }, ['connect']],
  ['a held call', { calls: one<Call>({}), held: one<Call>({}) }, ['connect', 'held']],
];

describe('setting up, as far as it has come', () => {
  for (const [name, found, want] of CASES)
    it(name, () => assert.deepEqual([...doneSteps({ ...NOTHING, ...found })], want));
});
