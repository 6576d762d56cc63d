/** The rows of cards to come, in commits of a bounded size: one request may be shown at many places, many times. */
import { randomOctets } from '../../ids.ts';
import type { Step, Store } from '../../store/store.ts';
import type { Told } from '../plan.ts';
import { insertCard } from '../rows.ts';

export type Planning = {
  /** Where a request is to be shown; none when it is over, or unknown. */
  readonly plan: (request_id: string) => Promise<readonly Told[]>;
  readonly now: () => number;
};

export async function newCards({ plan, now }: Planning, request_id: string): Promise<readonly Step[]> {
  const at = now();
  return (await plan(request_id)).map((told) => insertCard({ id: cardId(at), request_id, ...told }, at));
}

/**
 * What is committed at once: more would keep the main thread from callers while it is handed over, and the store's while it
 * is written.
 */
const PARAMS_MAX = 10_000;
const CHARACTERS_MAX = 1_048_576;

export type Weight = { readonly params: number; readonly characters: number };
export const NOTHING: Weight = { params: 0, characters: 0 };

export const heavier = ({ params, characters }: Weight, steps: readonly Step[]): Weight => {
  const all = steps.flatMap((step) => step.params);
  return {
    params: params + all.length,
    characters:
      characters +
      steps.reduce((sum, { sql }) => sum + sql.length, 0) +
      all.reduce<number>((sum, value) => sum + charactersOf(value), 0),
  };
};

const charactersOf = (value: Step['params'][number]): number =>
  typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 8;

export const isFull = ({ params, characters }: Weight): boolean =>
  params >= PARAMS_MAX || characters >= CHARACTERS_MAX;

/** In order; each part fits. */
function partsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const parts: Step[][] = [[]];
  let weight = NOTHING;
  for (const step of steps) {
    const more = heavier(weight, [step]);
    const [open] = parts.slice(-1);
    if (open === undefined || (open.length > 0 && isFull(more))) {
      parts.push([step]);
      weight = heavier(NOTHING, [step]);
    } else {
      open.push(step);
      weight = more;
    }
  }
  return parts;
}

/** All but the last part; which is left to be committed with what says that all of it is done. Any of it may be committed again. */
export async function commitAllButLast(
  store: Pick<Store, 'commit'>,
  steps: readonly Step[],
): Promise<readonly Step[]> {
  const parts = partsOf(steps);
  for (const part of parts.slice(0, -1)) await store.commit({ name: 'plan-cards', steps: part, entries: [] });
  return parts.at(-1) ?? [];
}

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** Of the newest name: no two share it, so that cards planned in one go sort as they were. */
let newest = 0;

/** Sorts by time; 130 random bits, so that nobody finds a card by trying (A15). */
export function cardId(now: number): string {
  newest = Math.max(now, newest + 1);
  let time = newest;
  let head = '';
  for (let at = 0; at < 10; at += 1) {
    head = (DIGITS[time % 32] ?? '0') + head;
    time = Math.floor(time / 32);
  }
  return `crd_${head}${[...randomOctets(26)].map((octet) => DIGITS[octet & 31]).join('')}`;
}
