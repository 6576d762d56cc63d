/**
 * Who it was, in the terms accounts are kept in, or why nobody who counts here: another app, another workspace, a guest,
 * a stranger in a shared channel, a bot, somebody deactivated (A15). Slack's signature says which id spoke; what that id
 * is, Slack is asked. What cannot be learned is refused.
 */
import { isJsonObject, type JsonObject, member } from '@countersign/core';
import type { Account, ChannelDoor } from '../channel.ts';
import type { SlackApi } from './api/web.ts';
import type { SlackConfig } from './config.ts';
import type { Speaker } from './wire/payloads.ts';

export type Known = {
  readonly ok: true;
  readonly account: Account;
  readonly label: string;
  readonly person: string | undefined;
};
export type Unknown = { readonly ok: false; readonly why: Refused; readonly says: string };
export type Who = (speaker: Speaker) => Promise<Known | Unknown>;

const REFUSED = {
  app: 'This came through another app than this gateway’s.',
  workspace: 'This gateway takes no answers from this workspace.',
  foreign: 'Only members of this gateway’s own workspace may answer here.',
  guest: 'Guests may not answer here.',
  bot: 'Bots may not answer here.',
  inactive: 'This Slack account is not active.',
  unsure:
    'Slack could not be asked who you are. Nothing was recorded; please try again, or use the request’s page.',
} as const;
export type Refused = keyof typeof REFUSED;

export type VerifyParts = {
  readonly config: Pick<SlackConfig, 'app_id' | 'workspaces' | 'enterprise' | 'accounts'>;
  readonly api: Pick<SlackApi, 'call'>;
  readonly door: Pick<ChannelDoor, 'personOf' | 'adopt' | 'now' | 'log'>;
};

/** What Slack said of somebody is believed for so long. */
const BELIEVED_MS = 60_000;
const USERS_MAX = 5_000;

export function createWho({ config, api, door }: VerifyParts): Who {
  const users = new Map<string, { readonly at: number; readonly user: JsonObject }>();

  const userOf = async (id: string): Promise<JsonObject> => {
    const held = users.get(id);
    if (held !== undefined && door.now() - held.at < BELIEVED_MS) return held.user;
    const { user } = await api.call('users.info', { user: id });
    if (!isJsonObject(user) || member(user, 'id') !== id)
      throw new Error('users.info: Slack answered about somebody else');
    if (users.size >= USERS_MAX) users.clear();
    users.set(id, { at: door.now(), user });
    return user;
  };

  return async (speaker) => {
    const early = fromElsewhere(config, speaker);
    if (early !== undefined) return refuse(early);
    let user: JsonObject;
    try {
      user = await userOf(speaker.user_id);
    } catch (error) {
      door.log.warn(
        { channel: 'slack', error: String(error) },
        'Slack could not be asked who clicked; nothing was recorded',
      );
      return refuse('unsure');
    }
    const why = notOurs(config, user);
    if (why !== undefined) return refuse(why);
    const account = accountOf(config, user);
    const person = door.personOf(account) ?? (await adopted(account, user));
    return { ok: true, account, label: labelOf(user), person: person?.name };
  };

  async function adopted(account: Account, user: JsonObject): ReturnType<ChannelDoor['adopt']> {
    const profile = member(user, 'profile');
    const email = isJsonObject(profile) ? member(profile, 'email') : undefined;
    if (
      config.accounts !== 'email' ||
      member(user, 'is_email_confirmed') !== true ||
      typeof email !== 'string'
    )
      return undefined;
    return door.adopt(account, email);
  }
}

const refuse = (why: Refused): Unknown => ({ ok: false, why, says: REFUSED[why] });

/** By what the message itself says, before anybody is asked. */
export function fromElsewhere(
  { app_id, workspaces, enterprise }: VerifyParts['config'],
  { app_id: of, team_id, user_team_id, enterprise_id }: Speaker,
): Refused | undefined {
  if (of !== app_id) return 'app';
  const here = enterprise !== undefined && enterprise_id === enterprise;
  if (!here && (team_id === undefined || !workspaces.includes(team_id))) return 'workspace';
  // Within an organisation people click in workspaces other than their own: Slack is asked about those.
  if (user_team_id === undefined || enterprise !== undefined) return undefined;
  return workspaces.includes(user_team_id) ? undefined : 'foreign';
}

function notOurs({ workspaces, enterprise }: VerifyParts['config'], user: JsonObject): Refused | undefined {
  const is = (name: string): boolean => member(user, name) === true;
  // Absent is not false: a shape nobody knows lets nobody in.
  if (
    ['deleted', 'is_bot', 'is_restricted', 'is_ultra_restricted'].some(
      (name) => typeof member(user, name) !== 'boolean',
    )
  )
    return is('deleted') ? 'inactive' : 'unsure';
  if (is('deleted') || is('is_invited_user')) return 'inactive';
  if (is('is_bot') || is('is_app_user') || member(user, 'id') === 'USLACKBOT') return 'bot';
  if (is('is_stranger')) return 'foreign';
  if (is('is_restricted') || is('is_ultra_restricted')) return 'guest';
  const team = member(user, 'team_id');
  const own =
    enterprise === undefined
      ? typeof team === 'string' && workspaces.includes(team)
      : enterpriseOf(user)?.['enterprise_id'] === enterprise;
  return own ? undefined : 'foreign';
}

const enterpriseOf = (user: JsonObject): JsonObject | undefined => {
  const found = member(user, 'enterprise_user');
  return isJsonObject(found) ? found : undefined;
};

/** `slack:<organisation or workspace>/<person>`: an id alone is one of each workspace that has it. */
function accountOf({ enterprise }: VerifyParts['config'], user: JsonObject): Account {
  const place = enterprise ?? String(member(user, 'team_id'));
  const id =
    enterprise === undefined ? member(user, 'id') : (enterpriseOf(user)?.['id'] ?? member(user, 'id'));
  return `slack:${place}/${String(id)}`.toLowerCase();
}

/** As Slack calls them: shown to whoever links the account, believed by nobody. */
function labelOf(user: JsonObject): string {
  const name = member(user, 'real_name') ?? member(user, 'name');
  return typeof name === 'string' ? name.slice(0, 100) : String(member(user, 'id'));
}

/** The person’s direct messages, by an account as `accountOf` writes it. */
export function placeOfAccount(account: Account): string | undefined {
  const [, id] = /^slack:[te][a-z0-9]{2,20}\/([uw][a-z0-9]{2,20})$/.exec(account) ?? [];
  return id?.toUpperCase();
}
