/**
 * Microsoft Teams: one bot of one tenant. It posts cards, changes them in place, and carries what people press on them to
 * the door. It never takes anything written as an answer, sends its token to nobody but the cloud it is configured for,
 * and keeps nothing: where a card is, is in what `post` returns, and everything else is asked again (decision 0023).
 */
import type { JsonObject } from '@countersign/core';
import { createRateLimit, type RateLimit } from '../../limits/rate.ts';
import {
  type Account,
  type Card,
  type Channel,
  type ChannelDoor,
  type ChannelHealth,
  type ChannelParts,
  ChannelTrouble,
  type Notice,
  type OpenChannel,
  type Posted,
} from '../channel.ts';
import { Answers, failing, type InvokeAnswer, SAYS, saying } from './answers.ts';
import { type Cloud, cloudOf } from './clouds.ts';
import { Commands, placed } from './commands.ts';
import type { TeamsConfig } from './config.ts';
import type { Inbound } from './intake/activity.ts';
import { Intake } from './intake/door.ts';
import { objectIdOf, Roster } from './people.ts';
import { Posts } from './posts.ts';
import { fits } from './render/card.ts';
import { Connector } from './service/connector.ts';
import { Credential } from './service/credential.ts';
import { Http } from './service/http.ts';
import { BotKeys } from './service/keys.ts';

const IN_HAND_MAX = 50;
/** What one person may press, and their clients ask by themselves: a screen full of cards at once, and then steadily. */
const PRESSED = { burst: 300, per_second: 5, keys_max: 5_000 };
/** What one person may write: replies are made, and links. */
const WRITTEN = { burst: 10, per_second: 0.2, keys_max: 5_000 };

export const open: OpenChannel<TeamsConfig> = (config, parts) => Promise.resolve(new Teams(config, parts));

/** How often what could not be had is asked for again, while somebody looks. */
const PREPARE_MS = 5_000;
const NO_KEYS =
  'The keys of Bot Framework cannot be had, so no press can be taken; the gateway must reach their host (docs/teams.md)';

class Teams implements Channel {
  readonly kind = 'teams';
  readonly places: readonly string[];
  readonly #config: TeamsConfig;
  readonly #cloud: Cloud;
  readonly #door: ChannelDoor;
  readonly #http: Http;
  readonly #connector: Connector;
  readonly #posts: Posts;
  readonly #answers: Answers;
  readonly #commands: Commands;
  readonly #intake: Intake;
  readonly #pressed: RateLimit;
  readonly #written: RateLimit;
  #in_hand = 0;
  readonly #credential: Credential;
  readonly #keys: BotKeys;
  #prepared_at = Number.NEGATIVE_INFINITY;
  #unready: { readonly since: number; readonly says: string } | undefined = undefined;
  #trouble: { readonly since: number; readonly says: string } | undefined;

  constructor(config: TeamsConfig, { door, secret, way }: ChannelParts) {
    const { app_id, tenant } = config;
    const cloud = cloudOf(config);
    const now = (): number => door.now();
    const http = new Http(way);
    this.#http = http;
    this.#config = config;
    this.places = config.to;
    this.#cloud = cloud;
    this.#door = door;
    const credential = new Credential({
      login: cloud.login,
      scope: cloud.scope,
      tenant,
      app_id,
      secret: secret(config.client_secret, 'channels.teams.client_secret'),
      http,
      now,
    });
    this.#connector = new Connector({ credential, http, now });
    this.#pressed = createRateLimit(PRESSED, now);
    this.#written = createRateLimit(WRITTEN, now);
    const roster = new Roster({ connector: this.#connector, tenant, now });
    this.#posts = new Posts({ config, cloud, door, connector: this.#connector, roster });
    const named = { door, roster, tenant, login: cloud.login };
    this.#answers = new Answers(named);
    this.#commands = new Commands(named);
    const keys = new BotKeys({ cloud, http, now, log: door.log });
    this.#intake = new Intake({
      token: { cloud, app_id, keys, now },
      tenant,
      path: '/channels/teams/messages',
      click: (inbound) => this.#click(inbound),
      other: (inbound) => this.#other(inbound),
      now,
      log: door.log,
    });
    this.#credential = credential;
    this.#keys = keys;
    // Not waited for: a start must not, and the first card and the first press then need not either.
    void this.#prepare();
  }

