import path from 'node:path';
import type { AcceptedPins } from '../../authority/authority.ts';
import type { Config } from '../../config/config.ts';
import { EMPTY_ROSTER, type Roster } from '../../identity/roster/roster.ts';
import { loadRoster } from '../../identity/roster/stored.ts';
import { lookAtStore } from '../../store/sqlite/look.ts';
import { loadAcceptedPins } from '../../tools/pins.ts';

export type KeptHere = {
  readonly pins: AcceptedPins;
  readonly roster: Roster;
  /** Why no gateway of this build would open the store. */
  readonly problem?: string;
  /** What of the tools' arguments rules are checked against, in words. */
  readonly tools: string;
};

/** What a gateway here would load its policy against, besides the files: the tools it accepted, the people it was given. */
export async function keptIn(config: Config, file: string): Promise<KeptHere> {
  const store = path.resolve(path.dirname(file), config.store.sqlite, 'store.db');
  const looked = await lookAtStore(store, async (rows) => ({
    pins: await loadAcceptedPins(rows),
    roster: await loadRoster(rows),
  }));
  if (looked.kind === 'seen') return { ...looked.value, tools: toolsText(looked.value.pins.size) };
  const nothing = { pins: new Map(), roster: EMPTY_ROSTER };
  if (looked.kind === 'no-store') return { ...nothing, tools: toolsText(0) };
  return {
    ...nothing,
    tools: `tools: not seen, so ${UNCHECKED}: ${store}: ${looked.why}`,
    ...(looked.kind === 'newer' ? { problem: `store.sqlite: ${store}: ${looked.why}` } : {}),
  };
}

const UNCHECKED = 'rules may misspell their arguments';

const toolsText = (accepted: number): string =>
  accepted === 0
    ? `tools: none accepted yet, so ${UNCHECKED}`
    : `tools: ${accepted} accepted; rules are checked against their arguments`;
