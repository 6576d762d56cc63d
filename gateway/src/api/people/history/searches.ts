/** What a person saved to look for again. Theirs alone. */
import type { Person } from '../../http/doors.ts';
import { problem } from '../../http/problem.ts';
import { type Door, Reply, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { savedSearch, savedSearchInput } from '../../schema/history/inbox.ts';
import { identified, nothing, pageOf } from '../../schema/values.ts';

const tag = 'history';

export const searchRoutes = ({ searches }: ApiPorts, door: Door<Person>): readonly Route[] => [
  route(
    {
      id: 'listSearches',
      method: 'get',
      path: '/api/searches',
      summary: 'Your saved searches, by name',
      tag,
      door,
      answer: pageOf(savedSearch),
    },
    async ({ caller }) => ({ items: await searches.list(caller.person.id) }),
  ),
  route(
    {
      id: 'saveSearch',
      method: 'post',
      path: '/api/searches',
      summary: 'Save a search of yours; under a name you have, in its place',
      tag,
      door,
      body: savedSearchInput,
      answer: savedSearch,
      success: [201],
    },
    async ({ body, caller }) => {
      const saved = await searches.save(caller.person.id, body);
      return saved === undefined
        ? problem('wrong_state', 'you have as many saved searches as one person may; remove some')
        : new Reply(saved, 201);
    },
  ),
  route(
    {
      id: 'removeSearch',
      method: 'delete',
      path: '/api/searches/{id}',
      summary: 'Remove a saved search of yours',
      tag,
      door,
      params: identified('sav_'),
      answer: nothing,
      success: [204],
    },
    async ({ params: { id }, caller }) =>
      (await searches.remove(caller.person.id, id))
        ? new Reply(undefined, 204)
        : problem('not_found', 'id: you have no saved search with this id', { field: 'path.id' }),
  ),
];
