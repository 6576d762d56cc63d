/** Agents somebody stopped, as the store holds them and as the snapshot carries them: nothing of theirs is permitted (I8, I14). */

import type { Act } from '@countersign/core';
import type { Agents } from '../identity/directory.ts';
import type { Store } from '../store/store.ts';

export type Pause = {
  readonly id: string;
  readonly agent: string;
  readonly by: string;
  readonly at: number;
  /** Of the erasable text that says why. */
  readonly reason_payload_id: string;
};
/** By agent. */
export type Paused = ReadonlyMap<string, Pause>;

export const NOBODY_PAUSED: Paused = new Map();
/** More than anybody stops by hand; a store with more stops the start (I15). */
const PAUSED_MAX = 100_000;

export async function loadPaused(store: Pick<Store, 'read'>): Promise<Paused> {
  const rows = await store.read({
    sql: 'SELECT id, agent, paused_by, paused_at, reason_payload_id FROM agent_pauses WHERE resumed_at IS NULL',
    params: [],
    rows_max: PAUSED_MAX,
  });
  return new Map(
    rows.map((row) => {
      const agent = String(row['agent']);
      const at = Number(row['paused_at']);
      const reason_payload_id = String(row['reason_payload_id']);
      return [agent, { id: String(row['id']), agent, by: String(row['paused_by']), at, reason_payload_id }];
    }),
  );
}

/**
 * The one that stops it: of the agent itself, or of one it acts through, under the name its issuer knows it by or under the
 * one it has here.
 */
export function pauseOf(
  { paused, agents }: Authority,
  agent: string,
  act: Act | undefined,
): Pause | undefined {
  if (paused.size === 0) return undefined;
  for (const each of [agent, ...namesIn(agents, act)]) {
    const found = paused.get(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Authority = { readonly paused: Paused; readonly agents: Pick<Agents, 'workloads'> };

function namesIn({ workloads }: Pick<Agents, 'workloads'>, act: Act | undefined): readonly string[] {
  const names: string[] = [];
  for (let at = act; at !== undefined; at = at.act) names.push(at.sub, ...workloads.namesOf(at.iss, at.sub));
  return names;
}
