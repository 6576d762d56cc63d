/**
 * The switch that stops one agent: at once, by one person, with a reason on the record. While it is paused nothing of it is
 * permitted, under a raised epoch, so that not even what people approved a moment ago runs (I8); what it waits for is
 * withdrawn. To stop widens nobody's power, so whoever answers for the agent or reviews may do it alone. To resume it
 * does: whoever stopped it may, or an operator who does not answer for the agent (I4); and what somebody who answers for it
 * has stopped, somebody else may stop instead.
 */
import { type Directory, responsibleFor } from '@countersign/core';
import type { Changes, Pending } from '../authority/changes.ts';
import type { Pause } from '../authority/paused.ts';
import type { Deps } from '../deps.ts';
import { pauseId, payloadId } from '../ids.ts';
import { newSalt, type Payload, sealed, storePayload } from '../payloads.ts';
import { withdrawPaused } from '../requests/ending/withdraw.ts';
import type { ChangeOutcome } from '../requests/requests.ts';
import type { Step } from '../store/store.ts';

export type Pauses = {
  pause(agent: string, by: string, reason: string): Promise<PauseOutcome>;
  resume(agent: string, by: string): Promise<ChangeOutcome>;
};
type Refused = Extract<ChangeOutcome, { readonly kind: 'refused' }>;
export type PauseOutcome = { readonly kind: 'paused'; readonly withdrawn: number } | Refused;

export type PausesDeps = Deps & { readonly changes: Pick<Changes, 'applyBeside'> };

export function createPauses(deps: PausesDeps): Pauses {
  return {
    pause: (agent, by, reason) => pause(deps, { agent, by, reason }),
    resume: (agent, by) => resume(deps, agent, by),
  };
}

const no = (why: Refused['why'], message: string): Refused => ({ kind: 'refused', why, message });

/** Makes the change that `build` finds right when its turn comes; it says no by a refusal. */
async function change(deps: PausesDeps, build: () => Pending | Refused): Promise<Refused | undefined> {
  let refusal: Refused | undefined;
  const applied = await deps.changes.applyBeside(() => {
    const built = build();
    refusal = 'kind' in built ? built : undefined;
    return 'kind' in built ? undefined : built;
  });
  return refusal ?? (applied.ok ? undefined : no('wrong_state', applied.why));
}

type Asked = { readonly agent: string; readonly by: string; readonly reason: string };

async function pause(deps: PausesDeps, asked: Asked): Promise<PauseOutcome> {
  const refusal = await change(deps, () => pauseRefusal(deps, asked) ?? pausing(deps, asked));
  return refusal ?? { kind: 'paused', withdrawn: await withdrawPaused(deps) };
}

function pauseRefusal({ authority, now }: PausesDeps, { agent, by }: Asked): Refused | undefined {
  const { agents, directory, paused } = authority.current();
  const person = directory.person(by);
  if (agents.limitsOf(agent) === undefined)
    return no('unknown', `There is no agent “${agent}”; see: countersign agents list`);
  const may =
    person?.active === true &&
    (person.roles.includes('operator') ||
      person.roles.includes('reviewer') ||
      directory.ownerOf(agent) === by);
  if (!may) return no('not_allowed', 'Only an agent’s owner, reviewers and operators pause it.');
  const already = paused.get(agent);
  if (already === undefined) return undefined;
  // Whoever answers for it may resume what they paused: being first must not keep others from stopping it.
  const answering = answersFor(directory, agent, now());
  return answering.has(already.by) && !answering.has(by)
    ? undefined
    : no('wrong_state', `It is paused already, by ${already.by}; nothing of it runs.`);
}

/** The people who answer for this agent. */
function answersFor(directory: Directory, agent: string, now: number) {
  const owner = directory.ownerOf(agent) ?? null;
  const principal = { tenant: '', agent, owner, team: null, subject: { type: 'agent', id: agent } } as const;
  return responsibleFor(principal, directory, now);
}

function pausing({ authority, now }: PausesDeps, { agent, by, reason }: Asked): Pending {
  const at = now();
  const payload: Payload = { id: payloadId(at), kind: 'reason', salt: newSalt(), body: reason };
  const made: Pause = { id: pauseId(at), agent, by, at, reason_payload_id: payload.id };
  const { paused } = authority.current();
  const before = paused.get(agent);
  return {
    world: {},
    next: { paused: new Map([...paused, [agent, made]]) },
    steps: [
      ...(before === undefined ? [] : [endPause(before.id, at, by)]),
      storePayload(payload, at),
      {
        name: 'pause',
        sql: `INSERT INTO agent_pauses (id, agent, paused_at, paused_by, reason_payload_id, resumed_at, resumed_by)
              VALUES ($1, $2, $3, $4, $5, NULL, NULL) ON CONFLICT DO NOTHING`,
        params: [made.id, agent, at, by, payload.id],
        rows: 1,
      },
    ],
    record: {
      kind: 'system',
      task_id: `pause:${made.id}`,
      agent,
      by,
      predicate: {
        change: 'agent paused',
        pause: made.id,
        agent,
        reason: sealed(payload),
        ...(before === undefined ? {} : { instead_of: before.id }),
      },
    },
  };
}

const endPause = (id: string, at: number, by: string): Step => ({
  name: 'resume',
  sql: 'UPDATE agent_pauses SET resumed_at = $2, resumed_by = $3 WHERE id = $1 AND resumed_at IS NULL',
  params: [id, at, by],
  rows: 1,
});

async function resume(deps: PausesDeps, agent: string, by: string): Promise<ChangeOutcome> {
  const refusal = await change(deps, () => {
    const found = deps.authority.current().paused.get(agent);
    if (found === undefined) return no('unknown', `“${agent}” is not paused.`);
    return resumeRefusal(deps, found, by) ?? resuming(deps, found, by);
  });
  return refusal ?? { kind: 'done' };
}

function resumeRefusal({ authority, now }: PausesDeps, { agent, by: paused_by }: Pause, by: string) {
  const { directory } = authority.current();
  const person = directory.person(by);
  if (person?.active !== true) return no('not_allowed', 'Your account is not active.');
  if (by === paused_by) return undefined;
  if (!person.roles.includes('operator'))
    return no('not_allowed', `Only ${paused_by}, who paused it, or an operator resumes it.`);
  return answersFor(directory, agent, now()).has(by)
    ? no('not_allowed', 'You answer for this agent: whoever paused it, or another operator, resumes it.')
    : undefined;
}

function resuming({ authority, now }: PausesDeps, { id, agent }: Pause, by: string): Pending {
  const at = now();
  const others = [...authority.current().paused].filter(([each]) => each !== agent);
  return {
    world: {},
    next: { paused: new Map(others) },
    steps: [endPause(id, at, by)],
    record: {
      kind: 'system',
      task_id: `pause:${id}`,
      agent,
      by,
      predicate: { change: 'agent resumed', pause: id, agent },
    },
  };
}
