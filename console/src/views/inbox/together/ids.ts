/**
 * Several alike requests, each shown in full, decided in one go: every one is an answer of its own, and none is answered
 * that was not on the screen (A7).
 *
 * This file: which ones, as the address says.
 */
export const TOGETHER_MAX = 20;

export type TogetherSearch = { readonly ids: readonly string[] };

const ID = /^req_[0-9A-HJKMNP-TV-Z]{26}$/;

/** Each once, in the order given; what is no id is left out. */
export const readIds = (given: unknown): readonly string[] =>
  Array.isArray(given)
    ? [...new Set(given.filter((id): id is string => typeof id === 'string' && ID.test(id)))].slice(
        0,
        TOGETHER_MAX,
      )
    : [];
