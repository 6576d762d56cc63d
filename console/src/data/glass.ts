/** Broken glass, as whoever is told of it or judges it sees it. */
import { queryOptions } from '@tanstack/react-query';
import { gate } from './gate.ts';

export const glassQuery = (id: string) =>
  queryOptions({ queryKey: ['break-glass', 'one', id], queryFn: () => gate.breakGlass.show(id) });

/** What still wants somebody: not yet acknowledged by this person, or not yet judged by anybody. */
export const openGlassQuery = queryOptions({
  queryKey: ['break-glass', 'open'],
  queryFn: async () => {
    const [untold, unjudged] = await Promise.all([
      gate.breakGlass.list({ unacknowledged: true, limit: 20 }),
      gate.breakGlass.list({ open: true, limit: 20 }),
    ]);
    const mine = unjudged.items.filter(({ you }) => you.may_close.eligible);
    return [...new Map([...untold.items, ...mine].map((glass) => [glass.id, glass])).values()];
  },
});
