/** A rig whose log is followed: entries signed as a gateway signs them, secrets masked as it masks them. Nothing here is shipped. */
import { generateKeyPairSync } from 'node:crypto';
import { createSealer } from '../src/audit/sealer.ts';
import type { Deps } from '../src/deps.ts';
import { type History, openHistory } from '../src/history/history.ts';
import { createKnownSecrets } from '../src/masking/known/known.ts';
import { createMasking } from '../src/masking/masking.ts';
import type { Policy } from '../src/policy/policy.ts';
import { createRig, type Rig } from './rig.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = { kid: 'test', private_key: privateKey, public_key: publicKey };

export type HistoryRig = {
  readonly rig: Rig;
  /** Of whoever follows now. */
  readonly history: History;
  stop(): Promise<void>;
  /** Follows on from where it was. */
  start(over?: Partial<Deps>): Promise<void>;
  close(): Promise<void>;
};

export async function openHistoryRig(policy: Policy): Promise<HistoryRig> {
  const rig = await createRig(policy, {
    sealer: async () => createSealer({ key: KEY }),
    masking: createMasking(createKnownSecrets()),
  });
  let open = await openHistory(rig.deps);
  return {
    rig,
    get history() {
      return open.history;
    },
    stop: () => open.close(),
    async start(over = {}) {
      open = await openHistory({ ...rig.deps, ...over });
    },
    async close() {
      await open.close();
      await rig.close();
    },
  };
}
