/** A chapter about an emergency: one person breaks the glass, it runs, who is told says so, and somebody else judges it. */
import { openGlassHouse } from '../../../gateway/testing/glass.ts';
import { insist } from '../world.ts';
import type { Chapter } from './chapter.ts';

export const glassBroken: Chapter = async (world) => {
  const { rig, outside } = world;
  const house = openGlassHouse(rig);
  const { authenticator } = await insist(() => house.give('carol'));
  const verdict = await world.act('smash', { n: 1 });
  if (verdict.kind !== 'held') return;
  const request_id = verdict.held.request.id;
  const carol = { request_id, reviewer: 'carol', authenticator };
  const elsewhere = await insist(() =>
    house.signed(carol, { twist: { origin: 'https://elsewhere.example' } }),
  );
  await insist(() => house.smash(carol, { signature: elsewhere })); // refused, and recorded
  // Whoever was not told that it was broken looks, as people do.
  const look = async () => (await rig.requests.show(request_id, 'carol'))?.broken_glass?.id;
  await insist(async () => (await look()) ?? house.smash(carol));
  const glass_id = await look();
  if (glass_id === undefined) return;
  outside.tell({ said: 'glass', glass_id, status: 'open' });
  outside.tell({ said: 'request', request_id, status: 'approved' });
  await world.act('smash', { n: 1 });
  await insist(() => house.glass.acknowledge(glass_id, 'alice'));
  const closing = { by: 'bob', verdict: 'justified', note: 'it could not wait' } as const;
  const closed = await insist(() => house.glass.close(glass_id, closing));
  if (closed.kind === 'done') outside.tell({ said: 'glass', glass_id, status: 'closed' });
};
