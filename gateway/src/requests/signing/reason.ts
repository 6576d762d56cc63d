/** A person's reason, as it is kept, sealed and signed: the same text every time it is asked for. */
export const REASON_CHARACTERS_MAX = 4000;

/** Undefined for none. Never half of a surrogate pair: it has no UTF-8 form. */
export const reasonText = (reason: string | undefined): string | undefined =>
  reason === undefined || reason === '' ? undefined : reason.slice(0, REASON_CHARACTERS_MAX).toWellFormed();
