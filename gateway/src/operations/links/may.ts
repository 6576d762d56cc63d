/**
 * Whether an account could be linked to a person, or unlinked, as things stand: to whom it belongs, and what would follow.
 * An account belongs to one person; whoever would lose by it, or come back, is named. Pure.
 */
import type { JsonObject } from '@countersign/core';
import type { AccountChange } from '../../api/ports.ts';
import type { World } from '../../authority/changes.ts';
import { isSpelledAlike, type ReadAccount, readAccount } from '../../identity/roster/account.ts';
import {
  asideFor,
  configuredAccounts,
  conflictsOf,
  issuersOf,
  listedAccounts,
} from '../../identity/roster/meaning.ts';
import { edited } from '../../identity/roster/roster.ts';

export type Found = {
  readonly read: ReadAccount;
  /** People it bears on besides, by id: none of them agrees to it. */
  readonly concerns: readonly string[];
  /** What people are shown beside the account itself. */
  readonly shown: JsonObject;
};

export type Refusal = {
  readonly why: 'unknown' | 'wrong_state' | 'not_allowed';
  readonly message: string;
};

const no = (why: Refusal['why'], message: string): Refusal => ({ why, message });

/** Of one person. More than anybody has (I15). */
const LINKS_MAX = 20;

export function toLink(world: World, change: AccountChange): Found | Refusal {
  const { config, roster } = world;
  const { person, account: text } = change;
  const read = readAccount(text, issuersOf(config));
  if (typeof read === 'string') return no('not_allowed', read);
  const { account } = read;
  const refusal = personRefusal(world, person) ?? ownerRefusal(world, person, account);
  if (refusal !== undefined) return refusal;
  const after = edited(roster, { linked: [{ id: '', account, person, at: 0, by: change.by }] });
  const before = new Set(conflictsOf(config, roster));
  const conflict = conflictsOf(config, after).find((each) => !before.has(each));
  if (conflict !== undefined) return no('wrong_state', conflict);
  const was = roster.accounts.get(account)?.person;
  const aside = standingAside(world, { account, person });
  return {
    read,
    concerns: aside,
    shown: {
      ...(was === undefined ? {} : { was: named(world, was) }),
      ...(aside.length === 0 ? {} : { stands_aside: aside.map((id) => named(world, id)) }),
    },
  };
}

function personRefusal({ config, roster }: World, person: string): Refusal | undefined {
  if (!Object.hasOwn(config.people, person) && !roster.people.has(person))
    return no('unknown', 'id: nobody has this id');
  const human = asideFor(roster, listedAccounts(config, roster)).get(person);
  if (human !== undefined)
    return no('wrong_state', `id: ${person} is ${human} under another name; link it to ${human}`);
  const many = [...roster.links.values()].filter((link) => link.person === person).length;
  return many < LINKS_MAX
    ? undefined
    : no('wrong_state', `id: ${person} has ${LINKS_MAX} linked accounts, the most there may be; unlink one`);
}

function ownerRefusal({ config, roster }: World, person: string, account: string): Refusal | undefined {
  const configured = configuredAccounts(config);
  for (const [each, owner] of listedAccounts(config, roster)) {
    if (!isSpelledAlike(each, account)) continue;
    if (owner === person) return no('wrong_state', `account: it is ${person}’s already`);
    return no(
      'wrong_state',
      configured.has(each)
        ? `account: it is ${owner}’s, by the configuration; take it out there first`
        : `account: it is linked to ${owner}; unlink it there first (countersign people unlink ${owner})`,
    );
  }
  if (roster.accounts.get(account)?.person === person)
    return no('wrong_state', `account: it is ${person}’s already`);
  for (const each of roster.accounts.keys())
    if (each !== account && isSpelledAlike(each, account))
      return no('wrong_state', 'account: it is known here, spelled otherwise; see countersign people list');
  return undefined;
}

type Whose = { readonly account: string; readonly person: string };

/** Whoever a provider made known by it, or by the e-mail address: from now on they do nothing under their own name. */
function standingAside({ roster }: World, { account, person }: Whose): readonly string[] {
  const found = new Set<string>();
  const held = roster.accounts.get(account)?.person;
  if (held !== undefined) found.add(held);
  if (account.startsWith('email:')) {
    const address = account.slice('email:'.length);
    for (const { id, email } of roster.people.values())
      if (id !== person && email?.toLowerCase() === address) found.add(id);
  }
  return [...found].sort();
}

function named({ config, roster }: World, person: string): JsonObject {
  const name = config.people[person]?.name ?? roster.people.get(person)?.name;
  return { person, ...(name === undefined ? {} : { name }) };
}

export function toUnlink(world: World, { person, account: text }: AccountChange): Found | Refusal {
  const { config, roster } = world;
  const read = readAccount(text, issuersOf(config));
  if (typeof read === 'string') return no('not_allowed', read);
  const { account } = read;
  const link = roster.links.get(account);
  if (link?.person !== person) return notLinked(world, { person, account });
  const back = standingAside(world, { account, person });
  return {
    read,
    concerns: back,
    shown: {
      linked_at: link.at,
      linked_by: link.by,
      ...(back.length === 0 ? {} : { comes_back: back.map((id) => named(world, id)) }),
    },
  };
}

function notLinked({ config, roster }: World, { person, account }: Whose): Refusal {
  const own = [...configuredAccounts(config)].filter(([, owner]) => owner === person);
  if (own.some(([each]) => isSpelledAlike(each, account)))
    return no('wrong_state', `account: it stands under people.${person}.accounts; take it out there`);
  if (roster.accounts.get(account)?.person === person)
    return no(
      'wrong_state',
      `account: their provider made ${person} known by it, so it stays theirs; keep them out with: countersign reviewers deactivate ${person}`,
    );
  return no('unknown', 'account: it is not linked to this person; see countersign people list');
}
