/** What operators change, and how many of them it takes (one, or two once two have been active). Times are unix milliseconds. */

/** Not made yet: other operators are asked first. Approved, it is made by itself. */
export type HeldChange = {
  readonly status: 'pending';
  readonly request_id: string;
  readonly expires_at: number;
};

export type Operators = {
  /** How many operators a change of what decides takes. */
  readonly needed: number;
  /** In plain words, why that many. */
  readonly why: string;
  readonly since?: number;
  /** Who could agree now: active operators, by id. */
  readonly operators: readonly string[];
};

export type OperatorsInput = { readonly needed: 1 | 2 };
