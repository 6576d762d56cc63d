/** What comes of what a ticket system asks: done, or why not, in words for whoever reads the ticket system's own log. */
export type Commented = { readonly id: string; readonly at: number; readonly event_id: string };
/** `already`: this system had refused it before; nothing changed now. */
export type Denied = { readonly status: 'denied'; readonly event_id: string; readonly already: boolean };

export type TicketOutcome<T> =
  | { readonly kind: 'done'; readonly result: T }
  | {
      readonly kind: 'refused';
      readonly why: TicketRefusal;
      readonly message: string;
      readonly status?: string;
      readonly retry_after_s?: number;
    };
export type TicketRefusal =
  | 'unknown'
  /** Its configuration does not let it. */
  | 'not_allowed'
  | 'too_many'
  | 'wrong_state'
  /** It is over; told so, and recorded (I5). */
  | 'already_resolved'
  | 'bad_ticket'
  | 'not_eligible'
  | 'already_reviewed'
  | 'shown_changed'
  | 'not_approvable'
  | 'proof_too_weak'
  /** The person has no key, or no account of the provider, to prove it with. */
  | 'no_passkey'
  | 'no_account'
  /** What was handed over proves nothing of this answer. */
  | 'proof_refused'
  /** The provider could not be asked; nothing was decided. */
  | 'unavailable';

export const UNKNOWN = {
  kind: 'refused',
  why: 'unknown',
  message: 'id: there is no request with this id that this ticket system sees',
} as const;
