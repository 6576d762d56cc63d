/**
 * Slack as a channel: cards in channels and direct messages, answered by a click. It proves by Slack's own signature, or by
 * a connection this gateway opened with its own token, that Slack speaks; asks Slack who somebody is; draws and carries. It
 * decides nothing, and nothing in it is loaded where Slack is not configured.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelDoor, ChannelHealth, OpenChannel } from '../channel.ts';
import { createAnswers } from './answers.ts';
import { createPace } from './api/pace.ts';
import { createApi, type SlackApi } from './api/web.ts';
import { createPlaces } from './cards/places.ts';
import { createPosts } from './cards/posts.ts';
import type { SlackConfig } from './config.ts';
import { drawCard, TOO_LONG } from './draw/card.ts';
import { createWho, placeOfAccount } from './verify.ts';
import { createHandler } from './wire/http.ts';
import type { Taken } from './wire/payloads.ts';
import { createSeen } from './wire/seen.ts';
import { createVerifier, WINDOW_MS } from './wire/signature.ts';
import { openSocket, type SlackSocket } from './wire/socket.ts';

const SEEN_MAX = 100_000;

export const openSlack: OpenChannel<SlackConfig> = async (
  config,
  { door, secret, way },
): Promise<Channel> => {
  const bot_token = tokenOf(secret(config.bot_token, 'channels.slack.bot_token'), 'bot_token', 'xoxb-');
  const app_token =
    config.app_token === undefined
      ? undefined
      : tokenOf(secret(config.app_token, 'channels.slack.app_token'), 'app_token', 'xapp-');
  const pace = createPace(door.now, (ms) => sleep(ms));
  const api = createApi({
    api: config.api,
    bot_token,
    ...(app_token === undefined ? {} : { app_token }),
    pace,
    now: door.now,
    way,
  });
  const places = createPlaces(
    api,
    door.now,
    config.enterprise === undefined ? undefined : config.workspaces[0],
  );
  const posts = createPosts({ api, app_id: config.app_id, places, door });
  const answers = createAnswers({ config, api, door, places, who: createWho({ config, api, door }) });
  // Twice the window: a request may be stamped as far ahead of our clock as behind it.
  // By the machine's own clock: what Slack's own is compared with.
  const seen = createSeen(Date.now, { lasts_ms: 2 * WINDOW_MS, most: SEEN_MAX });
  let closed = false;
  const intake = { accepts: () => !closed && answers.accepts(), take: (taken: Taken) => answers.take(taken) };
  const install = lookAtInstall(config, api, door);
  const socket =
    app_token === undefined
      ? undefined
      : openSocket({
          app_id: config.app_id,
          open: () => api.openConnection(),
          seen,
          ...intake,
          log: door.log,
          now: door.now,
          random: Math.random,
          way,
        });
  const handle =
    config.signing_secret === undefined
      ? undefined
      : createHandler({
          verify: createVerifier({
            secret: secret(config.signing_secret, 'channels.slack.signing_secret'),
            now: Date.now,
            seen,
          }),
          ...intake,
          refused: (why) =>
            door.log.warn({ channel: 'slack', why }, 'a request that claims to be Slack’s was refused'),
        });
  return {
    kind: 'slack',
    places: config.to,
    placeOf: placeOfAccount,
    cannotShow: (card) => (drawCard(card).complete ? undefined : TOO_LONG),
    post: posts.post,
    update: posts.update,
    say: posts.say,
    ...(handle === undefined ? {} : { handle }),
    health: () => healthOf(api, socket, install),
    async close() {
      closed = true;
      socket?.close();
      await answers.idle();
      await api.close();
      await install.done;
    },
  };
};

function tokenOf(token: string, field: string, begins: string): string {
  if (!token.startsWith(begins) || !/^[\x21-\x7e]{10,500}$/.test(token))
    throw new Error(
      `channels.slack.${field}: must be a token that begins with ${begins}; what is there is something else`,
    );
  return token;
}

type Install = {
  readonly done: Promise<void>;
  trouble(): { readonly since: number; readonly says: string } | undefined;
};

/** Whether the bot is of a workspace that is named: else it posts, and everybody who clicks is refused. */
function lookAtInstall(
  { workspaces, enterprise }: SlackConfig,
  api: SlackApi,
  { now, log }: Pick<ChannelDoor, 'now' | 'log'>,
): Install {
  let trouble: ReturnType<Install['trouble']>;
  const look = async (): Promise<void> => {
    const { team_id, enterprise_id } = await api.call('auth.test');
    const named =
      enterprise === undefined ? workspaces.includes(String(team_id)) : enterprise_id === enterprise;
    if (named) return;
    const says = `bot_token is of workspace ${String(team_id).slice(0, 24)}, which neither workspaces nor enterprise of channels.slack names: nobody there could answer`;
    trouble = { since: now(), says };
    log.warn({ channel: 'slack' }, says);
  };
  // What Slack said is in its own trouble; it is not asked again for this.
  return { done: look().catch(() => undefined), trouble: () => trouble };
}

function healthOf(api: SlackApi, socket: SlackSocket | undefined, install: Install): ChannelHealth {
  const trouble = api.trouble() ?? socket?.trouble() ?? install.trouble();
  if (trouble !== undefined) return { ok: false, ...trouble };
  return {
    ok: true,
    says: socket === undefined ? 'Slack calls the gateway' : 'connected to Slack (Socket Mode)',
  };
}
