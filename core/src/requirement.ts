/**
 * What review an action takes: which seats people must fill, how long that may take and what it then yields.
 * Rules that match together stack (P2): every rule's seats must be filled, alternatives exist only inside one rule.
 */

/** How strongly a reviewer must have proven to be themselves, weakest first. */
export const PROOFS = ['session', 'recent', 'passkey'] as const;
export type Proof = (typeof PROOFS)[number];

/** `group:<id>`, `person:<id>`, or `anyone` who may review at all. */
export type By = `group:${string}` | `person:${string}` | 'anyone';

export type Seat = { readonly by: By; readonly count: number; readonly proof: Proof };

/** One rule's alternatives: any one of these sets of seats will do. */
export type Choice = { readonly rule: string; readonly anyOf: readonly (readonly Seat[])[] };

export type Requirement = {
  /** Seats that must all be filled, merged over rules: highest count and strongest proof per `by`. */
  readonly seats: readonly Seat[];
  readonly choices: readonly Choice[];
  /** Who may not review, beyond separation of duties. */
  readonly exclude: readonly By[];
  /** How long the access request may stay open. */
  readonly within_ms: number;
  /** How long the approval then lives. */
  readonly valid_ms: number;
  readonly uses: number;
};

const stronger = (a: Proof, b: Proof): Proof => (PROOFS.indexOf(a) >= PROOFS.indexOf(b) ? a : b);

/** Seats of several rules as one list: per `by`, the highest count and the strongest proof. */
export function mergeSeats(seats: readonly Seat[]): readonly Seat[] {
  const merged = new Map<By, Seat>();
  for (const seat of seats) {
    const held = merged.get(seat.by);
    merged.set(
      seat.by,
      held === undefined
        ? seat
        : { by: seat.by, count: Math.max(held.count, seat.count), proof: stronger(held.proof, seat.proof) },
    );
  }
  return [...merged.values()].sort((a, b) => (a.by < b.by ? -1 : 1));
}

/** The stricter of two requirements, in every part at once. Commutative and associative, so rule order never matters. */
export function stackRequirements(a: Requirement, b: Requirement): Requirement {
  return {
    seats: mergeSeats([...a.seats, ...b.seats]),
    choices: [...a.choices, ...b.choices].sort((x, y) => (x.rule < y.rule ? -1 : x.rule > y.rule ? 1 : 0)),
    exclude: [...new Set([...a.exclude, ...b.exclude])].sort(),
    within_ms: Math.min(a.within_ms, b.within_ms),
    valid_ms: Math.min(a.valid_ms, b.valid_ms),
    uses: Math.min(a.uses, b.uses),
  };
}

export const proofMeets = (given: Proof, wanted: Proof): boolean =>
  PROOFS.indexOf(given) >= PROOFS.indexOf(wanted);
