/**
 * After a fault: the gateway is started again on what is left, recovers, and every agent makes its calls again. Then
 * everything is held against what the outside saw.
 */
import { recoverExecutions } from '../../gateway/src/executions/recover.ts';
import { sweep } from '../../gateway/src/requests/ending/expire.ts';
import { watch } from './faulty-store.ts';
import { violations } from './invariants/invariants.ts';
import { CALLS } from './story/story.ts';
import { openWorld } from './world.ts';

export const BEGINNING = 1_800_000_000_000;
/** Nothing that was overdue before is in time again. */
const CLOCK_WENT_BACK_MS = 3_600_000;

/** What is wrong with the world in `dir`; empty when every promise was kept. */
export async function aftermath(dir: string): Promise<readonly string[]> {
  const world = await openWorld({ dir, start: BEGINNING - CLOCK_WENT_BACK_MS, watched: watch() });
  try {
    await recoverExecutions(world.rig.deps);
    await sweep(world.rig.deps);
    for (const [tool, args] of [...CALLS, ...CALLS]) await world.act(tool, args);
    await world.audit.flush();
    return await violations(world);
  } finally {
    await world.close();
  }
}
