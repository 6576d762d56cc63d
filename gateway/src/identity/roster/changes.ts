/**
 * How the roster changes: one edit at a time, with its entry, under a raised epoch, served only once committed (I8, I13).
 * What somebody loses who is made inactive goes in the same transaction (authority/leaving.ts).
 */
import type { JsonObject } from '@countersign/core';
import type { Applied, Beside, Changes, World } from '../../authority/changes.ts';
import { createDirectory } from '../directory.ts';
import { edited, type RosterEdit } from './roster.ts';
import { stepsOf } from './stored.ts';

export type RosterChange = {
  readonly edit: RosterEdit;
  /** For the entry: ids, groups and roles; no names, no addresses (I7). */
  readonly predicate: JsonObject;
  readonly person: string;
  /** The person who made it; a provider's doing has none. */
  readonly by?: string;
  /** What others agreed to it with. */
  readonly beside?: Beside;
};

export type RosterChanges = {
  /** `build` sees the roster as it is when its turn comes; undefined when nothing is to be changed. */
  change(build: (world: World) => RosterChange | undefined): Promise<Applied>;
};

export type RosterDeps = { readonly changes: Pick<Changes, 'applyBeside'>; readonly now: () => number };

export const createRosterChanges = ({ changes, now }: RosterDeps): RosterChanges => ({
  change: (build) =>
    changes.applyBeside((world) => {
      const made = build(world);
      if (made === undefined) return undefined;
      const at = now();
      const roster = edited(world.roster, made.edit);
      const directory = createDirectory(world.config, roster);
      return {
        world: { roster },
        next: { directory },
        steps: stepsOf(made.edit, at),
        record: {
          kind: 'config-change',
          task_id: `person:${made.person}`,
          predicate: made.predicate,
          ...(made.by === undefined ? {} : { by: made.by }),
        },
        ...(made.beside === undefined ? {} : { beside: made.beside }),
      };
    }),
});
