/**
 * What providers push, made changes of the authority: as many as are waiting at a time become one, with one raised epoch
 * and an entry for each, so that a push of thousands does not keep everybody else deciding again (I8, I15). Each is
 * answered once it is durable. What takes something away never waits for company.
 */
import type { Directory } from '@countersign/core';
import type { AuthorityChange } from '../../audit/facts/changed.ts';
import type { Changes, World } from '../../authority/changes.ts';
import { createDirectory } from '../directory.ts';
import { endSessionsOf } from '../ending.ts';
import { draftOf, type RosterEdit } from '../roster/roster.ts';
import { stepsOf } from '../roster/stored.ts';
import { busy, ScimFailure } from './failure.ts';

export type Record = Omit<AuthorityChange, 'at' | 'epoch'>;

/** What one request comes to. Without an edit nothing is to be changed. */
export type Made<T> = {
  readonly result: T;
  readonly edit?: RosterEdit;
  readonly records?: readonly Record[];
};

/** Made of the world as it then is, and again if that changed meanwhile. @throws ScimFailure to refuse this one */
export type Build<T> = (world: World) => Made<T>;

export type Batches = {
  /** `hurried`: it may take something away from somebody. @throws ScimFailure from `build`, or when it could not be recorded */
  apply<T>(build: Build<T>, hurried: boolean): Promise<T>;
};

export type BatchesDeps = {
  readonly changes: Pick<Changes, 'applyBeside'>;
  readonly directory: () => Directory;
  readonly now: () => number;
  /** After sessions were ended: whoever serves one looks again. */
  readonly ended: () => void;
  /** Measures and waits; not the gateway's clock, which may stand. */
  readonly pace?: Pace;
};
export type Pace = { readonly now: () => number; readonly wait: (ms: number) => Promise<void> };

const BATCH_MAX = 100;
const WAITING_MAX = 1_000;
/** A push gets half the time there is at most: after each batch as long as it took is left to others. */
const REST_FACTOR = 1;
const REST_MAX_MS = 200;

const REAL_PACE: Pace = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

type Waiting = {
  readonly build: Build<unknown>;
  readonly hurried: boolean;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
};
type Answer = { readonly result: unknown } | { readonly error: unknown };

export function createBatches(deps: BatchesDeps): Batches {
  const { pace = REAL_PACE } = deps;
  let waiting: Waiting[] = [];
  let running = false;
  let wake = (): void => undefined;

  const rest = (took_ms: number): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (waiting.some(({ hurried }) => hurried)) resolve();
      else pace.wait(Math.min(REST_MAX_MS, took_ms * REST_FACTOR)).then(resolve, resolve);
    });
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX);
      waiting = waiting.slice(BATCH_MAX);
      const began = pace.now();
      await applyBatch(deps, batch);
      await rest(pace.now() - began);
    }
    running = false;
  };

  return {
    apply: <T>(build: Build<T>, hurried: boolean) =>
      new Promise<T>((resolve, reject) => {
        // What takes something away finds room where the rest does not.
        if (waiting.length >= (hurried ? 2 : 1) * WAITING_MAX) {
          reject(busy('too many changes are waiting; try again shortly', 5));
          return;
        }
        // The erasure is sound: what `build` makes is handed to the promise it was given with.
        waiting.push({ build, hurried, done: resolve as (result: unknown) => void, failed: reject });
        if (hurried) wake();
        if (!running) void run();
      }),
  };
}

async function applyBatch(deps: BatchesDeps, batch: readonly Waiting[]): Promise<void> {
  let answers: readonly Answer[] = [];
  let ends = false;
  try {
    const applied = await deps.changes.applyBeside((world) => {
      const made = makeAll(world, batch);
      answers = made.answers;
      const [first, ...also] = made.records;
      if (first === undefined) return undefined;
      const at = deps.now();
      const roster = made.draft.roster();
      const directory = createDirectory(world.config, roster);
      const out = lost(deps.directory(), directory);
      ends = out.length > 0;
      return {
        world: { roster },
        next: { directory },
        steps: [...made.edits.flatMap((edit) => stepsOf(edit, at)), ...endSessionsOf(out, at)],
        record: first,
        also,
      };
    });
    if (!applied.ok) throw new ScimFailure(503, 'it could not be recorded; try again', AGAIN);
  } catch (error) {
    for (const { failed } of batch) failed(error);
    return;
  }
  if (ends) deps.ended();
  for (const [at, { done, failed }] of batch.entries()) {
    const answer = answers[at];
    if (answer === undefined) failed(new TypeError('a change was left unanswered'));
    else if ('error' in answer) failed(answer.error);
    else done(answer.result);
  }
}

const AGAIN = { headers: { 'retry-after': '5' } };

/** Each made of what the ones before it leave. One that is refused changes nothing, and nothing for the others. */
function makeAll(world: World, batch: readonly Waiting[]) {
  const draft = draftOf(world.roster);
  const edits: RosterEdit[] = [];
  const records: Record[] = [];
  const answers = batch.map(({ build }): Answer => {
    try {
      const { result, edit, records: said = [] } = build({ ...world, roster: draft.roster() });
      if (edit !== undefined) {
        draft.add(edit);
        edits.push(edit);
        records.push(...said);
      }
      return { result };
    } catch (error) {
      return { error };
    }
  });
  return { draft, edits, records, answers };
}

/** Whoever was active and no longer is: signed out, and not back in by coming back. */
function lost(before: Directory, after: Directory): readonly string[] {
  return [...before.people()]
    .filter(({ id, active }) => active && after.person(id)?.active !== true)
    .map(({ id }) => id);
}
