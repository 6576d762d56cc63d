/**
 * After a fault with cards under way: the gateway starts again, the service hands on once more what it is unsure of, and
 * every place must come to show what is so: nothing lost, nothing twice, one answer.
 */
import { recoverExecutions } from '../../../gateway/src/executions/recover.ts';
import { eventually } from '../../../gateway/testing/until.ts';
import { BEGINNING } from '../aftermath.ts';
import { watch } from '../faulty-store.ts';
import { violations } from '../invariants/invariants.ts';
import { openReaching } from '../story/channels.ts';
import { openWorld } from '../world.ts';

export const FILES = ['/one', '/two', '/three'] as const;

export async function cardsAftermath(dir: string): Promise<readonly string[]> {
  const world = await openWorld({ dir, start: BEGINNING, watched: watch() });
  try {
    await recoverExecutions(world.rig.deps);
    const reaching = await openReaching(world);
    const wrong: string[] = [];
    try {
      const { board, click } = reaching;
      // The service is unsure of every click, and hands each on again.
      for (const { card } of board.pins()) await click(card.request_id, 'bob');
      for (const { id, status } of await requestsOf(world)) {
        const shown = await eventually(`${id} (${status}) is shown as it is`, () => {
          const pin = board.pinOf(id);
          if (pin === undefined) return status === 'pending' ? undefined : 'over before it was shown';
          return pin.card.status === status ? pin : undefined;
        }).catch((error: unknown) => String(error));
        if (typeof shown === 'string' && shown.startsWith('Error')) wrong.push(shown);
      }
      for (const { card, pinned } of board.pins())
        if (pinned !== 1) wrong.push(`${card.id} was pinned ${pinned} times`);
      for (const { id } of await requestsOf(world)) {
        const cards = board.pins().filter(({ card, place }) => card.request_id === id && place === 'hall');
        if (cards.length > 1) wrong.push(`${id} has ${cards.length} cards at one place`);
      }
      const twice = await world.rig.store.read({
        sql: 'SELECT request_id FROM reviews GROUP BY request_id HAVING COUNT(*) > 1',
        params: [],
      });
      if (twice.length > 0) wrong.push(`${twice.length} requests were answered more than once`);
    } finally {
      await reaching.close();
    }
    await world.audit.flush();
    return [...wrong, ...(await violations(world))];
  } finally {
    await world.close();
  }
}

async function requestsOf({ rig }: Awaited<ReturnType<typeof openWorld>>) {
  const rows = await rig.store.read({ sql: 'SELECT id, status FROM requests', params: [] });
  return rows.map((row) => ({ id: String(row['id']), status: String(row['status']) }));
}
