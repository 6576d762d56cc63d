/**
 * Reads what review a `require` rule takes: `approve`, `exclude`, `within`, `valid`, `uses`, `grant`, `break_glass`. A requirement nobody could
 * ever meet, because of a misspelt group or a proof this installation cannot take, is refused at load.
 */
import {
  type AskedBy,
  type AskedRequirement,
  type Choice,
  everySeat,
  type GrantTerms,
  PROOFS,
  type Proof,
  type Seat,
  type Stage,
  stagesOf,
} from '@countersign/core';
import { isMap } from 'yaml';
import { DEFAULTS, LIMITS } from '../limits.ts';
import {
  type Cursor,
  complain,
  type Fields,
  readChoice,
  readList,
  readMap,
  readText,
  readTexts,
  readWhole,
} from '../yaml/cursor.ts';
import { readDuration } from '../yaml/duration.ts';
import { readBreakGlass } from './break-glass.ts';
import { readAskedBy } from './by.ts';
import type { KnownNames, LoadOptions } from './options.ts';

export const REVIEW_KEYS = ['approve', 'exclude', 'within', 'valid', 'uses', 'grant', 'break_glass'] as const;
const SEAT_KEYS = ['by', 'count', 'proof'];

/** The requirement of a rule, or undefined with the problems reported. `at` is the rule, for a missing `approve`. */
export function readRequirement(
  fields: Fields,
  at: Cursor,
  options: LoadOptions,
): AskedRequirement | undefined {
  const approve = fields['approve'];
  if (approve === undefined) {
    return complain(at, {
      message: 'a require rule must say who approves',
      fix: 'add approve: [{ by: "group:NAME" }]',
    });
  }
  const asked = readApprove(approve, { rule: at.rule ?? '', options, readBy: readAskedBy });
  const exclude = fields['exclude'] === undefined ? [] : readExclude(fields['exclude'], options.known ?? {});
  const within_ms = optional(fields['within'], DEFAULTS.within_ms, (field) =>
    readDuration(field, 'within', LIMITS.within_ms),
  );
  const valid_ms = optional(fields['valid'], DEFAULTS.valid_ms, (field) =>
    readDuration(field, 'valid', LIMITS.valid_ms),
  );
  const uses = optional(fields['uses'], DEFAULTS.uses, (field) =>
    readWhole(field, 'uses', { min: 1, max: LIMITS.uses_max }),
  );
  const grant = optional<GrantTerms | undefined>(fields['grant'], undefined, readGrant);
  const glass = fields['break_glass'];
  const break_glass = glass === undefined ? undefined : readBreakGlass(glass, options);
  if (
    asked === undefined ||
    exclude === undefined ||
    within_ms === undefined ||
    valid_ms === undefined ||
    uses === undefined
  ) {
    return undefined;
  }
  const seats = everySeat(stagesOf({ ...asked, exclude, within_ms, valid_ms, uses }));
  const barred = seats.find((seat) => exclude.includes(seat.by));
  if (barred !== undefined) {
    return complain(fields['exclude'] ?? at, {
      message: `${barred.by} is asked to approve and excluded`,
      fix: 'remove it from one of the two',
    });
  }
  if (grant !== undefined && seats.some(({ proof }) => proof === 'passkey')) {
    return complain(fields['grant'] ?? at, {
      message: 'a passkey signs for one action, and a grant covers many',
      fix: 'leave grant out, or ask for proof: recent',
    });
  }
  return {
    ...asked,
    exclude: [...new Set(exclude)].sort(),
    within_ms,
    valid_ms,
    uses,
    ...(grant === undefined ? {} : { grant }),
    ...(break_glass === undefined ? {} : { break_glass }),
  };
}

function optional<T>(
  field: Cursor | undefined,
  fallback: T,
  read: (field: Cursor) => T | undefined,
): T | undefined {
  return field === undefined ? fallback : read(field);
}

