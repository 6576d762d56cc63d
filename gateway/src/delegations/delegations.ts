/**
 * Delegations for absence: a person gives their own seat to another for a bounded time, on the record, under a raised
 * epoch (I8). Who may then review what is never decided here: core's eligibility asks, of every request anew, whether
 * both may, so that no seat reaches the requester, the owner or anyone along the chain (I4).
 */
import { type Duties, isInForce, type Delegation as LiveDelegation, type Person } from '@countersign/core';
import type { Delegation, DelegationInput, Page as PageOf } from '@countersign/sdk';
import type { Delegations, Given } from '../api/ports.ts';
import type { Changes, Pending } from '../authority/changes.ts';
import { formatDuration } from '../config/duration.ts';
import type { Deps } from '../deps.ts';
import { delegationId } from '../ids.ts';
import type { ChangeOutcome, Page } from '../requests/requests.ts';
import { readCursor, writeCursor } from '../requests/views/paging.ts';
import type { Row } from '../store/store.ts';

/** How far ahead an absence may begin. */
const AHEAD_MS = 90 * 86_400_000;

export type DelegationsDeps = Pick<Deps, 'store' | 'authority' | 'now'> & {
  readonly changes: Pick<Changes, 'applyBeside'>;
  /** The longest a seat may be given away. */
  readonly lasts_max_ms: () => number;
};

export function createDelegations(deps: DelegationsDeps): Delegations {
  return {
    list: (filter, page) => list(deps, filter, page),
    give: (from, input) => give(deps, from, input),
    revoke: (id, by) => revoke(deps, id, by),
  };
}

type Refused = Extract<ChangeOutcome, { readonly kind: 'refused' }>;
const no = (why: Refused['why'], message: string): Refused => ({ kind: 'refused', why, message });

async function give(deps: DelegationsDeps, from: string, input: DelegationInput): Promise<Given> {
  let answer: Given | undefined;
  const applied = await deps.changes.applyBeside(() => {
    const now = deps.now();
    const made: LiveDelegation = {
      id: delegationId(now),
      from,
      to: input.to,
      starts_at: input.starts_at ?? now,
      until: input.until,
    };
    const refusal =
      timeRefusal(made, { now, lasts_max_ms: deps.lasts_max_ms() }) ?? peopleRefusal(deps, made, now);
    answer = refusal ?? { kind: 'given', delegation: shown({ ...made, given_at: now }, now) };
    return refusal === undefined ? giving(deps, made, now) : undefined;
  });
  if (!applied.ok) return no('wrong_state', applied.why);
  return answer ?? no('wrong_state', 'The delegation was not made; try again.');
}

type Span = { readonly now: number; readonly lasts_max_ms: number };

function timeRefusal({ starts_at, until }: LiveDelegation, { now, lasts_max_ms }: Span): Refused | undefined {
  if (starts_at < now) return no('not_allowed', 'starts_at: it lies in the past; leave it out to begin now.');
  if (starts_at - now > AHEAD_MS)
    return no('not_allowed', `starts_at: at most ${formatDuration(AHEAD_MS)} ahead.`);
  if (until <= starts_at) return no('not_allowed', 'until: it must come after the beginning.');
  if (until - starts_at > lasts_max_ms)
    return no(
      'not_allowed',
      `until: a seat is given for at most ${formatDuration(lasts_max_ms)} (limits.delegation_max); give it again then.`,
    );
  return undefined;
}

const mayReview = (person: Person | undefined): boolean =>
  person?.active === true && person.roles.includes('reviewer');

function peopleRefusal(
  { authority }: DelegationsDeps,
  made: LiveDelegation,
  now: number,
): Refused | undefined {
  const { directory, duties } = authority.current();
  const { from, to } = made;
  if (!mayReview(directory.person(from)))
    return no('not_allowed', 'Only an active reviewer has a seat to give.');
  if (directory.personOfAccount(to)?.id === from || to === from)
    return no('not_allowed', 'to: that is you; name another person.');
  if (!mayReview(directory.person(to)))
    return no('not_allowed', `to: there is no active reviewer “${to}”; see: countersign reviewers list`);
  const mine = duties.delegations.find((each) => each.from === from && each.until > now);
  if (mine !== undefined)
    return no('wrong_state', `Your seat is with ${mine.to} (${mine.id}); revoke that first.`);
  const theirs = duties.delegations.find(
    (each) => each.from === to && each.starts_at < made.until && made.starts_at < each.until,
  );
  return theirs === undefined
    ? undefined
    : no('not_allowed', `to: ${to} has given their own seat away in that time, and a seat does not pass on.`);
}

