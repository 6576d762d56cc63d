/**
 * What review an action takes: which seats people must fill, in which order, how long that may take and what it then
 * yields. Rules that match together stack (P2): every rule's seats must be filled, alternatives exist only inside one rule.
 */

/** How strongly a reviewer must have proven to be themselves, weakest first. */
export const PROOFS = ['session', 'recent', 'passkey'] as const;
export type Proof = (typeof PROOFS)[number];

/**
 * `group:<id>`, `person:<id>`, `outside:<group>` (whoever is not in it), or `anyone` who may review at all. The seat of an
 * operator is no rule's to ask for: the gateway's own requirement does, where what decides is to change (I13).
 */
export type By = `group:${string}` | `person:${string}` | `outside:${string}` | 'role:operator' | 'anyone';

/** A rule may also speak of the agent's team, whichever agent asks: the group of that name, and everyone outside it. */
export type AskedBy = By | 'own_team' | 'other_team';

export type Seat<B = By> = { readonly by: B; readonly count: number; readonly proof: Proof };

/** One rule's alternatives: any one of these sets of seats will do. */
export type Choice<B = By> = { readonly rule: string; readonly anyOf: readonly (readonly Seat<B>[])[] };

export type Stage<B = By> = {
  /** Seats that must all be filled, merged over rules: highest count and strongest proof per `by`. */
  readonly seats: readonly Seat<B>[];
  readonly choices: readonly Choice<B>[];
};

/** The first stage, and those that follow it one after the other. */
export type Requirement<B = By> = Stage<B> & {
  readonly next?: readonly Stage<B>[];
  /** Who may not review, beyond separation of duties. */
  readonly exclude: readonly B[];
  /** How long the access request may stay open. */
  readonly within_ms: number;
  /** How long the approval then lives. */
  readonly valid_ms: number;
  readonly uses: number;
  /** People may give a grant with their approval: the most it may be. Absent: they may not. */
  readonly grant?: GrantTerms;
  /** In an emergency one person may let it run without the others. Absent: nobody may. */
  readonly break_glass?: BreakGlass<B>;
};

/**
 * Who may break the glass, who is told, who reviews it afterwards. `by` and `review` mean whoever fits every one of them:
 * each rule that asks names its own, and none makes another's longer. Of `notify` each is told.
 */
export type BreakGlass<B = By> = {
  readonly by: readonly B[];
  readonly notify: readonly B[];
  readonly review: readonly B[];
};

/** A standing window for a stated class of actions, bounded in time and uses. */
export type GrantTerms = { readonly lasts_ms: number; readonly uses: number };

/** As a rule says it, before anyone asked. */
export type AskedRequirement = Requirement<AskedBy>;

export const stagesOf = <B>(requirement: Requirement<B>): readonly Stage<B>[] => [
  { seats: requirement.seats, choices: requirement.choices },
  ...(requirement.next ?? []),
];

/** Every seat anybody could fill, over all stages and alternatives. */
export const everySeat = <B>(stages: readonly Stage<B>[]): readonly Seat<B>[] =>
  stages.flatMap(({ seats, choices }) => [...seats, ...choices.flatMap(({ anyOf }) => anyOf.flat())]);

const stronger = (a: Proof, b: Proof): Proof => (PROOFS.indexOf(a) >= PROOFS.indexOf(b) ? a : b);