/** `grant: { for: 8h, uses: 50 }`: the most a reviewer may give at once. */
function readGrant(at: Cursor): GrantTerms | undefined {
  const fields = readMap(at, 'grant', ['for', 'uses']);
  if (fields === undefined) return undefined;
  const { for: span, uses } = fields;
  if (span === undefined || uses === undefined)
    return complain(at, {
      message: `grant says no ${span === undefined ? 'for' : 'uses'}`,
      fix: 'bound it in both: grant: { for: 8h, uses: 50 }',
    });
  const lasts_ms = readDuration(span, 'for', LIMITS.grant_ms);
  const most = readWhole(uses, 'uses', { min: 1, max: LIMITS.grant_uses_max });
  return lasts_ms === undefined || most === undefined ? undefined : { lasts_ms, uses: most };
}

type Asked<B> = Stage<B> & { readonly next?: readonly Stage<B>[] };

/** Of which rule, what is known, and how names are read: in a rule, or in the answer a test wants. */
export type ApproveReader<B extends AskedBy> = {
  readonly rule: string;
  readonly options: LoadOptions;
  readBy(text: string, at: Cursor, known: KnownNames): B | undefined;
};

/** Seats, or stages of seats: all of one kind. */
export function readApprove<B extends AskedBy>(at: Cursor, reader: ApproveReader<B>): Asked<B> | undefined {
  const items = readList(at, 'approve', LIMITS.approve_entries_max);
  if (items === undefined) return undefined;
  const isStage = (item: Cursor): boolean => isMap(item.node) && item.node.has('stage');
  if (!items.some(isStage)) return readSeatsOf(at, items, reader);
  const loose = items.find((item) => !isStage(item));
  if (loose !== undefined)
    return complain(loose, {
      message: 'approve has stages, and this entry is in none',
      fix: 'put it into one: - stage: [{ by: … }]',
    });
  const [first, ...next] = items.map((item) => readStage(item, reader));
  if (first === undefined || !next.every((stage) => stage !== undefined)) return undefined;
  if (next.length === 0)
    return complain(at, {
      message: 'approve has a single stage',
      fix: 'write its seats directly under approve',
    });
  if (next.length >= LIMITS.stages_max)
    return complain(at, { message: `approve has more than ${LIMITS.stages_max} stages`, fix: 'join some' });
  checkNamed(at, [first, ...next]);
  return { ...first, next };
}

function readStage<B extends AskedBy>(item: Cursor, reader: ApproveReader<B>): Stage<B> | undefined {
  const list = readMap(item, 'a stage', ['stage'])?.['stage'];
  const items = list === undefined ? undefined : readList(list, 'stage', LIMITS.approve_entries_max);
  return list === undefined || items === undefined ? undefined : readSeatsOf(list, items, reader);
}

/** One person has one seat over all stages, so a person named in two could never fill both. */
function checkNamed<B extends AskedBy>(at: Cursor, stages: readonly Stage<B>[]): void {
  const named = stages
    .flatMap(({ seats }) => seats.map(({ by }) => by))
    .filter((by) => by.startsWith('person:'));
  const twice = named.find((by, index) => named.indexOf(by) !== index);
  if (twice !== undefined)
    complain(at, {
      message: `${twice} is asked in two stages, and one person fills one seat`,
      fix: 'remove one of the two',
    });
}

function readSeatsOf<B extends AskedBy>(
  at: Cursor,
  items: readonly Cursor[],
  reader: ApproveReader<B>,
): Stage<B> | undefined {
  const isChoice = (item: Cursor): boolean => isMap(item.node) && item.node.has('anyOf');
  const choices = items.filter(isChoice).map((item) => readChoiceOf(item, reader));
  const seats = readSeats(
    items.filter((item) => !isChoice(item)),
    reader,
  );
  if (choices.length > 1)
    return complain(at, {
      message: `${at.key ?? 'approve'} has more than one anyOf`,
      fix: 'put all alternatives into one anyOf',
    });
  if (seats === undefined || choices.includes(undefined)) return undefined;
  return { seats, choices: choices.filter((choice) => choice !== undefined) };
}

