/** An agent that enforces answers itself (AuthZEN): what a broken glass lets through is told once, and recorded as unknown. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openGlassHouse } from '../../testing/glass.ts';
import { CONFIG, createRig, evaluationOf, policyOf, SEAT } from '../../testing/rig.ts';
import { configSchema } from '../config/config.ts';
import { createAdmit } from '../enforce/admit.ts';
import { hashCredential } from '../identity/credential.ts';

const KEY = `cs_agent_${'k'.repeat(43)}`;
const GLASS = { by: ['group:dba'], notify: [], review: ['anyone'] } as const;
const TWO = [{ by: 'anyone', count: 2, proof: 'session' }] as const;

it('one yes to an agent that runs it by itself, and a review of it all the same', async () => {
  const coder = { ...CONFIG.agents['coder'], keys: [hashCredential(KEY)] };
  const config = configSchema.parse({ ...CONFIG, agents: { ...CONFIG.agents, coder } });
  const requirement = { ...SEAT, seats: TWO, uses: 5, break_glass: GLASS };
  const rig = await createRig(policyOf({ wipe: { then: 'require', requirement } }, '2b'.repeat(32)), {
    config,
  });
  const house = openGlassHouse(rig);
  const { authenticator } = await house.give('bob');
  const agent = createAdmit(rig.deps, 'default')(KEY);
  assert.ok(agent.admitted);
  const { session } = agent;
  const evaluation = evaluationOf(session.principal, 'wipe', { n: 1 });
  const opening = await session.open(evaluation);
  assert.ok('request' in opening);
  const request_id = opening.request.id;
  const outcome = await house.smash({ request_id, reviewer: 'bob', authenticator });
  assert.ok(outcome.kind === 'broken');
  const approval = await session.approvalOf(request_id);
  assert.equal(approval?.uses, 1, 'not the five the rule gives');
  assert.equal((await session.ask(evaluation, approval?.approval_id)).kind, 'permitted');
  assert.notEqual((await session.ask(evaluation, approval?.approval_id)).kind, 'permitted');
  const glass = await house.glass.show(outcome.glass_id, 'carol');
  assert.deepEqual(
    glass?.executions.map(({ status, broken_glass }) => [status, broken_glass]),
    [['unknown', outcome.glass_id]],
  );
  const closing = { by: 'carol', verdict: 'justified', note: 'it was' } as const;
  assert.equal((await house.glass.close(outcome.glass_id, closing)).kind, 'done');
  await rig.close();
});
