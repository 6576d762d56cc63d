/** Which conversations a place of the configuration is: a channel, one person, or each who is in a user group now. */
import { member } from '@countersign/core';
import { SlackTrouble } from '../api/trouble.ts';
import type { SlackApi } from '../api/web.ts';
import { PLACE } from '../config.ts';

/** `mention`: a user group to tell of it there. */
export type Target = { readonly channel: string; readonly mention?: string };

const MEMBERS_MAX = 20;
const GROUP_MS = 60_000;
const DIRECT_MAX = 5_000;

export type Places = { of(to: string): Promise<readonly Target[]>; direct(user: string): Promise<string> };

export function createPlaces(
  api: Pick<SlackApi, 'call'>,
  now: () => number,
  workspace: string | undefined,
): Places {
  const direct = new Map<string, string>();
  const groups = new Map<string, { readonly at: number; readonly users: readonly string[] }>();

  const directOf = async (user: string): Promise<string> => {
    const held = direct.get(user);
    if (held !== undefined) return held;
    const { channel } = await api.call('conversations.open', { users: user });
    const id = typeof channel === 'object' && channel !== null && 'id' in channel ? channel.id : undefined;
    if (typeof id !== 'string')
      throw new SlackTrouble('unclear', {
        message: 'conversations.open: no conversation in Slack’s answer',
        when: 'later',
      });
    if (direct.size >= DIRECT_MAX) direct.clear();
    direct.set(user, id);
    return id;
  };

  const usersOf = async (group: string): Promise<readonly string[]> => {
    const held = groups.get(group);
    if (held !== undefined && now() - held.at < GROUP_MS) return held.users;
    const answer = await api.call('usergroups.users.list', {
      usergroup: group,
      ...(workspace === undefined ? {} : { team_id: workspace }),
    });
    const listed = member(answer, 'users');
    const users = Array.isArray(listed) ? listed.filter((each) => typeof each === 'string') : [];
    groups.set(group, { at: now(), users });
    return users;
  };

  return {
    direct: directOf,
    async of(to) {
      if (!PLACE.test(to))
        throw new SlackTrouble('place', {
          message: `slack:${to.slice(0, 40)} is no place; write C…, C…+S…, U… or S…`,
          when: 'never',
        });
      if (/^[UW]/.test(to)) return [{ channel: await directOf(to) }];
      if (!to.startsWith('S')) {
        const [channel = '', mention] = to.split('+');
        return [mention === undefined ? { channel } : { channel, mention }];
      }
      const users = await usersOf(to);
      if (users.length === 0)
        throw new SlackTrouble('empty_group', {
          message: `nobody is in the user group ${to}`,
          when: 'later',
        });
      if (users.length > MEMBERS_MAX)
        throw new SlackTrouble('large_group', {
          message: `${users.length} people are in the user group ${to}: at most ${MEMBERS_MAX} are told by themselves; post to a channel and mention it: C…+${to}`,
          when: 'never',
        });
      const targets: Target[] = [];
      for (const user of users) targets.push({ channel: await directOf(user) });
      return targets;
    },
  };
}
