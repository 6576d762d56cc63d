/** People look: the history follows the log, and somebody saves what they look for, and lets go of it. */
import { openHistory } from '../../../gateway/src/history/history.ts';
import { insist } from '../world.ts';
import type { Chapter } from './chapter.ts';

export const lookedThrough: Chapter = async ({ rig }) => {
  const { history, searches, close } = await insist(() => openHistory(rig.deps));
  try {
    for (let behind = 1, asked = 0; behind > 0 && asked < 100; asked += 1)
      ({ behind } = (await insist(() => history.calls({}, { limit: 1 }))).followed);
    const mine = { name: 'what failed', query: '/history?outcome=failed' };
    const saved = await insist(() => searches.save('eve', mine));
    if (saved !== undefined) await insist(() => searches.remove('eve', saved.id));
  } finally {
    await close();
  }
};
