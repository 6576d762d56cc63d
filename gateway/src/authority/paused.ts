/** Agents somebody stopped, as the store holds them and as the snapshot carries them: nothing of theirs is permitted (I8, I14). */

import type { Act } from '@countersign/core';
import { actChain } from '@countersign/core';
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

/** The one that stops it: of the agent itself, or of one it acts through. */
export function pauseOf(paused: Paused, agent: string, act: Act | undefined): Pause | undefined {
  if (paused.size === 0) return undefined;
  for (const each of [agent, ...actChain(act)]) {
    const found = paused.get(each);
    if (found !== undefined) return found;
  }
  return undefined;
}
