/** A draft as a change to the files in force. */
import type { PolicyPatch } from '@countersign/sdk';
import { diffFiles, patchOf } from '../policy/source/patch.ts';
import type { Patch } from './apart/messages.ts';

export function patchFor({ before, after, folder }: Patch): PolicyPatch {
  const patches = diffFiles(before, after);
  return {
    patch: patchOf(patches, folder),
    folder,
    files: patches.map(({ path, change, lines_added, lines_removed }) => ({
      path,
      change,
      lines_added,
      lines_removed,
    })),
  };
}
