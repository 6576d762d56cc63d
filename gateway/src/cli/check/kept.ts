import path from 'node:path';
import type { AcceptedPins } from '../../authority/authority.ts';
import { type Config, policyPlace } from '../../config/config.ts';
import { EMPTY_ROSTER, type Roster } from '../../identity/roster/roster.ts';
import { loadRoster } from '../../identity/roster/stored.ts';
import { openAgreed } from '../../in-force/agreed.ts';
import { policyInStore } from '../../in-force/first-policy.ts';
import type { PolicyFile } from '../../policy/source/files.ts';
import { lookAtStore } from '../../store/sqlite/look.ts';
import type { Store } from '../../store/store.ts';
import { loadAcceptedPins } from '../../tools/pins.ts';

export type KeptHere = {
  readonly pins: AcceptedPins;
  readonly roster: Roster;
  /** Whether the two above are what the store says; not seen, it may have any. */
  readonly seen: boolean;
  /** The policy, where the store keeps it and not the folder. */
  readonly policy?: readonly PolicyFile[];
  /** Why no gateway of this build would start on the store. */
  readonly problem?: string;
  /** What of the tools' arguments rules are checked against, in words. */
  readonly tools: string;
};

/** What a gateway here would load its policy against, besides the files: the tools it accepted, the people it was given. */
export async function keptIn(config: Config, file: string): Promise<KeptHere> {
  const store = path.resolve(path.dirname(file), config.store.sqlite, 'store.db');
  const { source } = policyPlace(config);
  const looked = await lookAtStore(store, async (rows) => ({
    pins: await loadAcceptedPins(rows),
    roster: await loadRoster(rows),
    ...(source === 'store' ? await policyKept(rows) : {}),
  }));
  if (looked.kind === 'seen')
    return { ...looked.value, seen: true, tools: toolsText(looked.value.pins.size) };
  const nothing = { pins: new Map(), roster: EMPTY_ROSTER };
  if (looked.kind === 'no-store') return { ...nothing, seen: true, tools: toolsText(0) };
  return {
    ...nothing,
    seen: false,
    tools: `tools: not seen, so ${UNCHECKED}, and name people nobody knows: ${store}: ${looked.why}`,
    ...(looked.kind === 'newer' ? { problem: `store.sqlite: ${store}: ${looked.why}` } : {}),
  };
}

/** As a start does. */
async function policyKept(rows: Pick<Store, 'read'>): Promise<Pick<KeptHere, 'policy' | 'problem'>> {
  try {
    const policy = (await openAgreed(rows)).agreed?.files ?? (await policyInStore(rows));
    return policy === undefined ? {} : { policy };
  } catch (error) {
    // How both say that the store does not have it as it was.
    if (!(error instanceof TypeError)) throw error;
    return { problem: `policy: ${error.message}` };
  }
}

const UNCHECKED = 'rules may misspell their arguments';

const toolsText = (accepted: number): string =>
  accepted === 0
    ? `tools: none accepted yet, so ${UNCHECKED}`
    : `tools: ${accepted} accepted; rules are checked against their arguments`;
