/**
 * Who erases: an operator. Nobody what they asked for or answered themselves, while another operator could: it is the
 * evidence of what they did (A13). Where nobody else could, what they had to do with it goes on the record.
 */
import { type Directory, namedBy, type Person, responsibleFor } from '@countersign/core';
import type { Deps } from '../deps.ts';
import type { StoredRequest } from '../requests/views/row.ts';

/** What somebody had to do with a request, and how they are told. */
const PARTS = {
  subject: 'It was asked for in your name',
  owner: 'You own the agent that asked',
  act_chain: 'You, or an agent you own, passed it on',
  reviewer: 'You answered it',
  breaker: 'You broke its glass',
  judge: 'You judged whether its glass was rightly broken',
} as const;
export type Part = keyof typeof PARTS;

export type Answer =
  /** `part`: what they had to do with it, there being no other operator. */
  { readonly may: true; readonly part: Part | undefined } | { readonly may: false; readonly message: string };

export const isOperator = (person: Person | undefined): person is Person =>
  person?.active === true && person.roles.includes('operator');

export async function mayErase(
  deps: Deps,
  stored: StoredRequest,
  { person, directory }: { readonly person: Person; readonly directory: Directory },
): Promise<Answer> {
  const parts = await partsIn(deps, stored, directory);
  const part = parts.get(person.id);
  const others = [...directory.people()].filter((each) => isOperator(each) && !parts.has(each.id));
  if (part === undefined || others.length === 0) return { may: true, part };
  return {
    may: false,
    message: `${PARTS[part]}, and what it says is the evidence of that; another operator erases it: ${namesOf(others)}.`,
  };
}

const NAMES_SHOWN = 3;
const namesOf = (people: readonly Person[]): string =>
  people
    .slice(0, NAMES_SHOWN)
    .map(({ id }) => id)
    .join(', ') + (people.length > NAMES_SHOWN ? ', …' : '');

async function partsIn(
  { store }: Deps,
  { request }: StoredRequest,
  directory: Directory,
): Promise<ReadonlyMap<string, Part>> {
  const rows = await store.read({
    sql: `SELECT reviewer AS person, 'reviewer' AS part FROM reviews WHERE request_id = $1
          UNION ALL SELECT person, 'breaker' FROM broken_glass WHERE request_id = $1
          UNION ALL SELECT closed_by, 'judge' FROM broken_glass WHERE request_id = $1 AND closed_by IS NOT NULL`,
    params: [request.id],
  });
  // Under whatever name they did it: an account found to be theirs since, or taken from them, frees nobody (A13).
  const reviewers = rows.flatMap((row): [string, Part][] =>
    namedBy(String(row['person']), directory, request.opened_at).map((id) => [id, row['part'] as Part]),
  );
  return new Map<string, Part>([
    ...reviewers,
    ...responsibleFor(request.principal, directory, request.opened_at),
  ]);
}
