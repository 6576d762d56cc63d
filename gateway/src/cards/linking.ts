/**
 * How an account in a service comes to be somebody's here. A link page names the account, lives ten minutes, works once, and
 * links nothing by being opened (A16): whoever is signed in says that it is theirs, and then it is a link like any other, with
 * whoever must agree to one (I13). `adopt` takes a service's word for an e-mail address, only where the configuration does.
 */

import { hash, randomBytes } from 'node:crypto';
import type { JsonObject, Person } from '@countersign/core';
import type { Accepted, Accounts } from '../api/ports.ts';
import type { Applied, World } from '../authority/changes.ts';
import type { Deps } from '../deps.ts';
import { readAccount } from '../identity/roster/account.ts';
import type { RosterChange } from '../identity/roster/changes.ts';
import { linkId } from '../ids.ts';

export type Linking = {
  /** The page's address. */
  begin(asked: {
    readonly channel: string;
    readonly account: string;
    readonly label: string;
  }): Promise<string>;
  /** What a code would link; undefined when it is none, was used, or is too old. Changes nothing. */
  look(code: string): Promise<LinkAsked | undefined>;
  /** This person says that it is theirs. The code is spent, whatever comes of it. */
  confirm(code: string, by: string): Promise<Accepted>;
  adopt(known: {
    readonly channel: string;
    readonly account: string;
    readonly email: string;
  }): Promise<Person | undefined>;
};
export type LinkAsked = {
  readonly channel: string;
  readonly account: string;
  /** What the service calls them: its claim. */
  readonly label: string;
  readonly expires_at: number;
};

export type LinkingDeps = Pick<Deps, 'store' | 'authority' | 'now' | 'log' | 'public_url'> & {
  readonly accounts: Pick<Accounts, 'link'>;
  readonly people: { change(build: (world: World) => RosterChange | undefined): Promise<Applied> };
  /** Whether the configuration takes this service's word for an e-mail address. */
  readonly adopts: (channel: string) => boolean;
  /** Whether an account could be linked to a person as things stand, and whom that would move. */
  readonly mayLink: (
    world: World,
    change: { readonly person: string; readonly account: string; readonly by: string },
  ) => { readonly why: string } | { readonly concerns: readonly string[] };
};

const LIVES_MS = 10 * 60_000;
const LABEL_CHARACTERS_MAX = 200;
const OPEN_MAX = 10_000;

const hashOf = (code: string): string => `sha256:${hash('sha256', code)}`;

export function createLinking(deps: LinkingDeps): Linking {
  const { store, now, accounts } = deps;
  const look = async (code: string): Promise<LinkAsked | undefined> => {
    const [row] = await store.read({
      sql: 'SELECT channel, account, label, expires_at FROM channel_links WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2',
      params: [hashOf(code), now()],
    });
    if (row === undefined) return undefined;
    return {
      channel: String(row['channel']),
      account: String(row['account']),
      label: String(row['label']),
      expires_at: Number(row['expires_at']),
    };
  };
  return {
    begin: (asked) => begin(deps, asked),
    look,
    async confirm(code, by) {
      const asked = await look(code);
      if (asked === undefined) return SPENT;
      // Durable: it was used, by this person. A crash after this: they ask the service for another.
      if (!(await spend(deps, code, by))) return SPENT;
      return accounts.link({ person: by, account: asked.account, by });
    },
    adopt: (known) => adopt(deps, known),
  };
}

const SPENT: Accepted = {
  kind: 'refused',
  why: 'wrong_state',
  message:
    'code: this link was used, is older than ten minutes, or is none; ask for a new one where you got it',
};

async function begin(
  { store, now, public_url }: LinkingDeps,
  { channel, account, label }: { readonly channel: string; readonly account: string; readonly label: string },
): Promise<string> {
  const read = readAccount(account, []);
  if (typeof read === 'string') throw new TypeError(`${channel}: ${read}`);
  const code = randomBytes(32).toString('base64url');
  const at = now();
  const outcome = await store.commit({
    name: 'begin-link',
    steps: [
      { name: 'forget', sql: 'DELETE FROM channel_links WHERE expires_at < $1', params: [at], rows: 'any' },
      // The newest link of an account is the only one.
      {
        name: 'replace',
        sql: 'DELETE FROM channel_links WHERE channel = $1 AND account = $2 AND consumed_at IS NULL',
        params: [channel, read.account],
        rows: 'any',
      },
      {
        name: 'room',
        sql: 'SELECT 1 FROM (SELECT COUNT(*) AS n FROM channel_links) AS open_links WHERE n < $1',
        params: [OPEN_MAX],
        rows: 1,
      },
      {
        name: 'begin',
        sql: 'INSERT INTO channel_links (code_hash, channel, account, label, expires_at) VALUES ($1, $2, $3, $4, $5)',
        params: [hashOf(code), channel, read.account, label.slice(0, LABEL_CHARACTERS_MAX), at + LIVES_MS],
        rows: 1,
      },
    ],
    entries: [],
  });
  if (!outcome.ok) throw new Error('too many accounts are being linked at once; try again in ten minutes');
  // After the hash: browsers send it to nobody, and no log has it.
  return `${public_url}/channels/link#${code}`;
}

async function spend({ store, now }: LinkingDeps, code: string, by: string): Promise<boolean> {
  const outcome = await store.commit({
    name: 'spend-link',
    steps: [
      {
        name: 'spend',
        sql: 'UPDATE channel_links SET consumed_at = $2, consumed_by = $3 WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2',
        params: [hashOf(code), now(), by],
        rows: 1,
      },
    ],
    entries: [],
  });
  return outcome.ok;
}

/** Somebody active here has that address, and nobody the account: then it is theirs, on the record. Moves nobody (A13). */
async function adopt(
  deps: LinkingDeps,
  { channel, account, email }: { readonly channel: string; readonly account: string; readonly email: string },
): Promise<Person | undefined> {
  const { authority, now, people } = deps;
  if (!deps.adopts(channel) || !/^[^@:\s]+@[^@:\s]+\.[^@:\s]+$/.test(email)) return undefined;
  const { directory } = authority.current();
  const has = directory.personOfAccount(account);
  if (has !== undefined) return has.active ? has : undefined;
  const person = directory.personOfAccount(`email:${email}`) ?? directory.personOfAccount(email);
  if (person === undefined || !person.active) return undefined;
  const by = `channel:${channel}`;
  const applied = await people.change((world) => {
    const read = readAccount(account, []);
    if (typeof read === 'string') return undefined;
    const may = deps.mayLink(world, { person: person.id, account, by });
    if ('why' in may || may.concerns.length > 0) return undefined;
    const at = now();
    const predicate: JsonObject = {
      change: 'account linked',
      person: person.id,
      kind: read.kind,
      by_email: true,
    };
    return {
      edit: { linked: [{ id: linkId(at), account: read.account, person: person.id, at, by }] },
      person: person.id,
      predicate,
    };
  });
  if (!applied.ok)
    deps.log.warn({ channel, person: person.id, why: applied.why }, 'an account could not be linked');
  const now_has = authority.current().directory.personOfAccount(account);
  return now_has?.id === person.id && now_has.active ? now_has : undefined;
}
