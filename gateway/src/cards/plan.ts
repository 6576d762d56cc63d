/**
 * Who is told of a request, and where: the routes of the configuration, and each channel's own places for what no route
 * speaks of. Pure. It only chooses places; whoever reads a card there may answer as far as the door lets them.
 */
import type { Requirement, Risk } from '@countersign/core';
import type { Card, Channel } from '../channels/channel.ts';
import type { ChannelsConfig, Route } from '../channels/config.ts';

/** Why a place has a card: asked first, asked again, or passed on. */
export type Because = Card['because'];

export type Place = {
  readonly channel: string;
  readonly place: string;
  /** Whose own place it is; absent where many read it. */
  readonly person?: Reachable;
};

/** One card to come. */
export type Told = {
  readonly channel: string;
  readonly place: string;
  readonly person?: string;
  readonly because: Because;
  /** How many before it said so there. */
  readonly turn: number;
  /** Not before then; what is over by then is never posted. */
  readonly due_at: number;
  /** Equal for requests that may be looked at together. */
  readonly likeness: string;
};

export type AskedAbout = {
  readonly upstream: string;
  readonly env: string;
  readonly agent: string;
  readonly risk: Risk;
  readonly rules: readonly string[];
  readonly requirement: Requirement;
};

/** Somebody who may answer, by every account they have. */
export type Reachable = {
  readonly id: string;
  readonly groups: readonly string[];
  /** Groups of absent people in whose seats they sit: written to in their stead. */
  readonly stands_in?: readonly string[];
  readonly accounts: readonly string[];
};

export type Reach = Pick<Channel, 'kind' | 'places' | 'placeOf'>;

export type Plan = {
  readonly routes: ChannelsConfig['routes'];
  readonly channels: readonly Reach[];
  /** Those who may answer it. */
  readonly people: readonly Reachable[];
};

/** More places than this are more than a request needs: those first written are told (I15). */
export const PLACES_MAX = 50;

/** Where a request that was just asked is shown. */
export function placesFor(asked: AskedAbout, plan: Plan): readonly Place[] {
  const routed = plan.routes
    .filter(({ when }) => matches(when, asked))
    .flatMap(({ to }) => placesOf(to, plan));
  // Routes that reach nobody are as if nothing had been said: a request must not be shown nowhere for that (A20).
  const places = routed.length > 0 ? routed : plan.channels.flatMap((channel) => ownPlaces(channel, plan));
  return distinct(places);
}

/** Of a list as the configuration writes it. */
export const placesOf = (to: readonly string[], plan: Plan, most = PLACES_MAX): readonly Place[] =>
  distinct(
    to.flatMap((text) => expanded(text, plan)),
    most,
  );

function distinct(places: readonly Place[], most = PLACES_MAX): readonly Place[] {
  const found = new Map(places.map((place) => [`${place.channel}:${place.place}`, place]));
  return [...found.values()].slice(0, most);
}

export function matches(when: Route['when'], asked: AskedAbout): boolean {
  const of = (wanted: string | readonly string[] | undefined, has: readonly string[]): boolean =>
    wanted === undefined || [wanted].flat().some((one) => has.includes(one));
  return (
    of(when.group, groupsOf(asked.requirement)) &&
    of(when.env, [asked.env]) &&
    of(when.upstream, [asked.upstream]) &&
    of(when.rule, asked.rules) &&
    of(when.risk, [asked.risk]) &&
    of(when.agent, [asked.agent])
  );
}

/** Every group a seat of any stage asks for. */
export function groupsOf({ seats, choices, next = [] }: Requirement): readonly string[] {
  const stages = [{ seats, choices }, ...next];
  const all = stages.flatMap((stage) => [
    ...stage.seats,
    ...stage.choices.flatMap(({ anyOf }) => anyOf.flat()),
  ]);
  const groups = all.flatMap(({ by }) => (by.startsWith('group:') ? [by.slice('group:'.length)] : []));
  return [...new Set(groups)];
}

function ownPlaces(channel: Reach, plan: Plan): readonly Place[] {
  return channel.places.flatMap((place) => expanded(`${channel.kind}:${place}`, plan));
}

/** `slack:C01`, `mail:group:dba`, `slack:reviewers`. */
function expanded(text: string, { channels, people }: Plan): readonly Place[] {
  const at = text.indexOf(':');
  const [kind, to] = [text.slice(0, at), text.slice(at + 1)];
  const channel = channels.find((each) => each.kind === kind);
  if (channel === undefined) return [];
  const some = to === 'reviewers' ? people : to.startsWith('group:') ? membersOf(people, to) : undefined;
  if (some === undefined) return [{ channel: kind, place: to }];
  return some.flatMap((person) => {
    const place = placeOf(channel, person);
    return place === undefined ? [] : [{ channel: kind, place, person }];
  });
}

const membersOf = (people: readonly Reachable[], to: string): readonly Reachable[] =>
  people.filter(({ groups, stands_in = [] }) =>
    [...groups, ...stands_in].includes(to.slice('group:'.length)),
  );

/** One place a person and channel, by the first account it can reach. */
function placeOf(channel: Reach, { accounts }: Reachable): string | undefined {
  for (const account of accounts) {
    const place = channel.placeOf?.(account);
    if (place !== undefined) return place;
  }
  return undefined;
}
