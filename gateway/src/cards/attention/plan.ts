/**
 * When which place is told of a request: asked, reminded, passed on. Pure. Made once, as the request is opened, and kept as
 * the rows that will be due; what is resolved by then is never sent. A place that is a person keeps their office hours; one
 * that many read is told at once. To be told lets nobody answer: that is the policy's word, asked anew of every answer.
 */
import { RISKS, type Risk } from '@countersign/core';
import { type Attention, type Hours, remindersOf } from '../../channels/attention/config.ts';
import type { Card } from '../../channels/channel.ts';
import { onDutyAt } from './hours.ts';

export type Place = {
  /** `KIND:PLACE`. */
  readonly at: string;
  /** Of the person it is; absent where many read it. */
  readonly hours?: readonly Hours[];
};

export type Telling = {
  readonly place: string;
  readonly because: Card['because'];
  /** Not before; unix milliseconds. */
  readonly due_at: number;
};

export type Asked = { readonly risk: Risk; readonly opened_at: number; readonly expires_at: number };
/** Whom a step of escalation tells, and how long after the opening. */
export type Escalation = { readonly after_ms: number; readonly places: readonly Place[] };

export type Planning = {
  readonly places: readonly Place[];
  readonly escalations: readonly Escalation[];
  readonly attention: Pick<Attention, 'urgent_from' | 'remind'>;
};

/** Nobody is told of what they then have no time to look at. */
const LEAST_LEFT_MS = 30_000;

export function plan(asked: Asked, { places, escalations, attention }: Planning): readonly Telling[] {
  const urgent = isUrgent(asked.risk, attention.urgent_from);
  const tell = (
    { at, hours = [] }: Place,
    because: Card['because'],
    after_ms: number,
  ): readonly Telling[] => {
    const earliest = asked.opened_at + after_ms;
    const due_at = urgent ? earliest : onDutyAt(hours, earliest);
    const left = asked.expires_at - due_at;
    // The first telling is never kept back for what is left of a short life.
    const enough = because === 'asked' ? left > 0 : left >= LEAST_LEFT_MS;
    return enough ? [{ place: at, because, due_at }] : [];
  };
  const first = places.flatMap((place) => tell(place, 'asked', 0));
  const reminded = places.flatMap((place) =>
    remindersOf(attention).flatMap((after) => tell(place, 'reminded', after)),
  );
  const escalated = escalations.flatMap(({ after_ms, places: to }) =>
    to.flatMap((place) => tell(place, 'escalated', after_ms)),
  );
  return once([...first, ...escalated, ...reminded]);
}

const isUrgent = (risk: Risk, from: Attention['urgent_from']): boolean =>
  from !== 'never' && RISKS.indexOf(risk) >= RISKS.indexOf(from);

/** A place is told once at a time: what would fall together there, or was said there already by its being asked, is said once. */
function once(tellings: readonly Telling[]): readonly Telling[] {
  const kept: Telling[] = [];
  for (const telling of tellings) {
    const there = kept.filter(({ place }) => place === telling.place);
    const again = there.some(
      ({ due_at, because }) =>
        due_at === telling.due_at || (because === telling.because && because !== 'reminded'),
    );
    // Written to late, for their hours: a reminder that was due by then says nothing new.
    const early = telling.because === 'reminded' && there.some(({ due_at }) => due_at >= telling.due_at);
    if (!again && !early) kept.push(telling);
  }
  return kept.toSorted((one, other) => one.due_at - other.due_at);
}
