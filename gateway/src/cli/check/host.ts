import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { type Config, policyPlace } from '../../config/config.ts';
import { isStdio } from '../../protocols/mcp/config.ts';
import { resolveUser, UnknownUser } from '../../protocols/mcp/upstream/user.ts';

/** What would let an upstream's process undo the gateway: a user that can write what the gateway trusts (DESIGN §8). */
export function hostProblems(config: Config, file: string): readonly string[] {
  const base = path.dirname(file);
  const trusted = [
    file,
    path.resolve(base, policyPlace(config).folder),
    path.resolve(base, config.store.sqlite),
  ];
  return Object.entries(config.upstreams).flatMap(([id, { mcp }]) => {
    if (!isStdio(mcp)) return [];
    const { run_as } = mcp;
    if (run_as === undefined) return [];
    const key = `upstreams.${id}.mcp.run_as`;
    try {
      const user = resolveUser(run_as);
      return trusted
        .filter((each) => mayWrite(each, user))
        .map((each) => `${key}: ${run_as} can write ${each}; change its owner or mode`);
    } catch (error) {
      if (!(error instanceof UnknownUser)) throw error;
      return [`upstreams.${id}.mcp.${error.message}`];
    }
  });
}

function mayWrite(place: string, { uid, gid }: { readonly uid: number; readonly gid: number }): boolean {
  try {
    accessSync(place, constants.F_OK);
  } catch {
    // Not there yet: whoever may write the folder may make it.
    return place !== path.dirname(place) && mayWrite(path.dirname(place), { uid, gid });
  }
  const { uid: owner, gid: group, mode } = statSync(place);
  if (uid === 0) return true;
  if (uid === owner) return (mode & 0o200) !== 0;
  return gid === group ? (mode & 0o020) !== 0 : (mode & 0o002) !== 0;
}