function readChoiceOf<B extends AskedBy>(at: Cursor, reader: ApproveReader<B>): Choice<B> | undefined {
  const anyOf = readMap(at, 'an alternative', ['anyOf'])?.['anyOf'];
  if (anyOf === undefined) return undefined;
  const sets = readList(anyOf, 'anyOf', LIMITS.alternatives_max)?.map((set) => {
    const items = readList(set, 'each alternative of anyOf', LIMITS.approve_entries_max);
    return items === undefined ? undefined : readSeats(items, reader);
  });
  if (sets === undefined || !sets.every((set) => set !== undefined)) return undefined;
  if (sets.length < 2)
    return complain(anyOf, {
      message: 'anyOf has a single alternative',
      fix: 'write its seats directly under approve',
    });
  return { rule: reader.rule, anyOf: sets };
}

function readSeats<B extends AskedBy>(
  items: readonly Cursor[],
  reader: ApproveReader<B>,
): readonly Seat<B>[] | undefined {
  const seats = items.map((item) => readSeat(item, reader));
  if (!seats.every((seat) => seat !== undefined)) return undefined;
  const twice = seats.findIndex((seat, at) => seats.findIndex((other) => other.by === seat.by) !== at);
  const item = items[twice];
  if (item !== undefined)
    return complain(item, {
      message: `${seats[twice]?.by} is named twice`,
      fix: 'write it once and raise its count',
    });
  return seats.toSorted((a, b) => (a.by < b.by ? -1 : 1));
}

function readSeat<B extends AskedBy>(at: Cursor, { options, readBy }: ApproveReader<B>): Seat<B> | undefined {
  const fields = readMap(at, 'an entry of approve', [...SEAT_KEYS, 'anyOf', 'stage']);
  if (fields === undefined) return undefined;
  const given = fields['by'];
  if (given === undefined)
    return complain(at, {
      message: 'by is missing',
      fix: 'say who: by: "group:NAME", "person:NAME" or anyone',
    });
  const name = readText(given, 'by', LIMITS.where_value_chars_max);
  const by = name === undefined ? undefined : readBy(name, given, options.known ?? {});
  const count = optional(fields['count'], DEFAULTS.count, (field) =>
    readWhole(field, 'count', { min: 1, max: LIMITS.seat_count_max }),
  );
  const proof = optional<Proof>(fields['proof'], DEFAULTS.proof, (field) =>
    readProof(field, options.proofs ?? ['session']),
  );
  if (by === undefined || count === undefined || proof === undefined) return undefined;
  if (by.startsWith('person:') && count > 1) {
    return complain(fields['count'] ?? at, {
      message: `${by} is one person and cannot fill ${count} seats`,
      fix: 'write count: 1',
    });
  }
  return { by, count, proof };
}

function readProof(at: Cursor, proofs: readonly Proof[]): Proof | undefined {
  const proof = readChoice(at, 'proof', PROOFS);
  if (proof === undefined || proofs.includes(proof)) return proof;
  return complain(at, {
    message: `proof: ${proof} cannot be given in this installation`,
    fix:
      proof === 'passkey'
        ? 'set public_url to an https name (or http://localhost): browsers make passkeys for names, never for addresses'
        : `write proof: ${proofs.at(-1) ?? 'session'}`,
  });
}

function readExclude(at: Cursor, known: KnownNames): readonly AskedBy[] | undefined {
  const limits = { entries_max: LIMITS.approve_entries_max, chars_max: LIMITS.where_value_chars_max };
  const excluded = readTexts(at, 'exclude', limits)?.map(([text, place]) => {
    if (text === 'anyone')
      return complain(place, {
        message: 'excluding anyone leaves nobody to approve',
        fix: 'write then: deny',
      });
    return readAskedBy(text, place, known);
  });
  return excluded?.every((by) => by !== undefined) === true ? excluded : undefined;
}
