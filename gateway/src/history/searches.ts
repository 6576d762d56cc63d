/** What a person looks for again and again: theirs alone, few, small. Never interpreted here. */
import type { SavedSearch, SavedSearchInput } from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import { savedSearchId } from '../ids.ts';

/** A person's. */
const SEARCHES_MAX = 100;

export type Searches = {
  /** By name. */
  list(person: string): Promise<readonly SavedSearch[]>;
  /** Under a name already taken it takes that one's place. Undefined: they have as many as they may. */
  save(person: string, input: SavedSearchInput): Promise<SavedSearch | undefined>;
  /** False: they have no such search. */
  remove(person: string, id: string): Promise<boolean>;
};

export function createSearches({ store, now }: Pick<Deps, 'store' | 'now'>): Searches {
  const list: Searches['list'] = async (person) => {
    const rows = await store.read({
      sql: 'SELECT id, name, query, saved_at FROM saved_searches WHERE person = $1 ORDER BY name',
      params: [person],
    });
    return rows.map((row) => ({
      id: String(row['id']),
      name: String(row['name']),
      query: String(row['query']),
      saved_at: Number(row['saved_at']),
    }));
  };
  return {
    list,
    async save(person, { name, query }) {
      const saved_at = now();
      const outcome = await store.commit({
        name: 'save-search',
        steps: [
          {
            name: 'few',
            sql: 'SELECT 1 FROM (SELECT COUNT(*) AS n FROM saved_searches WHERE person = $1 AND name <> $2) AS others WHERE n < $3',
            params: [person, name, SEARCHES_MAX],
            rows: 1,
          },
          {
            name: 'save',
            sql: `INSERT INTO saved_searches (id, person, name, query, saved_at) VALUES ($1, $2, $3, $4, $5)
                  ON CONFLICT (person, name) DO UPDATE SET query = excluded.query, saved_at = excluded.saved_at`,
            params: [savedSearchId(saved_at), person, name, query, saved_at],
            rows: 1,
          },
        ],
        entries: [],
      });
      return outcome.ok ? (await list(person)).find((each) => each.name === name) : undefined;
    },
    async remove(person, id) {
      const sql = 'DELETE FROM saved_searches WHERE person = $1 AND id = $2';
      const step = { name: 'remove', sql, params: [person, id], rows: 1 };
      return (await store.commit({ name: 'remove-search', steps: [step], entries: [] })).ok;
    },
  };
}
