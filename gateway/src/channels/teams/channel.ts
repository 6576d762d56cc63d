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
  type OpenChannel,
  type Posted,
} from '../channel.ts';
import { Answers, failing, type InvokeAnswer, SAYS, saying } from './answers.ts';
import { type Cloud, cloudOf, serviceUrl } from './clouds.ts';
import { Commands, placed } from './commands.ts';
import type { TeamsConfig } from './config.ts';
import type { Inbound } from './intake/activity.ts';
import { Intake } from './intake/door.ts';
import { accountsOf, nameOf, objectIdOf, Roster } from './people.ts';
import { cardForAll, fits, hasButtons, message, REFRESHED_MAX } from './render/card.ts';
import { Connector } from './service/connector.ts';
import { Credential } from './service/credential.ts';
import { Http } from './service/http.ts';
import { BotKeys } from './service/keys.ts';

const PLACES_MAX = 1_000;
const ASKED_AT_ONCE = 8;
const IN_HAND_MAX = 50;
/** What one person may press, and their clients ask by themselves: a screen full of cards at once, and then steadily. */
const PRESSED = { burst: 300, per_second: 5, keys_max: 5_000 };
/** What one person may write: replies are made, and links. */
const WRITTEN = { burst: 10, per_second: 0.2, keys_max: 5_000 };

export const open: OpenChannel<TeamsConfig> = (config, parts) => Promise.resolve(new Teams(config, parts));

type Reference = { readonly s: string; readonly c: string; readonly a: string };

class Teams implements Channel {
  readonly kind = 'teams';
  readonly places: readonly string[];
  readonly #config: TeamsConfig;
  readonly #cloud: Cloud;
  readonly #door: ChannelDoor;
  readonly #http = new Http();
  readonly #connector: Connector;
  readonly #roster: Roster;
  readonly #answers: Answers;
  readonly #commands: Commands;
  readonly #intake: Intake;
  /** Where Teams said a place is served from; the cloud’s own address serves them all, if more slowly. */
  readonly #services = new Map<string, string>();
  /** The teams of channels, as far as Teams has said them. */
  readonly #teams = new Map<string, string>();
  readonly #pressed: RateLimit;
  readonly #written: RateLimit;
  #in_hand = 0;
  #trouble: { readonly since: number; readonly says: string } | undefined;

  constructor(config: TeamsConfig, { door, secret }: ChannelParts) {
    const { app_id, tenant } = config;
    const cloud = cloudOf(config);
    const now = (): number => door.now();
    const http = this.#http;
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
    this.#roster = new Roster({ connector: this.#connector, tenant, now });
    const named = { door, roster: this.#roster, tenant, login: cloud.login };
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
    // The first who clicks, and the first card, need not wait for these. That they fail is noticed when they are needed.
    void keys.warm();
    void credential.token().catch(() => undefined);
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
    return this.#watched(async () => {
      const service = this.#services.get(to) ?? this.#cloud.service;
      const { c, a } = await (to.startsWith('user:')
        ? this.#postToOne(card, service, to.slice('user:'.length).toLowerCase())
        : this.#postToPlace(card, service, to));
      return JSON.stringify({ s: service, c, a } satisfies Reference);
    });
  }

  update(card: Card, posted: Posted): Promise<void> {
    return this.#watched(async () => {
      const { s, c, a } = readReference(posted);
      // An address of another cloud, of an earlier configuration: the token does not go there (A26).
      if (serviceUrl(s, this.#cloud) === undefined)
        throw new ChannelTrouble(
          'The card was posted through another cloud than the one configured',
          'never',
        );
      const place = c.replace(/;messageid=\d+$/, '');
      const ids = await this.#shownTo(card, s, place);
      await this.#connector.update(s, { conversation: c, activity: a }, message(card, cardForAll(card, ids)));
    });
  }

