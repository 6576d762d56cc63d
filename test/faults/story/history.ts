/** People look: the history follows the log, and somebody saves what they look for, and lets go of it. */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openHistory } from '../../../gateway/src/history/history.ts';
import { createMover } from '../../../gateway/src/history/index/move.ts';
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

/** A store whose words an older build kept without what they begin with: they are moved while everything goes on. */
export const wordsMoved: Chapter = async ({ rig }) => {
  const db = new DatabaseSync(path.join(rig.dir, 'store.db'), { timeout: 10_000 });
  try {
    db.exec(`BEGIN IMMEDIATE;
      INSERT INTO search_calls (rowid, terms, words) SELECT rowid, terms, words FROM search_history;
      DELETE FROM search_history;
      UPDATE meta SET value = (SELECT COALESCE(MAX(seq), -1) FROM calls) WHERE name = 'index_until';
      UPDATE meta SET value = '-1' WHERE name = 'index_moved';
      COMMIT`);
  } finally {
    db.close();
  }
  // Of a process that has not yet seen it done.
  const move = createMover({ ...rig.deps.store });
  await insist(async () => {
    while (await move());
  });
};