/** Seats of several rules as one list: per `by`, the highest count and the strongest proof. */
export function mergeSeats<B extends string>(seats: readonly Seat<B>[]): readonly Seat<B>[] {
  const merged = new Map<B, Seat<B>>();
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

/**
 * The stricter of two requirements, in every part at once. Commutative and associative, so rule order never matters.
 * First stages stack, then second ones, and so on: a rule without stages asks for its seats in the first.
 */
export function stackRequirements(a: Requirement, b: Requirement): Requirement {
  const [first = NO_STAGE, ...next] = stackStages(stagesOf(a), stagesOf(b));
  return {
    ...first,
    ...(next.length === 0 ? {} : { next }),
    exclude: distinct([...a.exclude, ...b.exclude]),
    within_ms: Math.min(a.within_ms, b.within_ms),
    valid_ms: Math.min(a.valid_ms, b.valid_ms),
    uses: Math.min(a.uses, b.uses),
    ...narrowest(a.grant, b.grant),
    ...joined(a.break_glass, b.break_glass),
  };
}

/** Every rule that asks must offer a grant, or there is none. */
function narrowest(a: GrantTerms | undefined, b: GrantTerms | undefined): { readonly grant?: GrantTerms } {
  if (a === undefined || b === undefined) return {};
  return { grant: { lasts_ms: Math.min(a.lasts_ms, b.lasts_ms), uses: Math.min(a.uses, b.uses) } };
}

/** Every rule that asks must offer it, or there is none. */
function joined(a: BreakGlass | undefined, b: BreakGlass | undefined): { readonly break_glass?: BreakGlass } {
  if (a === undefined || b === undefined) return {};
  const both = (one: readonly By[], other: readonly By[]): readonly By[] => distinct([...one, ...other]);
  const [by, notify, review] = [both(a.by, b.by), both(a.notify, b.notify), both(a.review, b.review)];
  return { break_glass: { by, notify, review } };
}

const distinct = <B extends string>(list: readonly B[]): readonly B[] => [...new Set(list)].sort();

const NO_STAGE: Stage = { seats: [], choices: [] };

function stackStages(a: readonly Stage[], b: readonly Stage[]): readonly Stage[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => {
    const [one, other] = [a[at] ?? NO_STAGE, b[at] ?? NO_STAGE];
    return {
      seats: mergeSeats([...one.seats, ...other.seats]),
      choices: [...one.choices, ...other.choices].sort((x, y) =>
        x.rule < y.rule ? -1 : x.rule > y.rule ? 1 : 0,
      ),
    };
  });
}

export const proofMeets = (given: Proof, wanted: Proof): boolean =>
  PROOFS.indexOf(given) >= PROOFS.indexOf(wanted);

/** Nobody is in it: names of groups are never empty. */
const NOBODY: By = 'group:';

const asksOfTeams = (by: AskedBy): boolean => by === 'own_team' || by === 'other_team';

/** Whether what it asks depends on whose agent asks. */
export const isOfTeams = (asked: AskedRequirement): boolean =>
  asked.exclude.some(asksOfTeams) ||
  everySeat(stagesOf(asked)).some(({ by }) => asksOfTeams(by)) ||
  Object.values(asked.break_glass ?? {}).some((list) => list.some(asksOfTeams));

/**
 * A rule's requirement for an agent of this team. `team` is the group that is the agent's team, or undefined when there
 * is none: then nobody can say who is of the team, so nobody fills a seat of it and an exclusion of it bars everyone.
 */
export function bindTeam(asked: AskedRequirement, team: string | undefined): Requirement {
  const bound = (by: AskedBy, unknown: By): By => {
    if (by !== 'own_team' && by !== 'other_team') return by;
    if (team === undefined) return unknown;
    return by === 'own_team' ? `group:${team}` : `outside:${team}`;
  };
  const seats = (list: readonly Seat<AskedBy>[]): readonly Seat[] =>
    mergeSeats(list.map((seat) => ({ ...seat, by: bound(seat.by, NOBODY) })));
  const stage = (one: Stage<AskedBy>): Stage => ({
    seats: seats(one.seats),
    choices: one.choices.map(({ rule, anyOf }) => ({ rule, anyOf: anyOf.map(seats) })),
  });
  const { next, exclude, within_ms, valid_ms, uses, grant, break_glass } = asked;
  const bounds = (list: readonly AskedBy[]): readonly By[] => distinct(list.map((by) => bound(by, NOBODY)));
  return {
    ...stage(asked),
    ...(next === undefined ? {} : { next: next.map(stage) }),
    exclude: distinct(exclude.map((by) => bound(by, 'anyone'))),
    within_ms,
    valid_ms,
    uses,
    ...(grant === undefined ? {} : { grant }),
    ...(break_glass === undefined
      ? {}
      : {
          break_glass: {
            by: bounds(break_glass.by),
            notify: bounds(break_glass.notify),
            review: bounds(break_glass.review),
          },
        }),
  };
}