  health(): ChannelHealth {
    if (this.#trouble !== undefined) return { ok: false, ...this.#trouble };
    return { ok: true, says: 'cards are posted and changed as they should be' };
  }

  async close(): Promise<void> {
    this.#intake.close();
    await this.#http.close();
  }

  async #postToPlace(card: Card, service: string, place: string): Promise<Omit<Reference, 's'>> {
    const activity = message(card, cardForAll(card, await this.#shownTo(card, service, place)));
    if (/@thread\.v2$|@unq\./.test(place))
      return { c: place, a: await this.#connector.send(service, place, activity) };
    const { id, activity_id } = await this.#connector.create(service, {
      isGroup: true,
      tenantId: this.#config.tenant,
      channelData: { channel: { id: place } },
      activity,
    });
    if (activity_id === undefined)
      throw new ChannelTrouble('Teams did not say which message it made', 'unsure');
    return { c: id, a: activity_id };
  }

  async #postToOne(card: Card, service: string, object_id: string): Promise<Omit<Reference, 's'>> {
    const { id } = await this.#connector.create(service, {
      isGroup: false,
      tenantId: this.#config.tenant,
      members: [{ id: await this.#idOf(object_id, service) }],
    });
    const ids = await this.#shownTo(card, service, id);
    return { c: id, a: await this.#connector.send(service, id, message(card, cardForAll(card, ids))) };
  }

  /** Teams knows people by an id of their own for every bot; a team they are in says it. */
  async #idOf(object_id: string, service: string): Promise<string> {
    const known = this.#roster.idOf(object_id);
    if (known !== undefined) return known;
    for (const place of this.#config.to.filter((each) => each.startsWith('19:'))) {
      const member = await this.#connector.member(service, place, object_id).catch((error: unknown) => {
        if (!(error instanceof ChannelTrouble) || error.when !== 'never') throw error;
        return undefined; // not in this one
      });
      if (member?.object_id === object_id) return member.id;
    }
    return object_id;
  }

  /** Who is given a view with buttons: members of the place who are somebody here and may answer this. */
  async #shownTo(card: Card, service: string, place: string): Promise<readonly string[] | undefined> {
    if (card.status !== 'pending') return [];
    const { tenant } = this.#config;
    try {
      const members = await this.#roster.members(service, place, this.#teams.get(place));
      const known = members.flatMap(({ id, object_id }) => {
        const named = nameOf(this.#door, accountsOf(tenant, object_id, this.#cloud.login));
        return named.kind === 'person' ? [{ id, account: named.account }] : [];
      });
      // While there is room for all, their own views say who may and why not; only beyond it must that be asked now.
      if (known.length <= REFRESHED_MAX) return known.map(({ id }) => id);
      const found: string[] = [];
      for (let at = 0; at < known.length && found.length < REFRESHED_MAX; at += ASKED_AT_ONCE) {
        const some = known.slice(at, at + ASKED_AT_ONCE).map(async ({ id, account }) => {
          const own = await this.#door.cardFor(card.id, account);
          return own !== undefined && hasButtons(own) ? [id] : [];
        });
        found.push(...(await Promise.all(some)).flat());
      }
      return found.slice(0, REFRESHED_MAX);
    } catch (error) {
      if (!(error instanceof ChannelTrouble) || error.when !== 'never') throw error;
      // Named to nobody, the card is drawn anew for everybody in a place of up to sixty; beyond it, by its menu.
      this.#door.log.warn({ why: error.message, place }, 'teams: who is in a place could not be had');
      return undefined;
    }
  }

  async #click(inbound: Extract<Inbound, { kind: 'click' }>): Promise<InvokeAnswer> {
    if (this.#pressed.take(inbound.from.id) > 0) return saying(SAYS.much);
    this.#learn(inbound);
    try {
      return await this.#answers.answer(inbound);
    } catch (error) {
      this.#door.log.error({ why: String(error) }, 'teams: a click could not be taken');
      return failing(500, 'InternalServerError', SAYS.fault);
    }
  }

  async #other(inbound: Inbound): Promise<void> {
    this.#learn(inbound);
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

  #learn({ where: { place, service, team } }: Inbound): void {
    if (this.#services.size >= PLACES_MAX) this.#services.clear();
    this.#services.set(place, service);
    if (team === undefined) return;
    if (this.#teams.size >= PLACES_MAX) this.#teams.clear();
    this.#teams.set(place, team);
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#trouble = undefined;
      return result;
    } catch (error) {
      if (error instanceof ChannelTrouble) this.#trouble ??= { since: this.#door.now(), says: error.message };
      throw error;
    }
  }
}

function readReference(posted: Posted): Reference {
  const { s, c, a } = JSON.parse(posted) as Partial<Reference>;
  if (typeof s !== 'string' || typeof c !== 'string' || typeof a !== 'string' || URL.parse(s) === null)
    throw new ChannelTrouble('Where the card was posted is not known any more', 'never');
  return { s, c, a };
}
