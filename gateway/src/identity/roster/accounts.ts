/** Whose accounts are whose, as people look it up: each account once, with the person it counts for. Decides nothing. */
import type { Account, Page } from '@countersign/sdk';
import type { World } from '../../authority/changes.ts';
import { accountKey } from '../../config/sign-in.ts';
import { BadCursor } from '../../cursor.ts';
import { asideFor, configuredAccounts, listedAccounts } from './meaning.ts';

export type AccountsAsked = {
  readonly person?: string;
  readonly limit: number;
  readonly cursor?: string;
};

export function listAccounts(world: World, { person, limit, cursor }: AccountsAsked): Page<Account> {
  const after = cursor === undefined ? '' : readCursor(cursor);
  const found = everyAccount(world)
    .filter((each) => person === undefined || each.person === person || each.known_as === person)
    .map((each) => ({ key: keyOf(each), each }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return {
    items: items.map(({ each }) => each),
    ...(last === undefined ? {} : { next_cursor: Buffer.from(last.key).toString('base64url') }),
  };
}

const keyOf = ({ person, account }: Account): string => `${person}\n${account}`;

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!/^[^\n]+\n[^\n]+$/.test(text)) throw new BadCursor();
  return text;
}

function everyAccount({ config, roster }: World): readonly Account[] {
  const aside = asideFor(roster, listedAccounts(config, roster));
  const humanOf = (person: string): string => aside.get(person) ?? person;
  const found = new Map<string, Account>();
  for (const { account, person, source } of roster.accounts.values()) {
    const human = humanOf(person);
    const known_as = human === person ? {} : { known_as: person };
    found.set(accountKey(account), { account, person: human, source, ...known_as });
  }
  const knownAs = (account: string, person: string): { readonly known_as?: string } => {
    const before = roster.accounts.get(account)?.person;
    return before === undefined || before === person ? {} : { known_as: before };
  };
  for (const { account, person, at, by } of roster.links.values()) {
    const link = { account, source: 'link', linked_at: at, linked_by: by } as const;
    found.set(account, { ...link, person: humanOf(person), ...knownAs(account, person) });
  }
  for (const [account, person] of configuredAccounts(config))
    found.set(account, { account, person, source: 'configuration', ...knownAs(account, person) });
  return [...found.values()];
}
