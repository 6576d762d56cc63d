/**
 * Who somebody in Teams is here: by tenant and Entra object id, which Bot Framework vouched for in this very message, and
 * by nothing else (A15). Whether they are of this tenant or a guest only the roster says, so it is asked, and silence is no.
 */
import type { Account, ChannelDoor } from '../channel.ts';
import type { From, Where } from './intake/activity.ts';
import type { Connector, Member } from './service/connector.ts';

const KEPT_MS = 5 * 60_000;
/** Who was nobody there a moment ago may have been added since. */
const NOBODY_KEPT_MS = 30_000;
/** A roster is read once for all cards of a while: Teams counts every reading. */
const ROSTER_KEPT_MS = 60_000;
const ROSTERS_MAX = 200;
type Known = Pick<From, 'id' | 'object_id'>;
const KEPT_MAX = 5_000;

export type Standing = 'member' | 'guest' | 'unknown';

/** As its link names it, and as signing in with Entra ID (`claims: { subject: oid }`) makes it known: one object, one human. */
export const accountsOf = (
  tenant: string,
  object_id: string,
  login: string,
): readonly [Account, ...Account[]] => [
  `entra:${tenant}/${object_id}`,
  `oidc:${login}/${tenant}/v2.0#${object_id}`,
  `oidc:https://sts.windows.net/${tenant}/#${object_id}`,
];

/** The object id an account of this tenant is of. */
export function objectIdOf(account: Account, tenant: string, login: string): string | undefined {
  const [, object_id = ''] = /[/#]([0-9a-f-]{36})$/i.exec(account) ?? [];
  const own = accountsOf(tenant, object_id.toLowerCase(), login);
  return own.some((each) => each.toLowerCase() === account.toLowerCase())
    ? object_id.toLowerCase()
    : undefined;
}

/** `two`: two people here have it, and which of them this is nobody can say (I4). */
export type Named =
  | { readonly kind: 'person'; readonly account: Account; readonly id: string; readonly name: string }
  | { readonly kind: 'nobody'; readonly account: Account }
  | { readonly kind: 'two' };

export function nameOf(
  door: Pick<ChannelDoor, 'personOf'>,
  accounts: readonly [Account, ...Account[]],
): Named {
  const found = new Map<string, Named>();
  for (const account of accounts) {
    const person = door.personOf(account);
    if (person !== undefined && !found.has(person.id))
      found.set(person.id, { kind: 'person', account, ...person });
  }
  if (found.size > 1) return { kind: 'two' };
  return found.values().next().value ?? { kind: 'nobody', account: accounts[0] };
}

export type RosterOptions = {
  readonly connector: Connector;
  readonly tenant: string;
  readonly now: () => number;
};

/** Who is in which conversation, for a few minutes. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #kept = new Map<string, { readonly standing: Standing; readonly until: number }>();
  readonly #rosters = new Map<
    string,
    { readonly members: Promise<readonly Known[]>; readonly until: number }
  >();
  /** The ids people have with this bot, by object id: they never change. */
  readonly #ids = new Map<string, string>();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** @throws ChannelTrouble when the service does not say */
  async standing(where: Where, from: Known): Promise<Standing> {
    const key = `${where.place} ${from.id} ${from.object_id}`;
    const now = this.#options.now();
    const kept = this.#kept.get(key);
    if (kept !== undefined && now < kept.until) return kept.standing;
    const standing = await this.#ask(where, from);
    this.#keep(key, standing);
    if (standing === 'member') this.#know(from.object_id, from.id);
    return standing;
  }

  /** In the place itself, or else in its team: private and shared channels have rosters of their own, others have not. */
  async #ask({ service, place, team }: Where, from: Known): Promise<Standing> {
    let standing: Standing = 'unknown';
    for (const roster of team === undefined || team === place ? [place] : [place, team]) {
      const member = await this.#options.connector.member(service, roster, from.id);
      if (member === undefined || member.object_id !== from.object_id) continue;
      standing = this.#standingOf(member);
      if (standing === 'member') break;
    }
    return standing;
  }

  /** Members of this tenant in a conversation. @throws ChannelTrouble */
  members(service: string, place: string, team: string | undefined): Promise<readonly Known[]> {
    const now = this.#options.now();
    const kept = this.#rosters.get(place);
    if (kept !== undefined && now < kept.until) return kept.members;
    const members = this.#read(service, team ?? place).catch((error: unknown) => {
      if (team === undefined) throw error;
      return this.#read(service, place);
    });
    if (this.#rosters.size >= ROSTERS_MAX) this.#rosters.clear();
    const entry = { members, until: now + ROSTER_KEPT_MS };
    this.#rosters.set(place, entry);
    members.catch(() => {
      if (this.#rosters.get(place) === entry) this.#rosters.delete(place);
    });
    return members;
  }

  async #read(service: string, place: string): Promise<readonly Known[]> {
    const all = await this.#options.connector.members(service, place);
    return all.flatMap((member) => {
      if (this.#standingOf(member) !== 'member') return [];
      this.#know(member.object_id, member.id);
      return [{ id: member.id, object_id: member.object_id }];
    });
  }

  idOf(object_id: string): string | undefined {
    return this.#ids.get(object_id);
  }

  #standingOf({ tenant, role, upn }: Member): Standing {
    if (tenant !== this.#options.tenant) return 'guest';
    // Older answers have no role: a guest’s user name says it there.
    if (role === '') return upn !== '' && !/#EXT#/i.test(upn) ? 'member' : 'guest';
    return role === 'user' ? 'member' : 'guest';
  }

  #keep(key: string, standing: Standing): void {
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    const ms = standing === 'member' ? KEPT_MS : NOBODY_KEPT_MS;
    this.#kept.set(key, { standing, until: this.#options.now() + ms });
  }

  #know(object_id: string, id: string): void {
    if (this.#ids.size >= KEPT_MAX) this.#ids.clear();
    this.#ids.set(object_id, id);
  }
}
