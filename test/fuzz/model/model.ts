/** Random lives of many requests at once, on the real enforcement and store; what must hold is asked after each round. */
import fc from 'fast-check';
import { createRig } from '../../../gateway/testing/rig.ts';
import type { Target } from '../target.ts';
import { holds } from './invariants.ts';
import { type Play, play, rounds } from './moves.ts';
import { POLICIES } from './rig.ts';

export const modelTarget: Target = {
  name: 'lifecycles',
  batch: 5,
  property: () =>
    fc.asyncProperty(rounds, async (life) => {
      const rig = await createRig(POLICIES[0]);
      try {
        const on: Play = { rig, permits: [], requests: [], ran: [], calls: [] };
        const memory = new Map<string, string>();
        for (const round of life) {
          await play(on, round);
          await holds(on, memory);
        }
      } finally {
        await rig.close();
      }
    }),
};
