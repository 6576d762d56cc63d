/** The world the model plays in: three tools, two agents, six people, three policies, three households. */
import type { Evaluation } from '@countersign/core';
import { type Config, configSchema } from '../../../gateway/src/config/config.ts';
import { CONFIG, evaluationOf, policyOf, SEAT } from '../../../gateway/testing/rig.ts';

const two = { ...SEAT, seats: [{ by: 'anyone' as const, count: 2, proof: 'session' as const }], uses: 2 };

export const TOOLS = ['free', 'one', 'two'] as const;
export const AGENTS = ['coder', 'other'] as const;
export const PEOPLE = ['alice', 'bob', 'carol', 'dan', 'eve', 'mallory'] as const;
export const OWNERS: { readonly [agent: string]: string } = { coder: 'alice', other: 'dan' };

export const POLICIES = [
  policyOf(
    { free: { then: 'allow' }, one: { then: 'require' }, two: { then: 'require', requirement: two } },
    '1',
  ),
  policyOf(
    { free: { then: 'require' }, one: { then: 'require', requirement: two }, two: { then: 'deny' } },
    '2',
  ),
  policyOf({}, '3'),
] as const;

const house = (people: object): Config =>
  configSchema.parse({ ...CONFIG, people: { ...CONFIG.people, ...people } });
export const HOUSES = [
  CONFIG,
  house({ bob: { name: 'Bob', roles: ['auditor'] } }),
  house({
    carol: { name: 'Carol', roles: ['reviewer'], active: false },
    mallory: { name: 'M', roles: ['reviewer'] },
  }),
] as const;

export function toolEvaluation(tool: string): Evaluation {
  const subject = { type: 'agent', id: 'coder' } as const;
  return evaluationOf({ tenant: 'default', agent: 'coder', owner: 'alice', team: null, subject }, tool, {});
}
