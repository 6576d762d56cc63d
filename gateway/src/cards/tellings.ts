/**
 * Every card a request will have: where it is asked at once, and where it will be asked again or passed on if nobody resolves
 * it. Pure. It brings together the places of the routes and the plan of who is told when.
 */

import type { Hours } from '../channels/attention/config.ts';
import type { ChannelsConfig } from '../channels/config.ts';
import { parseDuration } from '../config/duration.ts';
import { type Place as PlannedPlace, plan } from './attention/plan.ts';
import {
  type AskedAbout,
  matches,
  type Place,
  type Plan,
  placesFor,
  placesOf,
  type Reachable,
  type Told,
} from './plan.ts';

export type Telling = {
  readonly asked: AskedAbout & { readonly opened_at: number; readonly expires_at: number };
  readonly plan: Plan;
  /** Whom a step of escalation may tell: everybody, as it lets nobody answer. */
  readonly everybody: readonly Reachable[];
  readonly attention: ChannelsConfig['attention'];
  readonly likeness: string;
};

export function tellingsOf({
  asked,
  plan: asking,
  everybody,
  attention,
  likeness,
}: Telling): readonly Told[] {
  const known = new Map<string, Place>();
  const hoursOf = (person: Reachable): readonly Hours[] =>
    person.groups.flatMap((group) => attention.hours[group] ?? []);
  const planned = (places: readonly Place[]): readonly PlannedPlace[] =>
    places.map((place) => {
      const at = `${place.channel}:${place.place}`;
      known.set(at, place);
      return { at, ...(place.person === undefined ? {} : { hours: hoursOf(place.person) }) };
    });
  const escalations = attention.escalate
    .filter(({ when }) => matches(when, asked))
    .map(({ after, to }) => ({
      after_ms: parseDuration(after) ?? 0,
      places: planned(placesOf(to, { ...asking, people: everybody })),
    }));
  const tellings = plan(asked, { places: planned(placesFor(asked, asking)), escalations, attention });
  const turns = new Map<string, number>();
  return tellings.flatMap(({ place: at, because, due_at }) => {
    const place = known.get(at);
    if (place === undefined) return [];
    const turn = turns.get(`${at} ${because}`) ?? 0;
    turns.set(`${at} ${because}`, turn + 1);
    const { channel, place: where, person } = place;
    const whose = person === undefined ? {} : { person: person.id };
    return [{ channel, place: where, because, turn, due_at, likeness, ...whose }];
  });
}
