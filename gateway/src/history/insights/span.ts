/** A time that is looked at: Unix milliseconds, `to` exclusive. Whoever asks has bounded it. */
export type Span = { readonly from: number; readonly to: number };
