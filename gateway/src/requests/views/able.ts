/** Who could answer a request now: for whoever must find somebody. The same question as everywhere, asked of each (I4). */
import { type Case, eligibility, type Person } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';

/** Each is asked about in microseconds; of a large directory only so many, so that a view costs no more than a view. */
const ASKED_MAX = 1000;
const NAMED_MAX = 20;

export function ableTo(theCase: Case): NonNullable<RequestDetail['may_answer']> {
  const people: { readonly id: string; readonly name: string }[] = [];
  let asked = 0;
  for (const person of theCase.directory.people()) {
    asked += 1;
    if (asked > ASKED_MAX || people.length > NAMED_MAX) break;
    if (eligibility(person, theCase).eligible) people.push(named(person));
  }
  const more = asked > ASKED_MAX || people.length > NAMED_MAX;
  return { people: people.slice(0, NAMED_MAX), more };
}

const named = ({ id, name }: Person): { readonly id: string; readonly name: string } => ({ id, name });
