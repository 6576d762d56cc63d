/** A requirement in words. Pure. */
import {
  type BreakGlass,
  type GrantTerms,
  type Quorum,
  type Requirement,
  type Seat,
  type Stage,
  stagesOf,
} from '@countersign/core';
import { inline } from './frame.ts';
import { span } from './time.ts';

/** Who must review, and what an approval is then good for: to set beside another. */
export function reviewText(requirement: Requirement): string {
  const { exclude, within_ms, valid_ms, uses, grant, break_glass } = requirement;
  const asked = stagesOf(requirement).map(stageText).join('; then ');
  const but = exclude.length === 0 ? '' : `, not ${exclude.map(inline).join(', ')}`;
  return `${asked}${but}; within ${span(within_ms)}, then ${uses === 1 ? 'once' : `${uses} times`} in ${span(valid_ms)}${offered(grant)}${emergency(break_glass)}`;
}

export function needsText(requirement: Requirement, { filled, needed, stage, stages }: Quorum): string {
  const { exclude, valid_ms, uses, grant, break_glass } = requirement;
  const asked = stagesOf(requirement).map(stageText).join('; then ');
  const at = stage === undefined ? '' : ` (stage ${stage} of ${stages})`;
  const but = exclude.length === 0 ? '' : `, but not ${exclude.map(inline).join(', ')}`;
  const then = `Approved, it may run ${uses === 1 ? 'once' : `${uses} times`} within ${span(valid_ms)}.${offered(grant)}${emergency(break_glass)}`;
  return `${asked}${but} · ${filled} of ${needed} so far${at}. ${then}`;
}

const offered = (grant: GrantTerms | undefined): string =>
  grant === undefined
    ? ''
    : ` A grant may be given with it: at most ${grant.uses} calls of this tool within ${span(grant.lasts_ms)}.`;

const emergency = (glass: BreakGlass | undefined): string =>
  glass === undefined
    ? ''
    : ` In an emergency ${glass.by.map(inline).join(' and ')} may break the glass, with a passkey, in a browser.`;

const stageText = ({ seats, choices }: Stage): string =>
  [
    ...(seats.length === 0 ? [] : [seats.map(seatText).join(' and ')]),
    ...choices.map(({ anyOf }) => anyOf.map((way) => way.map(seatText).join(' and ')).join(', or ')),
  ].join('; and ');

function seatText({ by, count, proof }: Seat): string {
  const outside = by.startsWith('outside:') ? by.slice('outside:'.length) : undefined;
  if (outside !== undefined)
    return proven(`${plural(count, 'reviewer')} outside group:${inline(outside)}`, proof);
  if (by === 'role:operator') return proven(plural(count, 'operator'), proof);
  const who =
    by === 'anyone' ? plural(count, 'reviewer') : `${plural(count, 'person', 'people')} of ${inline(by)}`;
  const seat = by.startsWith('person:') ? inline(by.slice('person:'.length)) : who;
  return proven(seat, proof);
}

function proven(seat: string, proof: Seat['proof']): string {
  return proof === 'session'
    ? seat
    : `${seat} with ${proof === 'passkey' ? 'a passkey' : 'a recent sign-in'}`;
}

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
