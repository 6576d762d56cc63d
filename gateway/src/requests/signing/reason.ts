/** A person's reason, as it is kept, sealed and signed: the same text every time it is asked for. */
export const REASON_CHARACTERS_MAX = 4000;

/** Undefined for none. Never half of a surrogate pair: it has no UTF-8 form. */
export const reasonText = (reason: string | undefined): string | undefined =>
  reason === undefined || reason === '' ? undefined : reason.slice(0, REASON_CHARACTERS_MAX).toWellFormed();

/** Of a broken glass: somebody reads it afterwards and must be able to judge by it. */
const EMERGENCY_CHARACTERS_MIN = 15;
const EMERGENCY_DISTINCT_MIN = 6;

/** Why it will not do, and what would; undefined when it does. */
export function emergencyReasonProblem(reason: string | undefined): string | undefined {
  const characters = [...(reason ?? '').replaceAll(/\s+/g, '')];
  const enough =
    characters.length >= EMERGENCY_CHARACTERS_MIN && new Set(characters).size >= EMERGENCY_DISTINCT_MIN;
  return enough
    ? undefined
    : `reason: say what the emergency is and why it cannot wait, in at least ${EMERGENCY_CHARACTERS_MIN} characters; somebody else judges it by that afterwards.`;
}
