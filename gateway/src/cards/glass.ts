/**
 * Broken glass is told to each person it must be told to, where they can be reached by themselves: a card of their own, at
 * once, whatever hours they keep. What places have of the request already says so too. It asks nobody anything.
 */
import { GLASS_COLUMNS, readGlass } from '../break-glass/stored.ts';
import { toldOf } from '../break-glass/told.ts';
import type { Deps } from '../deps.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import { placesOf, type Reach, type Told } from './plan.ts';

/** No step of escalation has so many before it. */
const TURN = 1_000_000;
/** Of an emergency nobody is left out for being one too many, as of a request: this many are more than have to hear (I15). */
const TOLD_MAX = 5_000;

/** None where no glass is broken, or it has been judged. */
export async function glassTold(
  { store, authority }: Pick<Deps, 'store' | 'authority'>,
  { request }: StoredRequest,
  channels: readonly Reach[],
): Promise<readonly Told[]> {
  const [row] = await store.read({
    sql: `SELECT ${GLASS_COLUMNS} FROM broken_glass WHERE request_id = $1 AND status = 'open'`,
    params: [request.id],
  });
  if (row === undefined) return [];
  const broken = readGlass(row);
  const { directory } = authority.current();
  const people = toldOf(broken, { principal: request.principal, directory });
  const places = placesOf(
    channels.map(({ kind }) => `${kind}:reviewers`),
    { routes: [], channels, people },
    TOLD_MAX,
  );
  return places.map(({ channel, place, person }) => ({
    channel,
    place,
    ...(person === undefined ? {} : { person: person.id }),
    because: 'escalated',
    turn: TURN,
    due_at: broken.broken_at,
    likeness: '',
  }));
}
