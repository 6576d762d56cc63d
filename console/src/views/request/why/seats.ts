/**
 * Why a request asks, and whom: the rule, what it saw, the seats it takes. Everything is as the gateway says; here it is
 * only put into words.
 *
 * This file: seats in words.
 */
import { type By, type Proof, type Seat, type Stage, stagesOf } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { counted } from '../../../words/size.ts';

/** Completes “one person of …”. */
export function whoIs(by: By): string {
  if (by === 'anyone') return 'any reviewer';
  if (by === 'role:operator') return 'another operator';
  const [kind, ...name] = by.split(':');
  const id = name.join(':');
  if (kind === 'group') return `of ${id}`;
  if (kind === 'outside') return `from outside ${id}`;
  return id;
}

const PROOF: { readonly [P in Proof]: string } = {
  session: '',
  recent: ', signed in within ten minutes',
  passkey: ', with a passkey',
};

/** `2 people of platform, with a passkey`. */
export function seatWords({ by, count, proof }: Seat): string {
  const who = whoIs(by);
  const bare = by === 'anyone' || by === 'role:operator' || by.startsWith('person:');
  if (bare && count === 1) return `${who}${PROOF[proof]}`;
  const people = counted(count, 'person', 'people');
  return `${people} ${by === 'anyone' ? 'who review' : by === 'role:operator' ? 'who operate' : who}${PROOF[proof]}`;
}

export type Step = {
  readonly asks: readonly string[];
  /** Of the stages: over, going on, or still to come. */
  readonly state: 'done' | 'now' | 'later';
};

export function stepsOf({ requirement, quorum, status }: RequestDetail): readonly Step[] {
  const stages = stagesOf(requirement);
  const now = quorum.stage ?? 1;
  return stages.map((stage, at) => ({
    asks: asksOf(stage),
    state: stateOf(at + 1, { now, met: quorum.met, status }),
  }));
}

type Now = { readonly now: number; readonly met: boolean; readonly status: RequestDetail['status'] };

function stateOf(stage: number, { now, met, status }: Now): Step['state'] {
  if (met || status === 'approved' || stage < now) return 'done';
  return stage === now && status === 'pending' ? 'now' : 'later';
}

const asksOf = ({ seats, choices }: Stage): readonly string[] => [
  ...seats.map(seatWords),
  ...choices.map(({ anyOf }) => anyOf.map((way) => way.map(seatWords).join(' and ')).join(', or ')),
];
