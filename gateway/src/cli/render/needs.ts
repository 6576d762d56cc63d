/** A requirement in words. Pure. */
import type { Quorum, Requirement, Seat } from '@countersign/core';
import { inline } from './frame.ts';
import { span } from './time.ts';

export function needsText(
  { seats, choices, exclude, valid_ms, uses }: Requirement,
  { filled, needed }: Quorum,
): string {
  const asked = [
    ...(seats.length === 0 ? [] : [seats.map(seatText).join(' and ')]),
    ...choices.map(({ anyOf }) => anyOf.map((way) => way.map(seatText).join(' and ')).join(', or ')),
  ].join('; and ');
  const but = exclude.length === 0 ? '' : `, but not ${exclude.map(inline).join(', ')}`;
  const then = `Approved, it may run ${uses === 1 ? 'once' : `${uses} times`} within ${span(valid_ms)}.`;
  return `${asked}${but} · ${filled} of ${needed} so far. ${then}`;
}

function seatText({ by, count, proof }: Seat): string {
  const who =
    by === 'anyone' ? plural(count, 'reviewer') : `${plural(count, 'person', 'people')} of ${inline(by)}`;
  const seat = by.startsWith('person:') ? inline(by.slice('person:'.length)) : who;
  return proof === 'session'
    ? seat
    : `${seat} with ${proof === 'passkey' ? 'a passkey' : 'a recent sign-in'}`;
}

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
