/**
 * Where cards are: posted to a channel, a group chat or one person, and changed there. It decides nothing of what a card says
 * and answers for nobody; it names in a card whose clients draw a view of their own.
 */
import type { JsonObject } from '@countersign/core';
import { type Card, type ChannelDoor, ChannelTrouble, type Notice, type Posted } from '../channel.ts';
import { type Cloud, serviceUrl } from './clouds.ts';
import type { TeamsConfig } from './config.ts';
import type { Where } from './intake/activity.ts';
import { accountsOf, nameOf, type Roster } from './people.ts';
import { cardForAll, hasButtons, message, REFRESHED_MAX } from './render/card.ts';
import { drawNotice } from './render/notice.ts';
import type { Connector } from './service/connector.ts';

const PLACES_MAX = 1_000;
const ASKED_AT_ONCE = 8;
const UNMET =
  'The bot has not met this person: they write to it once, or are added to a team of channels.teams.to';

/** What Microsoft calls a conversation reference: all there is to know to change a message. */
type Reference = { readonly s: string; readonly c: string; readonly a: string };

export type PostsOptions = {
  readonly config: TeamsConfig;
  readonly cloud: Cloud;
  readonly door: ChannelDoor;
  readonly connector: Connector;
  readonly roster: Roster;
};

export class Posts {
  readonly #config: TeamsConfig;
  readonly #cloud: Cloud;
  readonly #door: ChannelDoor;
  readonly #connector: Connector;
  readonly #roster: Roster;
  /** Where Teams said a place is served from; the cloud’s own address serves them all, if more slowly. */
  readonly #services = new Map<string, string>();
  /** The teams of channels, as far as Teams has said them. */
  readonly #teams = new Map<string, string>();

  constructor({ config, cloud, door, connector, roster }: PostsOptions) {
    this.#config = config;
    this.#cloud = cloud;
    this.#door = door;
    this.#connector = connector;
    this.#roster = roster;
  }

  /** @throws ChannelTrouble */
  async post(card: Card, to: string): Promise<Posted> {
    const service = this.#services.get(to) ?? this.#cloud.service;
    const { c, a } = await (to.startsWith('user:')
      ? this.#postToOne(card, service, to.slice('user:'.length).toLowerCase())
      : this.#postToPlace(card, service, to));
    return JSON.stringify({ s: service, c, a } satisfies Reference);
  }

  /** @throws ChannelTrouble */
  async update(card: Card, posted: Posted): Promise<void> {
    const { s, c, a } = readReference(posted);
    // An address of another cloud, of an earlier configuration: the token does not go there (A26).
    if (serviceUrl(s, this.#cloud) === undefined)
      throw new ChannelTrouble('The card was posted through another cloud than the one configured', 'never');
    const place = c.replace(/;messageid=\d+$/, '');
    const ids = await this.#shownTo(card, s, place);
    await this.#connector.update(s, { conversation: c, activity: a }, message(card, cardForAll(card, ids)));
  }

  /** @throws ChannelTrouble */
  async say(notice: Notice, to: string): Promise<void> {
    const service = this.#services.get(to) ?? this.#cloud.service;
    const activity = drawNotice(notice);
    if (!to.startsWith('user:')) {
      await this.#sendTo(to, service, activity);
      return;
    }
    const chat = await this.#chatWith(to.slice('user:'.length).toLowerCase(), service);
    await this.#connector.send(service, chat, activity);
  }

  async #postToPlace(card: Card, service: string, place: string): Promise<Omit<Reference, 's'>> {
    return this.#sendTo(
      place,
      service,
      message(card, cardForAll(card, await this.#shownTo(card, service, place))),
    );
  }

  async #sendTo(place: string, service: string, activity: JsonObject): Promise<Omit<Reference, 's'>> {
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
    const chat = await this.#chatWith(object_id, service);
    const ids = await this.#shownTo(card, service, chat);
    return { c: chat, a: await this.#connector.send(service, chat, message(card, cardForAll(card, ids))) };
  }

  /** The one there is, if there is one. */
  async #chatWith(object_id: string, service: string): Promise<string> {
    const known = await this.#idOf(object_id, service);
    const member = { id: known ?? object_id };
    const asked = { isGroup: false, tenantId: this.#config.tenant, members: [member] };
    const { id } = await this.#connector.create(service, asked).catch((error: unknown): never => {
      if (known !== undefined || !(error instanceof ChannelTrouble) || error.when !== 'never') throw error;
      // Not `never`: it works from the moment they write to it.
      throw new ChannelTrouble(UNMET, 'later');
    });
    return id;
  }

  /** Teams knows people by an id of their own for every bot; a team they are in says it. */
  async #idOf(object_id: string, service: string): Promise<string | undefined> {
    const known = this.#roster.idOf(object_id);
    if (known !== undefined) return known;
    for (const place of this.#config.to.filter((each) => each.startsWith('19:'))) {
      const member = await this.#connector.member(service, place, object_id).catch((error: unknown) => {
        if (!(error instanceof ChannelTrouble) || error.when !== 'never') throw error;
        return undefined; // not in this one
      });
      if (member?.object_id === object_id) return member.id;
    }
    return undefined;
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

  /** What an activity says of where it comes from. */
  learn({ place, service, team }: Where): void {
    if (this.#services.size >= PLACES_MAX) this.#services.clear();
    this.#services.set(place, service);
    if (team === undefined) return;
    if (this.#teams.size >= PLACES_MAX) this.#teams.clear();
    this.#teams.set(place, team);
  }
}

function readReference(posted: Posted): Reference {
  const { s, c, a } = JSON.parse(posted) as Partial<Reference>;
  if (typeof s !== 'string' || typeof c !== 'string' || typeof a !== 'string' || URL.parse(s) === null)
    throw new ChannelTrouble('Where the card was posted is not known any more', 'never');
  return { s, c, a };
}