  handle: NonNullable<Channel['handle']> = (request, response) => this.#intake.handle(request, response);

  cannotShow(card: Card): string | undefined {
    return fits(card) ? undefined : SAYS.short;
  }

  placeOf(account: Account): string | undefined {
    const object_id = objectIdOf(account, this.#config.tenant, this.#cloud.login);
    return object_id === undefined ? undefined : `user:${object_id}`;
  }

  post(card: Card, to: string): Promise<Posted> {
    return this.#watched(() => this.#posts.post(card, to));
  }

  update(card: Card, posted: Posted): Promise<void> {
    return this.#watched(() => this.#posts.update(card, posted));
  }

  say(notice: Notice, to: string): Promise<void> {
    return this.#watched(() => this.#posts.say(notice, to));
  }

  health(): ChannelHealth {
    if (this.#unready !== undefined && this.#door.now() - this.#prepared_at > PREPARE_MS)
      void this.#prepare();
    const trouble = this.#unready ?? this.#trouble;
    if (trouble !== undefined) return { ok: false, ...trouble };
    return { ok: true, says: 'cards are posted and changed as they should be' };
  }

  /** What nothing works without: the bot’s token, and the keys of those who speak for Teams. */
  async #prepare(): Promise<void> {
    const now = this.#door.now();
    this.#prepared_at = now;
    const says = await this.#credential.token().then(
      async () => ((await this.#keys.warm()) ? undefined : NO_KEYS),
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    this.#unready = says === undefined ? undefined : { since: this.#unready?.since ?? now, says };
  }

  async close(): Promise<void> {
    this.#intake.close();
    await this.#http.close();
  }

  async #click(inbound: Extract<Inbound, { kind: 'click' }>): Promise<InvokeAnswer> {
    if (this.#pressed.take(inbound.from.id) > 0) return saying(SAYS.much);
    this.#posts.learn(inbound.where);
    try {
      return await this.#answers.answer(inbound);
    } catch (error) {
      this.#door.log.error({ why: String(error) }, 'teams: a click could not be taken');
      return failing(500, 'InternalServerError', SAYS.fault);
    }
  }

  async #other(inbound: Inbound): Promise<void> {
    this.#posts.learn(inbound.where);
    if (inbound.kind === 'other' || this.#in_hand >= IN_HAND_MAX) return;
    if (this.#written.take(inbound.from.id) > 0) return;
    this.#in_hand += 1;
    try {
      await this.#react(inbound);
    } catch (error) {
      this.#door.log.warn({ why: String(error) }, 'teams: a message was not replied to');
    } finally {
      this.#in_hand -= 1;
    }
  }

  async #react(inbound: Inbound): Promise<void> {
    const { where, from } = inbound;
    if (inbound.kind === 'removed') {
      this.#door.log.warn(
        { place: where.place },
        'teams: the bot was removed from a place; no card can be posted there',
      );
      return;
    }
    const reply = await this.#replyTo(inbound);
    if (reply !== undefined)
      await this.#connector.send(where.service, where.conversation, { ...reply, recipient: { id: from.id } });
  }

  async #replyTo(inbound: Inbound): Promise<JsonObject | undefined> {
    if (inbound.kind === 'added') return placed(inbound.where);
    if (inbound.kind === 'submitted') return this.#commands.reply('', inbound.where, inbound.from);
    if (inbound.kind !== 'message') return undefined;
    return this.#commands.reply(inbound.text, inbound.where, inbound.from);
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#trouble = undefined;
      if (this.#unready !== undefined) void this.#prepare();
      return result;
    } catch (error) {
      if (error instanceof ChannelTrouble) this.#trouble ??= { since: this.#door.now(), says: error.message };
      throw error;
    }
  }
}
