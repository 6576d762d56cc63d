/**
 * Linking an account to a person and unlinking it: a change of who is who, so an operation others agree to (I13). Asked by
 * an operator, or by whoever it is about; nobody it concerns agrees to it. What is linked is in force at once, for signing
 * in, eligibility and separation of duties alike; what is unlinked still binds whoever had it to what was asked before (A13).
 */
import { createHmac } from 'node:crypto';
import type { JsonObject } from '@countersign/core';
import type { Accepted, AccountChange, Accounts } from '../../api/ports.ts';
import type { Authority } from '../../authority/authority.ts';
import type { World } from '../../authority/changes.ts';
import { listAccounts } from '../../identity/roster/accounts.ts';
import type { RosterChange, RosterChanges } from '../../identity/roster/changes.ts';
import { linkId } from '../../ids.ts';
import type { Store } from '../../store/store.ts';
import type { Agree, Agreement } from '../agree.ts';
import { OPERATOR_AGENT, type Operation } from '../operation.ts';
import { type Found, type Refusal, toLink, toUnlink } from './may.ts';

export type AccountsDeps = {
  readonly store: Pick<Store, 'read'>;
  readonly world: () => World;
  readonly people: RosterChanges;
  readonly authority: Pick<Authority, 'current'>;
  readonly agree: Agree;
  readonly now: () => number;
  readonly installation_key: Uint8Array;
};

export const createAccounts = (deps: AccountsDeps): Accounts => ({
  list: (filter, page) => listAccounts(deps.world(), { ...filter, ...page }),
  link: (change) => make(deps, LINK, change),
  unlink: (change) => make(deps, UNLINK, change),
});

type Way = {
  readonly name: Operation['name'];
  readonly look: (world: World, change: AccountChange) => Found | Refusal;
  readonly edit: (found: Found, change: AccountChange, at: number) => RosterChange['edit'];
  readonly said: string;
};

const LINK: Way = {
  name: 'countersign.people.link',
  look: toLink,
  edit: ({ read: { account } }, { person, by }, at) => ({
    linked: [{ id: linkId(at), account, person, at, by }],
  }),
  said: 'account linked',
};
const UNLINK: Way = {
  name: 'countersign.people.unlink',
  look: toUnlink,
  edit: ({ read: { account } }, { person, by }, at) => ({ unlinked: [{ account, person, at, by }] }),
  said: 'account unlinked',
};

async function make(deps: AccountsDeps, way: Way, change: AccountChange): Promise<Accepted> {
  const not = mayAsk(deps, change) ?? (await tooMany(deps, change));
  if (not !== undefined) return { kind: 'refused', ...not };
  const found = way.look(deps.world(), change);
  if ('why' in found) return { kind: 'refused', ...found };
  const agreement = await deps.agree(operationOf(deps, way, { change, found }));
  if (agreement.kind !== 'agreed') return agreement;
  return commit(deps, way, { change, found, agreement });
}

function mayAsk({ authority }: AccountsDeps, { person, by }: AccountChange): Refusal | undefined {
  if (person === by || isOperator(authority, by)) return undefined;
  return { why: 'not_allowed', message: 'id: that is somebody else; operators link and unlink for others' };
}

const isOperator = (authority: AccountsDeps['authority'], id: string): boolean =>
  authority.current().directory.person(id)?.roles.includes('operator') === true;

/** Of requests somebody who is no operator has waiting about their own accounts: they must not fill the queue of all (I15). */
const OWN_PENDING_MAX = 5;

async function tooMany(
  { store, authority }: AccountsDeps,
  { by }: AccountChange,
): Promise<Refusal | undefined> {
  if (isOperator(authority, by)) return undefined;
  const waiting = await store.read({
    sql: `SELECT 1 FROM requests WHERE agent = $1 AND subject = $2 AND status = 'pending' LIMIT ${OWN_PENDING_MAX}`,
    params: [OPERATOR_AGENT, by],
  });
  if (waiting.length < OWN_PENDING_MAX) return undefined;
  return {
    why: 'wrong_state',
    message: `${OWN_PENDING_MAX} changes of your accounts wait for an answer already; wait for those, or cancel one`,
  };
}

type Asking = { readonly change: AccountChange; readonly found: Found };

/**
 * Everything people need to judge it by stands in the arguments. The name of what changes goes into the log for good, so
 * it has no more of the account than a mark only this gateway can make (I7).
 */
function operationOf(
  { authority, installation_key }: AccountsDeps,
  { name }: Way,
  { change: { person, by }, found: { read, concerns, shown } }: Asking,
): Operation {
  const { account, kind, value } = read;
  const known = authority.current().directory.person(person);
  const mark = createHmac('sha256', installation_key).update(`account\n${account}`).digest('hex');
  return {
    name,
    by,
    ...(person === by ? { own: true } : {}),
    concerns: [person, account, ...concerns],
    resource: `${person}/${kind}-${mark.slice(0, 16)}`,
    arguments: {
      person,
      ...(known === undefined ? {} : { name: known.name }),
      account,
      kind,
      value,
      ...shown,
    },
  };
}

type Agreed = Asking & { readonly agreement: Extract<Agreement, { readonly kind: 'agreed' }> };

async function commit(
  { people, now }: AccountsDeps,
  way: Way,
  { change, found, agreement }: Agreed,
): Promise<Accepted> {
  const late: { refusal?: Refusal } = {};
  const applied = await people.change((world) => {
    const still = way.look(world, change);
    // What was agreed to is what was shown: of anything else nothing is made.
    if ('why' in still || !isSame(still, found)) {
      late.refusal = 'why' in still ? still : MOVED;
      return undefined;
    }
    return {
      edit: way.edit(still, change, now()),
      person: change.person,
      by: change.by,
      predicate: predicateOf(way, { change, found, agreement }),
      beside: agreement.beside,
    };
  });
  if (late.refusal !== undefined) return { kind: 'refused', ...late.refusal };
  return applied.ok ? { kind: 'done' } : { kind: 'refused', why: 'wrong_state', message: applied.why };
}

const MOVED: Refusal = {
  why: 'wrong_state',
  message: 'account: whose it is has changed meanwhile; ask again',
};

const isSame = (one: Found, other: Found): boolean =>
  JSON.stringify([one.read, one.shown]) === JSON.stringify([other.read, other.shown]);

const predicateOf = (
  { said }: Way,
  { change: { person }, found: { read, concerns }, agreement }: Agreed,
): JsonObject => ({
  change: said,
  person,
  kind: read.kind,
  ...(concerns.length === 0 ? {} : { concerns }),
  review: agreement.review,
});
