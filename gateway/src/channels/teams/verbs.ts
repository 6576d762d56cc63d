/** What a button of a card may ask for. `view` shows; the others are a person’s answer. */
export const VERBS = ['countersign/view', 'countersign/approve', 'countersign/deny'] as const;
export type Verb = (typeof VERBS)[number];

export const VIEW: Verb = 'countersign/view';
export const APPROVE: Verb = 'countersign/approve';
export const DENY: Verb = 'countersign/deny';
