/**
 * One gateway's inside on a folder, with the real log, store and enforcement, and callers who behave as agents and
 * people do: they ask again once when told that nothing can be decided now. What they see is written down outside.
 */
import path from 'node:path';
import type { JsonObject } from '@countersign/core';
import { type Audit, openAudit } from '../../gateway/src/audit/open.ts';
import { createClock } from '../../gateway/src/clock.ts';
import { createAdmit } from '../../gateway/src/enforce/admit.ts';
import { createSessions, type Sessions } from '../../gateway/src/identity/sessions.ts';
import type { Policy } from '../../gateway/src/policy/policy.ts';
import type { Permit, Verdict } from '../../gateway/src/protocols/protocol.ts';
import type { Answer, ReviewOutcome } from '../../gateway/src/requests/requests.ts';
import { type Store, StoreUnavailable } from '../../gateway/src/store/store.ts';
import { createRig, type Rig, SESSION_LIMITS } from '../../gateway/testing/rig.ts';
import type { Watched } from './faulty-store.ts';
import { type Outside, openOutside } from './outside.ts';
import { AGENT_KEY, PEOPLE, TODAY } from './story/house.ts';

export const ORIGIN = 'faults.example/log';

export type World = {
  readonly rig: Rig;
  readonly audit: Audit;
  readonly sessions: Sessions;
  readonly outside: Outside;
  readonly agent: ReturnType<ReturnType<typeof createAdmit>>;
  /** Calls, and calls once more if the gateway cannot decide. */
  call(tool: string, args?: JsonObject): Promise<Verdict>;
  /** Calls; runs what is permitted against the upstream, to its end. */
  act(tool: string, args?: JsonObject): Promise<Verdict>;
  run(permit: Permit, name: string): Promise<void>;
  review(request_id: string, reviewer: string, over?: Partial<Answer>): Promise<ReviewOutcome>;
  close(): Promise<void>;
};

export type WorldOptions = {
  readonly dir: string;
  readonly start: number;
  readonly watched: Watched;
  readonly policy?: Policy;
};

/** Does something once more after a failure, as a caller who was told `unavailable` does. */
export async function insist<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return await step();
  }
}

export async function openWorld({ dir, start, watched, policy = TODAY }: WorldOptions): Promise<World> {
  const time = { now: start };
  const now = (): number => time.now;
  const opened: { audit?: Audit } = {};
  const rig = await createRig(policy, {
    dir,
    time,
    config: PEOPLE,
    wrap: watched.wrap,
    sealer: async (store) => {
      const silent = { error: () => undefined };
      // As at a real start: a system clock that went back while nobody looked takes nothing back (A20).
      time.now = createClock(() => start, await lastCommitted(store))();
      opened.audit = await openAudit({ store, data_dir: dir, origin: ORIGIN, now, log: silent });
      return opened.audit.sealer;
    },
  });
  const { audit } = opened;
  if (audit === undefined) throw new TypeError('the rig did not ask for a sealer');
  const outside = openOutside(dir);
  const directory = () => rig.authority.current().directory;
  return {
    rig,
    audit,
    outside,
    sessions: createSessions({ ...rig.deps, directory, limits: SESSION_LIMITS }),
    agent: createAdmit(rig.deps, 'default')(AGENT_KEY),
    ...callers(rig, outside),
    async close() {
      // A sequencer that met a fault ends with what it has; the next start goes on from the store.
      await audit.close();
      await rig.close();
    },
  };
}

function callers(rig: Rig, outside: Outside): Pick<World, 'call' | 'act' | 'run' | 'review'> {
  const once = async (tool: string, args: JsonObject): Promise<Verdict> => {
    const verdict = await rig.call(tool, args);
    if (verdict.kind === 'permitted')
      outside.tell({ said: 'permitted', execution_id: verdict.permit.execution_id });
    const request = verdict.kind === 'held' ? verdict.held.request : undefined;
    const told = verdict.kind === 'refused' ? verdict.refusal.request : request;
    if (told !== undefined) outside.tell({ said: 'request', request_id: told.id, status: told.status });
    return verdict;
  };
  const call = async (tool: string, args: JsonObject = {}): Promise<Verdict> => {
    const first = await once(tool, args);
    return first.kind === 'refused' && first.refusal.reason === 'unavailable' ? once(tool, args) : first;
  };
  const run = async (permit: Permit, name: string): Promise<void> => {
    outside.reached({ hit: name, execution_id: permit.execution_id, approved: permit.held });
    await permit.finish({ status: 'succeeded', result: { body: `{"ran":"${permit.execution_id}"}` } });
    permit.delivered();
  };
  return {
    call,
    run,
    async act(tool, args = {}) {
      const verdict = await call(tool, args);
      if (verdict.kind === 'permitted') await run(verdict.permit, tool);
      return verdict;
    },
    async review(request_id, reviewer, over) {
      const outcome = await insist(() => rig.answer(request_id, reviewer, over));
      if (outcome.kind === 'recorded') {
        outside.tell({ said: 'reviewed', event_id: outcome.event_id, request_id, reviewer });
        outside.tell({ said: 'request', request_id, status: outcome.status });
      }
      return outcome;
    },
  };
}

async function lastCommitted(store: Store): Promise<number> {
  const [row] = await store.read({ sql: 'SELECT MAX(occurred_at) AS at FROM entries', params: [] });
  return Number(row?.['at'] ?? 0);
}

export const folderOfLog = (dir: string): string => path.join(dir, 'log');