function giving({ authority }: DelegationsDeps, made: LiveDelegation, now: number): Pending {
  const { id, from, to, starts_at, until } = made;
  const { duties } = authority.current();
  const live = duties.delegations.filter((each) => each.until > now);
  return {
    world: {},
    next: { duties: { ...duties, delegations: [...live, made] } },
    steps: [
      {
        name: 'one-seat',
        sql: 'SELECT 1 FROM delegations WHERE from_person = $1 AND revoked_at IS NULL AND ends_at > $2',
        params: [from, now],
        rows: 0,
      },
      {
        name: 'give-seat',
        sql: `INSERT INTO delegations (id, from_person, to_person, starts_at, ends_at, given_at, revoked_at, revoked_by)
              VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL)`,
        params: [id, from, to, starts_at, until, now],
        rows: 1,
      },
    ],
    record: {
      kind: 'config-change',
      task_id: `delegation:${id}`,
      by: from,
      predicate: { change: 'seat given', delegation: id, from, to, starts_at, until },
    },
  };
}

/** By whoever gave it, whoever sits in it, or an operator. Votes cast in it stop counting at once (I8). */
async function revoke(deps: DelegationsDeps, id: string, by: string): Promise<ChangeOutcome> {
  let answer: ChangeOutcome | undefined;
  const applied = await deps.changes.applyBeside(() => {
    const now = deps.now();
    const { directory, duties } = deps.authority.current();
    const found = duties.delegations.find((each) => each.id === id && each.until > now);
    const person = directory.person(by);
    const may =
      person?.active === true &&
      (found?.from === by || found?.to === by || person.roles.includes('operator'));
    answer =
      found === undefined
        ? no('unknown', 'There is no such delegation, or it is over.')
        : may
          ? { kind: 'done' }
          : no(
              'not_allowed',
              'Only whoever gave the seat, whoever sits in it, and operators revoke a delegation.',
            );
    return found !== undefined && may ? revoking(duties, found, { by, now }) : undefined;
  });
  if (!applied.ok) return no('wrong_state', applied.why);
  return answer ?? no('wrong_state', 'The delegation was not revoked; try again.');
}

function revoking(
  duties: Duties,
  { id, from, to }: LiveDelegation,
  { by, now }: { readonly by: string; readonly now: number },
): Pending {
  return {
    world: {},
    next: { duties: { ...duties, delegations: duties.delegations.filter((each) => each.id !== id) } },
    steps: [
      {
        name: 'take-back',
        sql: 'UPDATE delegations SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL AND ends_at > $2',
        params: [id, now, by],
        rows: 1,
      },
    ],
    record: {
      kind: 'config-change',
      task_id: `delegation:${id}`,
      by,
      predicate: { change: 'seat taken back', delegation: id, from, to },
    },
  };
}

async function list(
  { store, now }: DelegationsDeps,
  { active }: { readonly active?: boolean },
  page: Page,
): Promise<PageOf<Delegation>> {
  const after = readCursor(page.cursor) ?? { at: Number.MAX_SAFE_INTEGER, id: '~' };
  const at = now();
  const live = active === true ? 'AND revoked_at IS NULL AND ends_at > $4' : '';
  const rows = await store.read({
    sql: `SELECT id, from_person, to_person, starts_at, ends_at, given_at, revoked_at, revoked_by FROM delegations
           WHERE (given_at < $1 OR (given_at = $1 AND id < $2)) ${live} ORDER BY given_at DESC, id DESC LIMIT $3`,
    params: [after.at, after.id, page.limit + 1, ...(active === true ? [at] : [])],
  });
  const items = rows.slice(0, page.limit).map((row) => asDelegation(row, at));
  const last = items.at(-1);
  return rows.length > page.limit && last !== undefined
    ? { items, next_cursor: writeCursor({ at: last.given_at, id: last.id }) }
    : { items };
}

function asDelegation(row: Row, now: number): Delegation {
  const stored = {
    id: String(row['id']),
    from: String(row['from_person']),
    to: String(row['to_person']),
    starts_at: Number(row['starts_at']),
    until: Number(row['ends_at']),
    given_at: Number(row['given_at']),
  };
  if (row['revoked_at'] === null) return shown(stored, now);
  const [revoked_by, revoked_at] = [String(row['revoked_by']), Number(row['revoked_at'])];
  return { ...stored, status: 'revoked', revoked_by, revoked_at };
}

const shown = (stored: LiveDelegation & { readonly given_at: number }, now: number): Delegation => ({
  ...stored,
  status: isInForce(stored, now) ? 'active' : stored.starts_at > now ? 'scheduled' : 'ended',
});
