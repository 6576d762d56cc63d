/**
 * May this person break the glass: let a held action run without the others, in an emergency? It lifts the quorum, its
 * stages and its groups, and never separation of duties (I4): whoever is responsible for the action, barred by policy or
 * changed the rules may not. And afterwards: may this person judge whether it was right. Pure; asked before a key is asked,
 * when the answer comes, and again before the run (I8).
 */
import { isSeatedBy, namedBy, type Person } from '../people.ts';
import type { BreakGlass, By, Requirement } from '../requirement.ts';
import { hasGivenSeat } from './duties.ts';
import { type Barred, barredBy, type Case, INELIGIBLE, isExcluded, partOf } from './eligibility.ts';

/** Whatever a rule gives approvals, what came of a broken glass lives no longer than this. */
export const GLASS_LASTS_MS_MAX = 600_000;

export const glassLasts = ({ valid_ms }: Pick<Requirement, 'valid_ms'>): number =>
  Math.min(valid_ms, GLASS_LASTS_MS_MAX);

/** Why not, to the person who asks: completes “You may not break the glass on this: …”. */
export const NO_GLASS = {
  not_offered: 'the policy offers it for nothing like this; not every rule that asks does',
  inactive: INELIGIBLE.inactive,
  not_a_reviewer: INELIGIBLE.not_a_reviewer,
  requester: INELIGIBLE.requester,
  owner: INELIGIBLE.owner,
  act_chain: INELIGIBLE.act_chain,
  changed_rules: INELIGIBLE.changed_rules,
  excluded: INELIGIBLE.excluded,
  delegated: INELIGIBLE.delegated,
  unowned: 'nobody owns this agent, so anyone could be responsible for it',
  not_named: 'the policy names others for it',
  nobody_after: 'there is nobody else who could review it afterwards',
  no_passkey: 'it takes a passkey, and you have none here that is confirmed',
} as const;
export type NoGlass = keyof typeof NO_GLASS;

export type GlassEligibility =
  | { readonly eligible: true }
  | { readonly eligible: false; readonly why: NoGlass };

/** The order of checks. Whether they have a passkey is asked where keys are known. */
export function glassEligibility(person: Person, theCase: Case): GlassEligibility {
  const terms = theCase.requirement.break_glass;
  if (terms === undefined) return { eligible: false, why: 'not_offered' };
  const why = cannotBreak(person, theCase, terms);
  return why === undefined ? { eligible: true } : { eligible: false, why };
}

function cannotBreak(person: Person, theCase: Case, terms: BreakGlass): NoGlass | undefined {
  const barred: Barred | undefined = barredBy(person, theCase);
  if (barred !== undefined) return barred;
  if (theCase.principal.owner === null) return 'unowned';
  // It is theirs alone: nobody breaks it in the seat of somebody who is away, nor does who is away.
  if (hasGivenSeat(person, theCase)) return 'delegated';
  if (!fitsAll(person, terms.by)) return 'not_named';
  const after: AfterGlass = { theCase, terms, broken_by: person.id };
  for (const other of theCase.directory.people())
    if (judgeEligibility(other, after).eligible) return undefined;
  return 'nobody_after';
}

/** Nobody is named by an empty list. */
const fitsAll = (person: Person, list: readonly By[]): boolean =>
  list.length > 0 && list.every((by) => isSeatedBy(person, by));

/** Why not, to the person who asks: completes “You may not close this: …”. */
export const NO_JUDGE = {
  inactive: INELIGIBLE.inactive,
  not_a_reviewer: INELIGIBLE.not_a_reviewer,
  breaker: 'you broke the glass',
  requester: INELIGIBLE.requester,
  owner: INELIGIBLE.owner,
  act_chain: INELIGIBLE.act_chain,
  excluded: INELIGIBLE.excluded,
  not_named: 'the policy asks others to review it afterwards',
} as const;
export type NoJudge = keyof typeof NO_JUDGE;

export type JudgeEligibility =
  | { readonly eligible: true }
  | { readonly eligible: false; readonly why: NoJudge };

export type AfterGlass = {
  readonly theCase: Case;
  /** As they were when it was broken. */
  readonly terms: BreakGlass;
  /** The person, under whatever name they did it. */
  readonly broken_by: string;
};

/**
 * May this person close the review after the fact? Somebody else than whoever broke it or answers for the action. Changing
 * the rules since bars nobody: that is what often has to be done next, and by those few.
 */
export function judgeEligibility(person: Person, after: AfterGlass): JudgeEligibility {
  const why = cannotJudge(person, after);
  return why === undefined ? { eligible: true } : { eligible: false, why };
}

function cannotJudge(person: Person, after: AfterGlass): NoJudge | undefined {
  const { theCase, terms } = after;
  if (!person.active) return 'inactive';
  if (!person.roles.includes('reviewer')) return 'not_a_reviewer';
  if (isSameHuman(person, after)) return 'breaker';
  const part = partOf(person, theCase);
  if (part !== undefined) return part;
  if (isExcluded(person, theCase)) return 'excluded';
  return fitsAll(person, terms.review) ? undefined : 'not_named';
}

/** Under whatever account, then or now. */
const isSameHuman = ({ id }: Person, { broken_by, theCase: { directory, opened_at } }: AfterGlass): boolean =>
  id === broken_by || namedBy(broken_by, directory, opened_at).includes(id);
