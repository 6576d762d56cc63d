/** A time that is looked at: Unix milliseconds, `to` exclusive. Whoever asks has bounded it. */
export type Span = { readonly from: number; readonly to: number };

/** Whom what is told of people may name: everybody, or only the one who asks. Whoever asks has decided it. */
export type Naming = { readonly kind: 'everybody' } | { readonly kind: 'only'; readonly person: string };
