/** A system user by name or `UID:GID`, for a process that must not run as the gateway. Unknown names refuse (I1). */
import { readFileSync } from 'node:fs';

export class UnknownUser extends Error {
  override readonly name = 'UnknownUser';
}

export function resolveUser(run_as: string): { readonly uid: number; readonly gid: number } {
  const pair = /^(\d+):(\d+)$/.exec(run_as);
  if (pair !== null) return { uid: Number(pair[1]), gid: Number(pair[2]) };
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${run_as}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined)
    throw new UnknownUser(`run_as: there is no user ${run_as} on this machine; create it, or name UID:GID`);
  return { uid: Number(uid), gid: Number(gid) };
}
