/**
 * Reads what review a `require` rule takes: `approve`, `exclude`, `within`, `valid`, `uses`. A requirement nobody could
 * ever meet, because of a misspelt group or a proof this installation cannot take, is refused at load.
 */
import { type By, type Choice, PROOFS, type Proof, type Requirement, type Seat } from '@countersign/core';
import { isMap } from 'yaml';
import { likelySpelling } from '../../config/spelling.ts';
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
import type { KnownNames, LoadOptions } from './options.ts';

export const REVIEW_KEYS = ['approve', 'exclude', 'within', 'valid', 'uses'] as const;
const SEAT_KEYS = ['by', 'count', 'proof'];

/** The requirement of a rule, or undefined with the problems reported. `at` is the rule, for a missing `approve`. */
export function readRequirement(fields: Fields, at: Cursor, options: LoadOptions): Requirement | undefined {
  const approve = fields['approve'];
  if (approve === undefined) {
    return complain(at, {
      message: 'a require rule must say who approves',
      fix: 'add approve: [{ by: "group:NAME" }]',
    });
  }
  const asked = readApprove(approve, at.rule ?? '', options);
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
  if (
    asked === undefined ||
    exclude === undefined ||
    within_ms === undefined ||
    valid_ms === undefined ||
    uses === undefined
  ) {
    return undefined;
  }
  const barred = [...asked.seats, ...asked.choices.flatMap((choice) => choice.anyOf.flat())].find((seat) =>
    exclude.includes(seat.by),
  );
  if (barred !== undefined) {
    return complain(fields['exclude'] ?? at, {
      message: `${barred.by} is asked to approve and excluded`,
      fix: 'remove it from one of the two',
    });
  }
  return { ...asked, exclude: [...new Set(exclude)].sort(), within_ms, valid_ms, uses };
}

function optional<T>(
  field: Cursor | undefined,
  fallback: T,
  read: (field: Cursor) => T | undefined,
): T | undefined {
  return field === undefined ? fallback : read(field);
}

type Asked = { readonly seats: readonly Seat[]; readonly choices: readonly Choice[] };

export function readApprove(at: Cursor, rule: string, options: LoadOptions): Asked | undefined {
  const items = readList(at, 'approve', LIMITS.approve_entries_max);
  if (items === undefined) return undefined;
  const isChoice = (item: Cursor): boolean => isMap(item.node) && item.node.has('anyOf');
  const choices = items.filter(isChoice).map((item) => readChoiceOf(item, rule, options));
  const seats = readSeats(
    items.filter((item) => !isChoice(item)),
    options,
  );
  if (choices.length > 1)
    return complain(at, {
      message: 'approve has more than one anyOf',
      fix: 'put all alternatives into one anyOf',
    });
  if (seats === undefined || choices.includes(undefined)) return undefined;
  return { seats, choices: choices.filter((choice) => choice !== undefined) };
}

function readChoiceOf(at: Cursor, rule: string, options: LoadOptions): Choice | undefined {
  const anyOf = readMap(at, 'an alternative', ['anyOf'])?.['anyOf'];
  if (anyOf === undefined) return undefined;
  const sets = readList(anyOf, 'anyOf', LIMITS.alternatives_max)?.map((set) => {
    const items = readList(set, 'each alternative of anyOf', LIMITS.approve_entries_max);
    return items === undefined ? undefined : readSeats(items, options);
  });
  if (sets === undefined || !sets.every((set) => set !== undefined)) return undefined;
  if (sets.length < 2)
    return complain(anyOf, {
      message: 'anyOf has a single alternative',
      fix: 'write its seats directly under approve',
    });
  return { rule, anyOf: sets };
}

function readSeats(items: readonly Cursor[], options: LoadOptions): readonly Seat[] | undefined {
  const seats = items.map((item) => readSeat(item, options));
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

function readSeat(at: Cursor, options: LoadOptions): Seat | undefined {
  const fields = readMap(at, 'an entry of approve', [...SEAT_KEYS, 'anyOf']);
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
    message: `proof: ${proof} needs passkeys, which this version does not have`,
    fix: 'write proof: session',
  });
}

function readExclude(at: Cursor, known: KnownNames): readonly By[] | undefined {
  const limits = { entries_max: LIMITS.approve_entries_max, chars_max: LIMITS.where_value_chars_max };
  const excluded = readTexts(at, 'exclude', limits)?.map(([text, place]) => {
    if (text === 'anyone')
      return complain(place, {
        message: 'excluding anyone leaves nobody to approve',
        fix: 'write then: deny',
      });
    return readBy(text, place, known);
  });
  return excluded?.every((by) => by !== undefined) === true ? excluded : undefined;
}

/** `group:NAME`, `person:NAME` or `anyone`. */
export function readBy(text: string, at: Cursor, known: KnownNames): By | undefined {
  if (text === 'anyone') return text;
  const [, kind, name] = /^(group|person):(.+)$/.exec(text) ?? [];
  if (name === undefined) {
    const group = known.groups?.includes(text) === true ? `group:${text}` : undefined;
    const person = known.people?.includes(text) === true ? `person:${text}` : undefined;
    const likely =
      group ??
      person ??
      likelySpelling(text, ['anyone', ...(known.groups ?? []).map((each) => `group:${each}`)]);
    return complain(at, {
      message: `"${text}" names nobody`,
      likely,
      fix: 'write group:NAME, person:NAME or anyone',
    });
  }
  const names = kind === 'group' ? known.groups : known.people;
  if (names !== undefined && !names.includes(name)) {
    const near = likelySpelling(name, names);
    const list = `known: ${names.slice(0, 20).join(', ') || 'none'}`;
    const likely = near === undefined ? undefined : `${kind}:${near}`;
    return complain(at, {
      message: `there is no ${kind} "${name}"`,
      likely,
      fix: likely === undefined ? list : `write ${likely}`,
    });
  }
  return text as By;
}
