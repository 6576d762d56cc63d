/**
 * An emergency to attack: an agent whose calls wait for people, and four of them with keys of their own. Bob and Carol are
 * of `dba`: they may break the glass. Carol and Dan are of `security`: they may approve. Alice owns the agent. It stays out of
 * what is attacked: everything goes through the gateway's own parts.
 */
import assert from 'node:assert/strict';
import type { Requirement } from '@countersign/core';
import type { BreakOutcome } from '../../../gateway/src/break-glass/outcome.ts';
import { type Config, configSchema } from '../../../gateway/src/config/config.ts';
import type { ReviewOutcome } from '../../../gateway/src/requests/requests.ts';
import type { Authenticator } from '../../../gateway/testing/authenticator.ts';
import { type Breaker, type GlassHouse, openGlassHouse } from '../../../gateway/testing/glass.ts';
import { CONFIG, createRig, held, policyOf, type Rig, SEAT } from '../../../gateway/testing/rig.ts';

export const GLASS = { by: ['group:dba'], notify: [], review: ['anyone'] } as const;
export const asks = (over: Partial<Requirement> = {}) => ({
  then: 'require' as const,
  requirement: {
    ...SEAT,
    seats: [{ by: 'group:security' as const, count: 1, proof: 'passkey' as const }],
    break_glass: GLASS,
    ...over,
  },
});
const TODAY = { wipe: asks(), two: asks({ uses: 2 }) };
const VERSION = '2b'.repeat(32);
export const policy = (wipe: Parameters<typeof policyOf>[0][string], version = VERSION) =>
  policyOf({ ...TODAY, wipe }, version);

export const changedConfig = (edit: (config: Config) => object): Config =>
  configSchema.parse({ ...CONFIG, ...edit(CONFIG) });

export const said = (outcome: BreakOutcome | ReviewOutcome): string =>
  outcome.kind === 'refused' ? outcome.why : outcome.kind;

export type Emergency = {
  readonly rig: Rig;
  readonly house: GlassHouse;
  readonly keys: ReadonlyMap<string, Authenticator>;
  /** Asks; the id of the request. */
  open(tool?: string): Promise<string>;
  breaker(request_id: string, reviewer?: string): Breaker;
  /** By Bob; the id of the glass. */
  broken(request_id: string): Promise<string>;
  /** As whoever holds the store and nothing else. */
  rewrite(sql: string, params?: readonly (string | number)[]): Promise<void>;
  nothingRan(tool?: string): Promise<void>;
};

export async function openEmergency(): Promise<Emergency> {
  const rig = await createRig(policy(TODAY.wipe));
  const house = openGlassHouse(rig);
  const keys = new Map<string, Authenticator>();
  for (const who of ['bob', 'carol', 'dan', 'alice']) keys.set(who, (await house.give(who)).authenticator);
  const breaker = (request_id: string, reviewer = 'bob'): Breaker => {
    const authenticator = keys.get(reviewer);
    assert.ok(authenticator);
    return { request_id, reviewer, authenticator };
  };
  return {
    rig,
    house,
    keys,
    open: async (tool = 'wipe') => held(await rig.call(tool)).id,
    breaker,
    async broken(request_id) {
      const outcome = await house.smash(breaker(request_id));
      assert.ok(outcome.kind === 'broken', JSON.stringify(outcome));
      return outcome.glass_id;
    },
    async rewrite(sql, params = []) {
      const step = { name: 'attack', sql, params, rows: 1 };
      assert.ok((await rig.store.commit({ name: 'attack', steps: [step], entries: [] })).ok);
    },
    async nothingRan(tool = 'wipe') {
      assert.notEqual((await rig.call(tool)).kind, 'permitted');
      assert.deepEqual(await rig.store.read({ sql: 'SELECT id FROM executions', params: [] }), []);
    },
  };
}
